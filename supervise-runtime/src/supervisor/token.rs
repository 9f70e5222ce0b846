//! To and from the cancellation tokens of `tokio-util`.

use tokio_util::sync::CancellationToken;

use crate::supervisor::Supervisor;

/// A supervisor that shuts down when the token is cancelled.
///
/// The token is watched from the first [`spawn`](Supervisor::spawn) on, whether
/// or not anybody waits. A shutdown that has another cause does not cancel it.
///
/// # Examples
///
/// ```
/// use supervise::Supervisor;
/// use tokio_util::sync::CancellationToken;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), supervise::ShutdownError> {
/// let token = CancellationToken::new();
/// let supervisor = Supervisor::from(token.clone());
/// supervisor.spawn(std::future::pending::<()>());
/// token.cancel();
/// supervisor.wait().await
/// # }
/// ```
impl From<CancellationToken> for Supervisor {
    fn from(token: CancellationToken) -> Self {
        let supervisor = Self::new();
        supervisor.0.group.heed(token);
        supervisor
    }
}

impl Supervisor {
    /// A token that is cancelled when the shutdown is requested: for what is not
    /// spawned here and stops by a token. To cancel it stops nothing here.
    ///
    /// A worker that is spawned here and stops by a token takes it from
    /// [`shutdown_token`](crate::shutdown_token), which is asking for the grace
    /// period.
    ///
    /// # Examples
    ///
    /// ```
    /// let supervisor = supervise::Supervisor::new();
    /// let token = supervisor.token();
    /// assert!(!token.is_cancelled());
    /// supervisor.shutdown();
    /// assert!(token.is_cancelled());
    /// ```
    #[must_use]
    pub fn token(&self) -> CancellationToken {
        self.0.group.token().child_token()
    }
}

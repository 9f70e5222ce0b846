//! The token that a supervisor was made from.

use std::sync::Weak;

use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;

use crate::shutdown::group::Group;

/// A token, and then the task that waits for it: gone with the group.
pub(crate) struct Watch {
    token: Option<CancellationToken>,
    task: Option<AbortHandle>,
}

impl Watch {
    pub(crate) fn new(token: CancellationToken) -> Self {
        Self {
            token: Some(token),
            task: None,
        }
    }

    /// The token, for whoever is to watch it.
    pub(crate) fn take(&mut self) -> Option<CancellationToken> {
        self.token.take()
    }

    pub(crate) fn set(&mut self, task: AbortHandle) {
        self.task = Some(task);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

pub(crate) fn spawn(token: CancellationToken, group: Weak<Group>) -> AbortHandle {
    let watch = async move {
        token.cancelled().await;
        if let Some(group) = group.upgrade() {
            group.request("its token was cancelled");
        }
    };
    #[expect(clippy::disallowed_methods, reason = "no code of a user's is in it")]
    let task = tokio::spawn(watch);
    task.abort_handle()
}

//! The span of the present run, which is entered as seldom as can be: each time takes
//! a subscriber some 200 instructions.

use tracing::Span;
use tracing::span::Entered;

use crate::call::Call;
use crate::contain::{Payload, discard, enter, enter_at_once, leave};
use crate::log;

/// That of a run which has none.
static NONE: Span = Span::none();

#[inline]
pub(super) fn of(span: Option<&Span>) -> &Span {
    span.unwrap_or(&NONE)
}

impl Call {
    #[inline]
    pub(super) fn span(&self) -> &Span {
        of(self.span.as_ref())
    }

    #[inline]
    pub(crate) fn has_span(&self) -> bool {
        !self.span().is_disabled()
    }

    #[inline]
    pub(super) fn close_span(&mut self) {
        if let Some(span) = &mut self.span {
            log::close(span);
        }
    }

    /// From here on a poll has more to see to.
    #[inline]
    pub(super) fn is_not_plain(&mut self) {
        self.span.get_or_insert(Span::none());
    }

    #[inline]
    pub(crate) fn enter_span_at_once(&self) -> Result<Entered<'_>, Payload> {
        enter_at_once(self.span())
    }

    /// Calls `f`, which does several things in the span of the run: it is entered once
    /// for all of them, and the call has none meanwhile. If the subscriber panics over
    /// that, they are outside of it.
    ///
    /// The end of a critical worker is also that of others, which are not in its span.
    #[inline]
    pub(crate) fn once_in_span<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        let mut span = Span::none();
        if self.has_span() && !self.entry.critical {
            span = self.span.replace(Span::none()).unwrap_or(span);
        }
        let entered = enter(&span).unwrap_or_else(|payload| {
            discard(payload);
            None
        });
        let value = f(self);
        leave(entered);
        if !span.is_disabled() {
            self.span = Some(span);
        }
        value
    }
}

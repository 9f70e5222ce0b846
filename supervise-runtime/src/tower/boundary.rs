//! The boundary around a service: what is inside is contained, counted and told
//! under the layer's name.

use std::panic::Location;

use super::request::Head;
use crate::capture::{self, Here, Panicked};
use crate::contain::{self, contain};
use crate::failure::Failure;
use crate::log::{self, Outside};
use crate::name;
use crate::registry::{self, Entry};

/// What a layer is, and what is made by it.
#[derive(Clone, Copy)]
pub(super) struct Boundary {
    entry: &'static Entry,
    pub(super) exposes_message: bool,
}

/// A panic that did not get past the boundary.
pub(super) struct Caught {
    panicked: Panicked,
    /// By a worker inside, which has let it go on.
    is_told: bool,
}

impl Boundary {
    pub(super) fn new(name: &'static str, location: &'static Location<'static>) -> Self {
        #[cfg(panic = "abort")]
        log::aborts_on_panic();
        #[cfg(feature = "prometheus")]
        crate::views::metrics::register_default();
        capture::install_hook();
        Self {
            entry: registry::enter_requests(name::given(name), location),
            exposes_message: false,
        }
    }

    pub(super) fn name(self) -> &'static str {
        self.entry.name
    }

    /// Calls `f`, part of a request, which goes on in the run around it if there is
    /// one.
    #[inline]
    pub(super) fn inside<T>(self, f: impl FnOnce() -> T) -> Result<T, Caught> {
        capture::nothing_is_told();
        self.watched(f)
    }

    #[inline]
    fn watched<T>(self, f: impl FnOnce() -> T) -> Result<T, Caught> {
        let run = capture::here().filter(|here| here.is_in_run());
        let result = if let Some(run) = run {
            // It is watched, and forgets in the end what was caught in it.
            contain(f).map_err(|payload| Panicked::of(payload, run))
        } else {
            let frame = 0_u8;
            let here = Here {
                places: &self.entry.places,
                run: std::ptr::from_ref(&frame).addr(),
            };
            capture::seen(here, capture::watched(here, || contain(f)))
        };
        result.map_err(Caught::new)
    }

    /// Counts and tells a panic, which is what becomes of the request.
    #[cold]
    pub(super) fn panicked(self, head: Option<&Head>, caught: Caught) -> Failure {
        let Caught { panicked, is_told } = caught;
        let stack = if is_told {
            None
        } else {
            let (message, place) = (panicked.message(), panicked.place());
            self.entry.request_panicked(message, place);
            self.tell(Outside::Request, head, &panicked)
        };
        let failure = Failure::of_panic(&panicked, self.entry.name, stack);
        capture::let_go(panicked.captured);
        let mut payload = Some(panicked.payload);
        self.clean_up(head, &mut || payload = None);
        failure
    }

    /// Calls `f`, which gets rid of something; what becomes of the request is
    /// decided.
    ///
    /// One piece of code for all services.
    pub(super) fn clean_up(self, head: Option<&Head>, f: &mut dyn FnMut()) {
        if let Err(Caught { panicked, .. }) = self.watched(f) {
            self.entry.panicked();
            self.tell(Outside::RequestCleanUp, head, &panicked);
            capture::let_go(panicked.captured);
            contain::discard(panicked.payload);
        }
    }

    /// The stack that was told, if it was.
    fn tell(self, what: Outside, head: Option<&Head>, panicked: &Panicked) -> Option<String> {
        let (captured, stack) = (panicked.captured.as_ref(), panicked.stack());
        log::nobodys_panicked(
            what,
            self.entry.name,
            head.map(|head| (head.method(), head.path())),
            captured,
            stack.as_deref(),
            panicked.message(),
        );
        stack
    }
}

impl Caught {
    #[cold]
    fn new(panicked: Panicked) -> Self {
        // At once: the next panic on this thread makes one forget it.
        let is_told = capture::is_told(&panicked.payload);
        Self { panicked, is_told }
    }
}

//! A worker: its name, its policy, and the way to its numbers.

use std::panic::Location;
use std::sync::{Mutex, PoisonError};

use crate::call::Call;
use crate::policy::Policy;
use crate::registry::{self, Entry};
use crate::{capture, log};

/// What an annotated function is known as.
pub enum Name {
    /// As the attribute says.
    Given(&'static str),
    /// `module::function`.
    Function {
        /// The full path of the module.
        module: &'static str,
        /// The name of the function.
        function: &'static str,
    },
    /// `Type::method`.
    Method(&'static str),
}

/// One annotated function, in a `static` beside it.
pub struct Worker {
    name: Name,
    policy: Policy,
    location: &'static Location<'static>,
    /// By the type that the method was called on: a default body in a trait,
    /// or a method of a generic type, is one static for many workers.
    entries: Mutex<Vec<(&'static str, &'static Entry)>>,
}

impl Worker {
    /// The worker defined at the caller's place.
    #[track_caller]
    #[must_use]
    pub const fn new(name: Name, policy: Policy) -> Self {
        Self {
            name,
            policy,
            location: Location::caller(),
            entries: Mutex::new(Vec::new()),
        }
    }

    /// Begins a call of this worker; `of` is the type that has the method.
    pub fn call(&'static self, of: &'static str) -> Call {
        capture::install_hook();
        #[cfg(panic = "abort")]
        log::aborts_on_panic();
        #[cfg(feature = "prometheus")]
        crate::views::metrics::register_default();
        Call::new(self.entry(of), &self.policy)
    }

    fn entry(&self, of: &'static str) -> &'static Entry {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, entry)) = entries.iter().find(|(known, _)| *known == of) {
            return entry;
        }
        let entry = registry::enter(self.name.label(of), self.location, self.policy.restarts());
        entries.push((of, entry));
        drop(entries);
        if entry.is_first_namesake(self.location) {
            log::two_of_one_name(entry.name, entry.location, self.location);
        }
        entry
    }
}

impl Name {
    /// The name as a label, made once for each worker of the process.
    fn label(&self, of: &str) -> &'static str {
        match *self {
            Self::Given(name) => name,
            Self::Function { module, function } => {
                let module = module.rsplit("::").next().unwrap_or(module);
                String::leak(format!("{module}::{function}"))
            }
            Self::Method(method) => String::leak(format!("{}::{method}", shortened(of))),
        }
    }
}

/// A type's name without the paths: `cache::Cache<alloc::string::String>` is
/// `Cache<String>`.
fn shortened(type_name: &str) -> String {
    let mut short = String::new();
    let mut segment = 0;
    for part in type_name.split_inclusive("::") {
        short.truncate(segment);
        for c in part.chars() {
            short.push(c);
            if !(c.is_alphanumeric() || c == '_' || c == ':') {
                segment = short.len();
            }
        }
    }
    short
}

#[cfg(test)]
mod tests {
    use super::{Name, shortened};

    #[test]
    fn a_type_is_named_without_paths_and_with_its_arguments() {
        for (long, short) in [
            ("u8", "u8"),
            ("shop::cache::Cache", "Cache"),
            ("shop::Cache<alloc::string::String>", "Cache<String>"),
            ("a::B<c::D<e::F>, &g::H, [i::J; 4]>", "B<D<F>, &H, [J; 4]>"),
            (
                "alloc::boxed::Box<dyn a::B + core::marker::Send>",
                "Box<dyn B + Send>",
            ),
        ] {
            assert_eq!(shortened(long), short);
        }
    }

    #[test]
    fn a_function_is_named_after_its_last_module() {
        let name = |module| {
            Name::Function {
                module,
                function: "run",
            }
            .label("")
        };
        assert_eq!(name("shop::jobs::cleanup"), "cleanup::run");
        assert_eq!(name("shop"), "shop::run");
    }
}

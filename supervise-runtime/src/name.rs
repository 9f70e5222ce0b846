//! What a worker is known as.

use std::any::type_name;

/// What a worker is known as.
#[derive(Debug)]
pub enum Name {
    /// As it was given.
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

/// The name of a task that is no worker: the function that its future came
/// from. Not where it was spawned: a label must not change with each edit.
pub(crate) fn of_future<F>() -> String {
    let full = type_name::<F>();
    let function = full.trim_end_matches("::{{closure}}");
    if function.ends_with('>') || function.contains("::{{closure}}") {
        // A future of a library, or a generic function.
        return shortened(&full.replace("::{{closure}}", ""));
    }
    let mut last = function.rsplitn(3, "::");
    match (last.next(), last.next()) {
        (Some(function), Some(module)) => format!("{module}::{function}"),
        _ => function.to_owned(),
    }
}

impl Name {
    /// The name as a label, made once for each worker of the process.
    pub(crate) fn label(&self, of: &str) -> &'static str {
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

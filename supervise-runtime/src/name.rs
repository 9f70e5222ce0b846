//! What a worker is known as.

use std::any::type_name;
use std::borrow::Cow;

use crate::excerpt;

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
    cut(match function_in(full) {
        Some(function) => with_its_module(function),
        // A type of its own, and not what an `async` made.
        None => shortened(full),
    })
}

/// The name of a closure that is no worker: the function that it is in, or is.
pub(crate) fn of_call<F>() -> String {
    // What is neither a closure nor a function has a size.
    if size_of::<F>() > 0 {
        of_future::<F>()
    } else {
        cut(with_its_module(type_name::<F>()))
    }
}

/// The name that somebody gave.
pub(crate) fn given(name: &'static str) -> &'static str {
    match excerpt::of(name) {
        Cow::Borrowed(name) => name,
        Cow::Owned(cut) => cut.leak(),
    }
}

/// A name is in each line and in each label: it is never longer than a message.
fn cut(name: String) -> String {
    if let Cow::Owned(cut) = excerpt::of(&name) {
        return cut;
    }
    name
}

const CLOSURE: &str = "{{closure}}";

/// The function in which the first closure is that this type is, or is made of:
/// `a::b::{{closure}}` in `core::pin::Pin<alloc::boxed::Box<a::b::{{closure}}>>`.
/// What an `async` makes has such a name, too.
fn function_in(type_name: &str) -> Option<&str> {
    if split(type_name, "::").contains(&CLOSURE) {
        return Some(type_name);
    }
    let (_, arguments) = type_name.split_once('<')?;
    let (arguments, _) = arguments.rsplit_once('>')?;
    split(arguments, ", ").into_iter().find_map(function_in)
}

fn with_its_module(function: &str) -> String {
    let mut names = split(function, "::");
    names.retain(|name| *name != CLOSURE);
    let keep = names.split_off(names.len().saturating_sub(2));
    let keep: Vec<_> = keep.into_iter().map(shortened).collect();
    keep.join("::").replace("::{{closure}}", "")
}

/// The parts of a path, or of a list; `a::B<c::D>::e` has three.
fn split<'a>(text: &'a str, separator: &str) -> Vec<&'a str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (at, c) in text.char_indices() {
        match c {
            '<' => depth += 1,
            // Not the one of an arrow.
            '>' if !text[..at].ends_with('-') => depth = depth.saturating_sub(1),
            _ if depth == 0 && text[at..].starts_with(separator) => {
                parts.push(&text[start..at]);
                start = at + separator.len();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

impl Name {
    /// The name as a label, made once for each worker of the process.
    pub(crate) fn label(&self, of: &str) -> &'static str {
        match *self {
            Self::Given(name) => given(name),
            Self::Function { module, function } => {
                let module = module.rsplit("::").next().unwrap_or(module);
                cut(format!("{module}::{function}")).leak()
            }
            Self::Method(method) => cut(format!("{}::{method}", shortened(of))).leak(),
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
    use std::future::{Future, ready};
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use super::{Name, of_future, shortened};

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

    struct Service<T>(T);

    impl<T> Service<T> {
        async fn run(&self) {
            ready(()).await;
        }
    }

    trait Starts {
        fn start(&self) -> impl Future;
    }

    impl Starts for Service<String> {
        fn start(&self) -> impl Future {
            async {}
        }
    }

    async fn of<T>(_: T) {
        ready(()).await;
    }

    fn name<F: Future>(_: &F) -> String {
        of_future::<F>()
    }

    #[test]
    fn a_future_is_named_after_the_function_it_came_from() {
        let service = Service(String::new());
        assert_eq!(name(&service.run()), "Service<String>::run");
        assert_eq!(name(&service.start()), "<Service<String> as Starts>::start");
        assert_eq!(name(&of(1_u8)), "tests::of<u8>");
        assert_eq!(
            name(&of::<fn(u8) -> String>(|_| String::new())),
            "tests::of<fn(u8) -> String>"
        );
        let test = "tests::a_future_is_named_after_the_function_it_came_from";
        assert_eq!(name(&async { of(1).await }), test);
        let boxed: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(async {});
        assert_eq!(name(&boxed), "Pin<Box<dyn Future<Output = ()> + Send>>");
        assert_eq!(name(&ready(1_u8)), "Ready<u8>");
    }

    #[test]
    fn what_is_around_a_future_does_not_hide_the_function_it_came_from() {
        assert_eq!(name(&Box::pin(of(1_u8))), "tests::of<u8>");
        let service = Service(String::new());
        let boxed = Box::pin(around(service.run()));
        assert_eq!(name(&boxed), "Service<String>::run");
    }

    /// A future around another, and around a closure.
    fn around<F: Future>(future: F) -> impl Future {
        struct Around<F, G>(F, G);
        impl<F: Future, G> Future for Around<F, G> {
            type Output = ();

            fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
                let _ = (&self.0, &self.1);
                Poll::Ready(())
            }
        }
        Around(future, || ())
    }
}

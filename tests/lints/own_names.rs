//! A crate whose own items, macros, locals, arguments and type parameters have
//! the names that an expansion might use.

#![no_implicit_prelude]
#![allow(non_camel_case_types, non_upper_case_globals)]
#![allow(
    dead_code,
    unused_imports,
    unused_macros,
    clippy::all,
    clippy::pedantic
)]
#![deny(warnings)]

use ::supervise::supervised;

// Before everything else, as a crate would.
mod core {}
mod std {}
mod alloc {}
mod tokio {}
mod tracing {}

struct Ok;
struct Err;
struct Some;
struct None;
enum Option {}
enum Result {}
struct String;
struct Vec;
struct Box;
struct Worker;
struct Policy;
struct Probe;
struct Name;
struct Duration;
struct Break;
struct Continue;
struct ControlFlow;
trait Future {}
trait Send {}
trait Sync {}
trait Sized {}
trait Clone {}
trait Copy {}
trait Drop {}
trait From {}
trait Into {}
trait Fn {}
trait FnOnce {}
trait Output {}
trait PerRun {}

const WORKER: u8 = 1;
static META: u8 = 2;

fn drop() -> u8 {
    3
}
fn call() -> u8 {
    4
}
fn body() -> u8 {
    5
}
fn copy() -> u8 {
    6
}
fn typed() -> u8 {
    7
}
fn own() -> u8 {
    8
}
fn never_again() -> u8 {
    9
}
fn never() -> u8 {
    10
}

macro_rules! panic {
    () => {
        11
    };
}
macro_rules! unreachable {
    () => {
        12
    };
}
macro_rules! matches {
    () => {
        13
    };
}
macro_rules! module_path {
    () => {
        14
    };
}
macro_rules! worker {
    () => {
        15
    };
}

#[supervised]
async fn items() -> u8 {
    let sum = drop() + call() + body() + copy() + typed() + own() + never_again() + never();
    let (_, _, _, _) = (Ok, Err, Some, None);
    sum + WORKER + META
}

#[supervised]
async fn macros() -> u8 {
    panic!() + unreachable!() + matches!() + module_path!() + worker!()
}

#[supervised(restart = true)]
async fn arguments(call: u8, body: u8, copy: u8, copies: u8, probe: u8, value: u8) -> u8 {
    call + body + copy + copies + probe + value
}

#[supervised]
async fn other_arguments(stillborn: u8, never: u8, run: u8, __self: u8, __arg0: u8) -> u8 {
    stillborn + never + run + __self + __arg0
}

#[supervised(restart = true)]
async fn patterns((call, body): (u8, u8), [copy, copies]: [u8; 2], __arg0: u8) -> u8 {
    call + body + copy + copies + __arg0
}

#[supervised(restart = true)]
async fn changed(mut call: u8, mut value: u8, copies: &mut u8, body: &u8) -> u8 {
    call += 1;
    value += 1;
    *copies += 1;
    call + value + *copies + *body
}

#[supervised(restart = true)]
async fn locals(number: u8) -> u8 {
    let call = number;
    let body = call;
    let copy = body;
    let copies = copy;
    let probe = copies;
    let value = probe;
    let stillborn = value;
    let never = stillborn;
    let __supervise = never;
    __supervise
}

#[supervised]
async fn type_parameters<F: ::core::marker::Copy, T: ::core::clone::Clone, E, const N: usize>(
    f: F,
    t: T,
    _items: &[E; N],
) -> (F, T) {
    let _: (fn(E) -> T, fn(T) -> E) = (|_| ::core::panic!(), |_| ::core::panic!());
    (f, t)
}

#[supervised]
async fn outputs(fails: bool) -> ::core::result::Result<u8, ::std::io::Error> {
    if fails {
        return ::core::result::Result::Err(::std::io::Error::other("failed"));
    }
    ::core::result::Result::Ok(1)
}

#[supervised]
async fn items_inside() -> u8 {
    static WORKER: u8 = 1;
    mod __private {
        pub fn typed() -> u8 {
            2
        }
    }
    use __private as supervise;
    supervise::typed() + WORKER
}

#[supervised]
async fn labels(number: u8) -> u8 {
    'run: loop {
        loop {
            if number == 1 {
                break 'run number;
            }
            break 'run 0;
        }
    }
}

mod own_methods {
    use ::supervise::supervised;

    /// Methods for all types, by reference: an inherent method comes first.
    pub trait Everything {
        fn call(&self) -> u8 {
            1
        }
        fn prepare(&mut self) -> u8 {
            2
        }
        fn attempt(&mut self) -> u8 {
            3
        }
        fn per_run(&self) -> u8 {
            4
        }
        fn restart(&self) -> u8 {
            5
        }
        fn of(&self) -> u8 {
            6
        }
    }

    impl<T> Everything for T {}

    #[derive(Clone, Default)]
    pub struct Counter(u8);

    impl Counter {
        #[supervised(restart = true)]
        pub async fn sum(mut self, mut by: u8) -> u8 {
            self.0 = by.call() + by.prepare() + by.attempt();
            self.0 + self.per_run() + self.restart() + self.of()
        }

        fn judge(&self) -> u8 {
            self.0 + 1
        }

        fn ending(&self) -> u8 {
            self.0 + 2
        }

        #[supervised]
        pub async fn own(&self) -> u8 {
            self.judge() + self.ending()
        }
    }
}

mod methods_by_value {
    use ::supervise::supervised;

    /// Methods for all types, by value: they come before inherent ones that
    /// borrow.
    pub trait Everything: ::core::marker::Sized {
        fn call(self) {}
        fn attempt(self) {}
        fn prepare(self) {}
        fn per_run(self) {}
    }

    impl<T> Everything for T {}

    #[supervised(restart = true)]
    pub async fn number(number: u8) -> u8 {
        number.call();
        number
    }
}

mod methods_of_probes {
    use ::supervise::supervised;

    /// Methods for all types, by reference: they come before an autoref.
    pub trait Everything {
        fn judge(&self) {}
        fn ending(&self) {}
        fn hold(&self) {}
    }

    impl<T> Everything for T {}

    #[supervised]
    pub async fn number(number: u8) -> ::core::result::Result<u8, ::std::io::Error> {
        number.judge();
        ::core::result::Result::Ok(number)
    }
}

mod constants {
    use ::supervise::supervised;

    // A pattern means these, if there are any.
    const call: u8 = 1;
    const copies: u8 = 2;
    static body: u8 = 3;
    struct value;
    struct judge;

    #[supervised(restart = true)]
    pub async fn number(number: u8) -> u8 {
        let (_, _) = (value, judge);
        number + call + copies + body
    }
}

/// The output of a worker that never waits.
fn output<F: ::core::future::Future>(worker: F) -> F::Output {
    let mut worker = ::core::pin::pin!(worker);
    let mut context = ::core::task::Context::from_waker(::core::task::Waker::noop());
    match ::core::future::Future::poll(worker.as_mut(), &mut context) {
        ::core::task::Poll::Ready(output) => output,
        ::core::task::Poll::Pending => ::core::panic!("it waits"),
    }
}

/// Every worker, run as its callers would.
pub fn main() {
    use ::core::default::Default;
    use ::core::{assert, assert_eq};

    assert_eq!(output(items()), 55);
    assert_eq!(output(macros()), 65);
    assert_eq!(output(arguments(1, 2, 3, 4, 5, 6)), 21);
    assert_eq!(output(other_arguments(1, 2, 3, 4, 5)), 15);
    assert_eq!(output(patterns((1, 2), [3, 4], 5)), 15);
    assert_eq!(output(changed(1, 2, &mut 3, &4)), 13);
    assert_eq!(output(locals(7)), 7);
    assert_eq!(output(type_parameters(1, 'a', &[0.5; 3])), (1, 'a'));
    assert!(::core::matches!(
        output(outputs(false)),
        ::core::result::Result::Ok(1)
    ));
    assert_eq!(output(items_inside()), 3);
    assert_eq!(output(labels(1)), 1);
    assert_eq!(output(own_methods::Counter::default().sum(1)), 21);
    assert_eq!(output(own_methods::Counter::default().own()), 3);
    assert_eq!(output(methods_by_value::number(1)), 1);
    assert!(output(methods_of_probes::number(1)).is_ok());
    assert_eq!(output(constants::number(1)), 7);
}

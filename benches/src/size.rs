//! How large the futures are. Nothing runs: a size is known beforehand.

use std::future::pending;
use std::hint::black_box;

use supervise::supervised;

use crate::Fallible;
use crate::handwritten::{at_once, supervise};
use crate::job::number;
use crate::measure::Budget::OverBare;
use crate::table::Row;

/// What the attribute may add to the plain `async fn`.
const OVERHEAD: f64 = 128.0;
/// The one more copy of its arguments that it may hold: the originals.
const ARGUMENT: f64 = 256.0;

async fn empty() -> Fallible {
    pending().await
}

#[supervised(name = "empty", restart = true, backoff = "0s")]
async fn empty_with_attribute() -> Fallible {
    pending().await
}

async fn kibibyte() -> Fallible {
    let buffer = black_box([0_u8; 1024]);
    pending::<()>().await;
    black_box(&buffer);
    Ok(())
}

#[supervised(name = "kibibyte", restart = true, backoff = "0s")]
async fn kibibyte_with_attribute() -> Fallible {
    let buffer = black_box([0_u8; 1024]);
    pending::<()>().await;
    black_box(&buffer);
    Ok(())
}

async fn argument(argument: [u8; 256]) -> Fallible {
    pending::<()>().await;
    black_box(&argument);
    Ok(())
}

#[supervised(name = "argument", restart = true, backoff = "0s")]
async fn argument_with_attribute(argument: [u8; 256]) -> Fallible {
    pending::<()>().await;
    black_box(&argument);
    Ok(())
}

struct Object(u64);

impl Object {
    async fn method(&mut self) -> Fallible {
        self.0 += 1;
        pending().await
    }

    #[supervised(name = "method", restart = true, backoff = "0s")]
    async fn method_with_attribute(&mut self) -> Fallible {
        self.0 += 1;
        pending().await
    }
}

pub fn rows() -> [Row; 4] {
    let given = [0; 256];
    let mut object = Object(0);
    let method = size_of_val(&object.method());
    let method_with_attribute = size_of_val(&object.method_with_attribute());
    [
        row(
            "body of 0 bytes",
            OVERHEAD,
            size_of_val(&empty()),
            Some(size_of_val(&by_hand(empty))),
            size_of_val(&empty_with_attribute()),
        ),
        row(
            "body of 1 KiB",
            OVERHEAD,
            size_of_val(&kibibyte()),
            Some(size_of_val(&by_hand(kibibyte))),
            size_of_val(&kibibyte_with_attribute()),
        ),
        row(
            "argument of 256 bytes",
            OVERHEAD + ARGUMENT,
            size_of_val(&argument(given)),
            Some(size_of_val(&by_hand(move || argument(given)))),
            size_of_val(&argument_with_attribute(given)),
        ),
        row(
            "&mut self method",
            OVERHEAD,
            method,
            // By hand that takes a loop around the body: no closure can lend it.
            None,
            method_with_attribute,
        ),
    ]
}

fn by_hand<F: Future<Output = Fallible>>(worker: impl Fn() -> F) -> impl Future {
    supervise("sized", at_once, worker)
}

fn row(
    what: &str,
    budget: f64,
    plain: usize,
    by_hand: Option<usize>,
    with_attribute: usize,
) -> Row {
    Row {
        what: format!("future, {what}: bytes"),
        values: [Some(plain), by_hand, Some(with_attribute)].map(|size| size.map(number)),
        budget: Some(OverBare(budget)),
    }
}

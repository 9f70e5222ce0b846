//! Outputs, used and unused, and code that is never reached.

use std::convert::Infallible;
use std::fmt::Display;
use std::future::{Future, pending, ready};
use std::io;

use supervise::supervised;

#[must_use = "a ticket is to be shown"]
pub struct Ticket(pub u8);

#[derive(Debug)]
pub struct LargeError(pub [u8; 512]);

impl Display for LargeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("large")
    }
}

// Never used.

#[supervised]
pub async fn ticket() -> Ticket {
    Ticket(ready(1).await)
}

#[must_use]
#[supervised]
pub async fn must_use_above() -> u8 {
    ready(1).await
}

#[supervised]
#[must_use = "for a reason"]
pub async fn must_use_below() -> u8 {
    ready(1).await
}

#[supervised]
#[must_use]
pub async fn must_use_unit() {
    ready(()).await;
}

#[supervised]
#[must_use]
pub async fn must_use_twice() -> Ticket {
    Ticket(ready(1).await)
}

#[supervised]
pub async fn result() -> Result<u8, io::Error> {
    Ok(ready(1).await)
}

#[supervised]
pub async fn futures_dropped() {
    ticket();
    result();
    must_use_above();
    must_use_below();
    must_use_unit();
    let _ = ticket();
    let _unused = ticket();
    let unused = ticket();
}

#[supervised]
pub async fn outputs_dropped() {
    ticket().await;
    result().await;
    must_use_above().await;
    must_use_below().await;
    let _ = ticket().await;
    let _ = result().await;
    result().await.ok();
    ready(1).await;
}

#[supervised]
pub async fn results_dropped_in_the_body(text: &str) {
    text.parse::<u8>();
    text.len();
    text.to_owned();
    1 + 1;
    vec![1].iter().map(|n| n + 1);
    ready(1);
    async {};
}

#[supervised]
pub async fn locals_unused(text: &str) {
    let length = text.len();
    let mut copy = text.to_owned();
    let mut assigned = 1;
    assigned = 2;
    let (first, second) = (1, 2);
    use std::collections::HashMap;
    fn inner() {}
    const INNER: u8 = 1;
    struct Inner;
    ready(()).await;
}

#[supervised]
pub async fn needless_in_the_body(text: &str) -> usize {
    let mut length = text.len();
    let value = (length);
    if (value > 1) {
        return { value };
    }
    unsafe {}
    'unused: loop {
        break;
    }
    ready(value).await
}

// Never reached.

#[supervised]
pub async fn after_return() {
    return;
    println!("never");
}

#[supervised]
pub async fn after_return_of_a_value(number: u8) -> u8 {
    return number;
    ready(number).await
}

#[supervised]
pub async fn after_panic() {
    panic!("always");
    ready(()).await;
}

#[supervised]
pub async fn after_todo() -> u8 {
    todo!();
    ready(1).await
}

#[supervised]
pub async fn after_loop() -> u8 {
    loop {
        ready(()).await;
    }
    1
}

#[supervised]
pub async fn after_match(number: u8) -> u8 {
    match number {
        0 => return 1,
        _ => panic!("not 0"),
    }
    ready(1).await
}

#[supervised]
pub async fn after_exit() {
    std::process::exit(1);
    ready(()).await;
}

#[supervised]
pub async fn after_never() {
    never().await;
    ready(()).await;
}

#[supervised]
pub async fn argument_of_a_call_that_is_never_made() -> u8 {
    u8::from_str_radix("1", return 1).unwrap_or_default()
}

#[supervised]
pub async fn arm_never_reached(number: u8) -> u8 {
    match number {
        _ => ready(1).await,
        0 => 2,
    }
}

#[supervised]
pub async fn only_panics() {
    panic!("always")
}

#[supervised]
pub async fn only_panics_with_a_value() -> Result<u8, io::Error> {
    unimplemented!()
}

// Never returned from.

#[supervised]
pub async fn never() -> ! {
    loop {
        ready(()).await;
    }
}

#[supervised]
pub async fn never_pending() -> ! {
    pending().await
}

#[supervised]
pub async fn never_by_panic() -> ! {
    panic!("always")
}

#[supervised]
pub async fn after_return_in_never() -> ! {
    loop {
        ready(()).await;
        continue;
        println!("never");
    }
}

#[supervised]
pub async fn infallible() -> Result<Infallible, io::Error> {
    loop {
        ready(()).await;
    }
}

#[supervised]
pub async fn never_calls_never() -> ! {
    never().await
}

#[supervised]
pub async fn spins() -> ! {
    loop {}
}

#[supervised]
pub async fn spins_in_unit() {
    loop {}
}

// Other outputs.

#[supervised]
pub async fn opaque() -> impl Display {
    ready(1).await
}

#[supervised]
pub async fn nested_opaque() -> Option<impl Display> {
    Some(ready(1).await)
}

#[supervised]
pub async fn opaque_from_an_argument(text: String) -> impl Display {
    ready(text).await
}

#[supervised]
pub async fn opaque_with_an_exclusive_argument(out: &mut String) -> impl Display {
    out.push('!');
    ready(out.len()).await
}

#[supervised]
pub async fn opaque_in_a_result(text: &str) -> Result<impl Display, std::num::ParseIntError> {
    let number: u8 = text.parse()?;
    Ok(ready(number).await)
}

#[supervised]
pub async fn boxed(flag: bool) -> Box<dyn Display> {
    if flag {
        return Box::new(1);
    }
    Box::new(ready("text").await)
}

#[supervised]
pub async fn unit() -> () {
    ready(()).await
}

#[supervised]
pub async fn returns_unit() {
    return ready(()).await;
}

#[supervised]
pub async fn needless_return(number: u8) -> u8 {
    ready(()).await;
    return number;
}

#[supervised]
pub async fn needless_return_of_unit() {
    ready(()).await;
    return;
}

#[supervised]
pub async fn let_and_return(number: u8) -> u8 {
    let value = ready(number).await;
    value
}

#[supervised]
pub async fn let_unit() {
    let value = ready(()).await;
    let other: () = value;
}

#[supervised]
pub async fn wrapped_for_nothing() -> Result<u8, io::Error> {
    ready(()).await;
    Ok(1)
}

#[supervised]
pub async fn wrapped_unit_for_nothing() -> Option<()> {
    ready(()).await;
    Some(())
}

#[supervised]
pub async fn large_error() -> Result<u8, LargeError> {
    ready(Err(LargeError([1; 512]))).await
}

#[supervised]
pub async fn unit_error() -> Result<u8, ()> {
    ready(Err(())).await
}

#[supervised]
pub async fn needless_question_mark(text: &str) -> Result<u8, std::num::ParseIntError> {
    ready(()).await;
    Ok(text.parse::<u8>()?)
}

#[supervised]
pub async fn unwraps(text: &str) -> u8 {
    ready(()).await;
    text.parse().unwrap()
}

#[supervised]
pub async fn expects(text: &str) -> u8 {
    ready(()).await;
    text.parse().expect("a number")
}

#[supervised]
pub async fn asserts(number: u8) {
    ready(()).await;
    assert!(number > 1);
    assert_eq!(number, 2, "two");
}

#[supervised]
pub async fn future_of_a_future() -> impl Future<Output = u8> {
    ready(1)
}

#[supervised]
pub async fn async_in_async() -> u8 {
    async { ready(1).await }.await
}

#[supervised]
pub async fn yields_async() -> impl Future<Output = u8> {
    async { 1 }
}

#[supervised]
pub async fn boxed_future() -> std::pin::Pin<Box<dyn Future<Output = u8>>> {
    Box::pin(ready(1))
}

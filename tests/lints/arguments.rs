//! Arguments: read or not, changed or not, and how they are passed.

use std::future::ready;
use std::rc::Rc;
use std::sync::Arc;

use supervise::supervised;

#[derive(Clone)]
pub struct Point {
    pub x: u32,
    pub y: u32,
}

#[derive(Clone, Copy)]
pub struct Tiny(pub u8);

// Never read.

#[supervised]
async fn unused_value(text: String, number: u32, kept: u32) -> u32 {
    ready(kept).await
}

#[supervised]
async fn unused_references(shared: &str, exclusive: &mut Vec<u8>) {
    ready(()).await;
}

#[supervised]
async fn unused_mutable(mut text: String, mut shared: &str, mut exclusive: &mut u8) {
    ready(()).await;
}

#[supervised]
async fn unused_in_patterns(Point { x, y }: Point, (first, _): (u8, String), [a, b]: [u8; 2]) {
    ready(()).await;
}

#[supervised]
async fn unused_mutable_in_patterns((mut first, mut second): (u8, String)) -> u8 {
    ready(first).await
}

#[supervised]
async fn unused_after_a_pattern((first, second): (u8, u8), last: String, shared: &str) -> u8 {
    ready(first + second).await
}

#[supervised]
async fn unused_before_a_pattern(text: String, (first, second): (u8, u8)) -> u8 {
    ready(first + second).await
}

#[supervised]
async fn unused_reference_patterns(&number: &u8, &(first, second): &(u8, u8)) -> u8 {
    ready(first).await
}

#[supervised]
async fn unused_at(whole @ Point { x, .. }: Point) -> u32 {
    ready(x).await
}

#[supervised]
async fn unused_ref(ref text: String) {
    ready(()).await;
}

#[supervised]
async fn underscores(_text: String, _: u8, _shared: &str, mut _changed: u8, _exclusive: &mut u8) {
    ready(()).await;
}

#[supervised]
async fn underscored_but_read(_text: String, _shared: &str) -> usize {
    ready(_text.len() + _shared.len()).await
}

#[supervised]
async fn unused_generic<T: Clone, const N: usize>(value: T, items: [T; N]) {
    ready(()).await;
}

#[supervised]
async fn unused_impl(value: impl Clone, shared: &impl Clone) {
    ready(()).await;
}

#[supervised]
async fn unused_shared_pointers(arc: Arc<str>, rc: Rc<str>, boxed: Box<Point>) {
    ready(()).await;
}

#[supervised]
async fn unused_shadowed(text: String) -> usize {
    let text = "another";
    ready(text.len()).await
}

#[supervised]
async fn unused_but_named_in_a_closure(text: String) -> usize {
    let length = |text: &str| text.len();
    ready(length("another")).await
}

#[supervised]
async fn unused_but_named_like_a_field(x: u32) -> u32 {
    let point = Point { x: 1, y: 2 };
    ready(point.x + point.y).await
}

#[supervised]
async fn unused_but_named_in_a_text(name: String) {
    println!("no name");
    ready(()).await;
}

#[supervised]
async fn unused_raw(r#type: String) {
    ready(()).await;
}

#[supervised]
async fn unused_in_an_empty_body(text: String, mut number: u8) {}

// Read in unusual places.

#[supervised]
async fn read_in_a_format(name: String, width: usize) -> String {
    ready(format!("{name:>width$}")).await
}

#[supervised]
async fn read_in_a_closure(name: String) -> usize {
    let length = || name.len();
    ready(length()).await
}

#[supervised]
async fn read_by_a_macro(name: String) {
    println!("{}", name);
    ready(()).await;
}

#[supervised]
async fn read_by_a_struct(x: u32, y: u32) -> Point {
    ready(Point { x, y }).await
}

#[supervised]
async fn read_raw(r#type: String) -> String {
    ready(format!("{type}")).await
}

// Assigned.

#[supervised]
async fn needless_mut(mut text: String, mut shared: &str, mut exclusive: &mut String) -> usize {
    exclusive.push_str(&text);
    ready(text.len() + shared.len()).await
}

#[supervised]
async fn needless_mut_in_patterns((mut first, second): (u8, u8), mut last: u8) -> u8 {
    ready(first + second + last).await
}

#[supervised]
async fn needed_mut(mut text: String, mut shared: &str, mut number: u8) -> usize {
    text.push('!');
    shared = &shared[1..];
    number += 1;
    ready(text.len() + shared.len() + usize::from(number)).await
}

#[supervised]
async fn needed_mut_in_patterns((mut first, second): (u8, u8), mut last: u8) -> u8 {
    first += second;
    last += first;
    ready(last).await
}

#[supervised]
async fn assigned_never_read(mut number: u8, mut text: String, mut shared: &str) {
    number = 1;
    text = String::new();
    shared = "";
    ready(()).await;
}

#[supervised]
async fn overwritten_before_read(mut number: u8, mut text: String) -> usize {
    number = 1;
    text = String::from("another");
    ready(text.len() + usize::from(number)).await
}

#[supervised]
async fn changed_never_read(mut number: u8, mut shared: &u8) {
    number += 1;
    ready(()).await;
}

#[supervised]
async fn assigned_at_the_end(mut number: u8) -> u8 {
    let before = ready(number).await;
    number = 2;
    before
}

#[supervised]
async fn assigned_in_a_loop(mut number: u8, items: &[u8]) {
    for item in items {
        number = *item;
    }
    ready(()).await;
}

#[supervised]
async fn written_through(out: &mut u8) {
    *out = ready(1).await;
}

#[supervised]
async fn reborrow_moved(mut out: &mut Vec<u8>, other: &mut Vec<u8>) {
    out.push(1);
    ready(()).await;
}

// How they are passed.

#[supervised]
pub async fn needless_pass_by_value(text: String, items: Vec<u8>, point: Point) -> usize {
    ready(text.len() + items.len() + point.x as usize).await
}

#[supervised]
pub async fn trivially_copy(tiny: &Tiny, number: &u8) -> u8 {
    ready(tiny.0 + *number).await
}

#[supervised]
pub async fn pointers(text: &String, items: &Vec<u8>, boxed: &Box<u8>, arc: Rc<Vec<u8>>) -> usize {
    ready(text.len() + items.len() + usize::from(**boxed) + arc.len()).await
}

#[supervised]
pub async fn needless_mutable_reference(out: &mut Vec<u8>) -> usize {
    ready(out.len()).await
}

#[supervised]
pub async fn many(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8) -> u8 {
    ready(a + b + c + d + e + f + g + h).await
}

#[supervised]
pub async fn switches(a: bool, b: bool, c: bool, d: bool) -> bool {
    ready(a && b && c && d).await
}

#[supervised]
pub async fn large(buffer: [u8; 100_000]) -> u8 {
    ready(buffer[0]).await
}

#[supervised]
pub async fn large_local() -> u8 {
    let buffer = [1_u8; 600_000];
    ready(()).await;
    buffer[0]
}

#[supervised]
pub async fn large_await(buffer: [u8; 20_000]) -> u8 {
    ready(()).await;
    buffer[0]
}

#[supervised]
pub async fn complex(map: Vec<Option<Result<Rc<dyn Fn(u8) -> Option<u8>>, Rc<Vec<u8>>>>>) -> usize {
    ready(map.len()).await
}

#[supervised]
pub async fn similar(items: u8, itens: u8) -> u8 {
    ready(items + itens).await
}

#[supervised]
pub async fn one_letter(a: u8, b: u8, c: u8, d: u8, e: u8) -> u8 {
    ready(a + b + c + d + e).await
}

#[supervised]
pub async fn shadows(text: String, shared: &str) -> usize {
    let text = text.len();
    let shared = shared;
    let shared = shared.len() + text;
    ready(shared).await
}

#[supervised]
pub async fn clones(text: String, items: Vec<u8>) -> usize {
    let copy = text.clone();
    let other = items.clone();
    ready(copy.len() + other.len()).await
}

#[supervised]
pub async fn clones_copies(tiny: Tiny) -> u8 {
    let copy = tiny.clone();
    ready(copy.0).await
}

#[supervised]
pub async fn drops(tiny: Tiny, shared: &str, text: String) {
    drop(tiny);
    drop(shared);
    drop(text);
    ready(()).await;
}

#[supervised]
pub async fn held_over_an_await(lock: &std::sync::Mutex<u8>, cell: &std::cell::RefCell<u8>) -> u8 {
    let guard = lock.lock().unwrap();
    let borrowed = cell.borrow();
    ready(()).await;
    *guard + *borrowed
}

#[supervised]
pub async fn not_send(counter: Rc<u8>) -> u8 {
    ready(()).await;
    *counter
}

#[supervised]
async fn dead() {}

#[supervised]
async fn dead_recursive(number: u8) -> u8 {
    if number == 0 {
        0
    } else {
        Box::pin(dead_recursive(number - 1)).await
    }
}

/// Calls what is not to be dead.
pub fn used() {
    let _ = unused_value(String::new(), 1, 2);
    let _ = read_by_a_struct(1, 2);
}

#[supervised]
async fn assigned_in_a_closure(mut number: u8) {
    let mut set = || number = 2;
    set();
    ready(()).await;
}

#[supervised]
async fn overwritten_in_a_branch(mut number: u8, flag: bool) -> u8 {
    if flag {
        number = 1;
    } else {
        number = 2;
    }
    ready(number).await
}

#[supervised]
async fn overwritten_reference(mut shared: &str, mut out: &mut Vec<u8>, other: &mut Vec<u8>) -> usize {
    shared = "other";
    out = other;
    ready(shared.len() + out.len()).await
}

#[supervised]
async fn overwritten_after_a_pattern((mut a, b): (u8, u8), mut last: String) -> u8 {
    a = b;
    last = String::new();
    ready(a + last.len() as u8).await
}

#[supervised]
async fn overwritten_array(mut items: [u8; 4], mut point: Point, mut option: Option<u8>) -> u8 {
    items[0] = 1;
    point.x = 3;
    option = None;
    ready(option.unwrap_or(1)).await
}

#[supervised]
async fn fields_assigned_never_read(mut point: Point, mut pair: (u8, u8)) {
    point.x = 1;
    pair.0 = 2;
    ready(()).await;
}

#[supervised]
async fn moved_into_a_block(text: String, mut count: u8) -> usize {
    async move {
        count += 1;
        ready(text.len()).await
    }
    .await
}

#[supervised]
async fn used_in_a_nested_item(text: String) -> usize {
    fn length(text: &str) -> usize {
        text.len()
    }
    ready(length("")).await
}

#[supervised]
async fn shadowed_in_a_match(value: Option<u8>, number: u8) -> u8 {
    match value {
        Some(number) => ready(number).await,
        None => 0,
    }
}

#[supervised]
async fn labelled(text: String) {
    let map = std::collections::HashMap::from([("text", 1)]);
    println!("{map:?} {{text}}");
    ready(()).await;
}

#[supervised]
async fn impl_mut(mut items: impl Iterator<Item = u8> + Clone, mut other: impl Clone) -> usize {
    let mut n = 0;
    while let Some(item) = items.next() {
        n += usize::from(item);
    }
    ready(n).await
}

#[supervised]
async fn unit_argument(nothing: (), _none: (), mut changed: ()) {
    ready(nothing).await;
}

#[supervised]
async fn callbacks(call: fn(u8) -> u8, mut other: Rc<dyn Fn(u8) -> u8>) -> u8 {
    ready(call(1) + other(2)).await
}

#[supervised]
async fn upper(Count: u8, r#fn: u8, _r: u8) -> u8 {
    ready(Count + r#fn).await
}

#[supervised]
async fn only_underscores(__a: u8, _: u8, _b: [u8; 2], mut _c: u8) {
    _c = 2;
    ready(()).await;
}

#[supervised]
async fn early(mut number: u8, text: String) -> u8 {
    if number == 0 {
        return 1;
    }
    drop(text);
    number = 2;
    ready(3).await
}

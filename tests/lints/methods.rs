//! Methods: each receiver, generics, traits.

use std::fmt::{Debug, Display};
use std::future::ready;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use supervise::supervised;

#[derive(Clone, Copy)]
pub struct Small(pub u8);

#[derive(Clone)]
pub struct Large {
    pub name: String,
    pub numbers: [u64; 8],
    pub count: u32,
}

impl Small {
    #[supervised]
    pub async fn unused_self(&self, number: u8) -> u8 {
        ready(number).await
    }

    #[supervised]
    pub async fn unused_self_by_value(self, number: u8) -> u8 {
        ready(number).await
    }

    #[supervised]
    pub async fn by_reference(&self) -> u8 {
        ready(self.0).await
    }

    #[supervised]
    pub async fn to_wrong(self) -> u8 {
        ready(self.0).await
    }

    #[supervised]
    pub async fn is_wrong(self) -> bool {
        ready(self.0 == 1).await
    }

    #[supervised]
    pub async fn into_wrong(&self) -> u8 {
        ready(self.0).await
    }

    #[supervised]
    pub async fn new() -> u8 {
        ready(1).await
    }

    #[supervised]
    pub async fn from_str(text: &str) -> Self {
        Self(ready(text.len() as u8).await)
    }

    #[supervised]
    async fn dead(&self) {}

    #[supervised]
    async fn dead_by_value(self) {}
}

impl Large {
    #[supervised]
    pub async fn unused_self(&self) {
        ready(()).await;
    }

    #[supervised]
    pub async fn unused_mut_self(mut self) -> usize {
        ready(self.name.len()).await
    }

    #[supervised]
    pub async fn unused_self_by_value(self) {
        ready(()).await;
    }

    #[supervised]
    pub async fn unused_exclusive_self(&mut self) {
        ready(()).await;
    }

    #[supervised]
    pub async fn exclusive_for_nothing(&mut self) -> usize {
        ready(self.name.len()).await
    }

    #[supervised]
    pub async fn exclusive(&mut self, by: u32, name: String, unused: String) {
        self.count += by;
        self.name = name;
        ready(()).await;
    }

    #[supervised]
    pub async fn exclusive_with_patterns(&mut self, (by, unused): (u32, u32), mut name: String) {
        self.count += by;
        self.name = name;
        ready(()).await;
    }

    #[supervised]
    pub async fn exclusive_fields(&mut self) -> usize {
        let Self { name, count, .. } = self;
        *count += 1;
        ready(name.len()).await
    }

    #[supervised]
    pub async fn by_value(self) -> String {
        ready(self.name).await
    }

    #[supervised]
    pub async fn changed(mut self) -> u32 {
        self.count += 1;
        ready(self.count).await
    }

    #[supervised]
    pub async fn assigned_never_read(mut self) {
        self.count = 1;
        ready(()).await;
    }

    #[supervised]
    pub async fn replaced(mut self, other: Self) -> u32 {
        self = other;
        ready(self.count).await
    }

    #[supervised]
    pub async fn arc(self: Arc<Self>) -> u32 {
        ready(self.count).await
    }

    #[supervised]
    pub async fn mut_arc(mut self: Arc<Self>) -> u32 {
        ready(self.count).await
    }

    #[supervised]
    pub async fn unused_arc(self: Arc<Self>) {
        ready(()).await;
    }

    #[supervised]
    pub async fn rc(self: Rc<Self>) -> u32 {
        ready(self.count).await
    }

    #[supervised]
    pub async fn boxed(self: Box<Self>) -> u32 {
        ready(self.count).await
    }

    #[supervised]
    pub async fn mut_boxed(mut self: Box<Self>) -> u32 {
        self.count += 1;
        ready(self.count).await
    }

    #[supervised]
    pub async fn borrowed_arc(self: &Arc<Self>) -> u32 {
        ready(self.count).await
    }

    #[supervised]
    pub async fn typed_reference(self: &Self) -> u32 {
        ready(self.count).await
    }

    #[supervised]
    pub async fn typed_exclusive(self: &mut Self) -> u32 {
        self.count += 1;
        ready(self.count).await
    }

    #[supervised]
    pub async fn typed_value(self: Self) -> u32 {
        ready(self.count).await
    }

    #[supervised]
    pub async fn pinned(self: Pin<&Self>) -> u32 {
        ready(self.count).await
    }

    #[supervised]
    pub async fn returns_self(self) -> Self {
        ready(self).await
    }

    #[supervised]
    pub async fn borrows(&self) -> &str {
        ready(()).await;
        &self.name
    }

    #[supervised]
    pub async fn borrows_named<'a>(&'a self, other: &'a str) -> &'a str {
        ready(()).await;
        if self.name.is_empty() {
            other
        } else {
            &self.name
        }
    }

    #[supervised]
    async fn dead(&self) {}

    #[supervised]
    async fn dead_associated(large: Self, text: &str) {}
}

// Generics and lifetimes.

#[supervised]
pub async fn needless_lifetimes<'a>(text: &'a str) -> usize {
    ready(text.len()).await
}

#[supervised]
pub async fn needless_output_lifetimes<'a>(text: &'a str) -> &'a str {
    ready(text).await
}

#[supervised]
pub async fn needless_nested_lifetimes<'a>(text: &'a str) -> Option<(std::str::Chars<'a>, &'a str)> {
    Some(ready((text.chars(), text)).await)
}

#[supervised]
pub async fn extra_lifetime<'a>(number: u8) -> u8 {
    ready(number).await
}

#[supervised]
pub async fn extra_type<T>(number: u8) -> u8 {
    ready(number).await
}

#[supervised]
pub async fn bounds_in_two_places<T: Debug>(value: T) -> String
where
    T: Display + Clone,
{
    ready(format!("{value:?}{value}")).await
}

#[supervised]
pub async fn generic<T, U, const N: usize>(items: [T; N], other: &U, unused: Option<T>) -> usize
where
    T: Clone + Debug,
    U: ?Sized + Debug,
{
    ready(format!("{items:?}{other:?}").len()).await
}

#[supervised]
pub async fn called_f_t_e<F: Fn(u8) -> u8 + Clone, T: Clone, E: Clone + From<T>>(
    f: F,
    t: T,
    e: Option<E>,
) -> Result<u8, E> {
    if let Some(e) = e {
        return Err(e);
    }
    if f(1) == 1 {
        return Err(t.into());
    }
    Ok(ready(f(2)).await)
}

#[supervised]
pub async fn opaque_arguments(show: impl Fn(u8) -> String + Clone, items: &[impl Debug]) -> String {
    ready(format!("{}{items:?}", show(1))).await
}

#[supervised]
pub async fn dynamic(show: &dyn Fn(u8) -> String, out: &mut dyn std::fmt::Write) {
    out.write_str(&show(1)).ok();
    ready(()).await;
}

#[supervised]
pub async fn static_lifetime(text: &'static str) -> &'static str {
    ready(text).await
}

#[supervised]
pub async fn elided(items: std::slice::Iter<'_, u8>) -> usize {
    ready(items.len()).await
}

// Traits.

pub trait Job {
    fn name(&self) -> String;

    #[allow(async_fn_in_trait)]
    #[supervised]
    async fn with_default(&self, text: &str, unused: String) -> String {
        ready(format!("{}{text}", self.name())).await
    }

    #[supervised]
    async fn linted(&self) -> String {
        ready(self.name()).await
    }

    #[allow(async_fn_in_trait)]
    async fn required(&mut self, count: u32, text: String) -> u32;
}

impl Job for Large {
    fn name(&self) -> String {
        self.name.clone()
    }

    #[supervised]
    async fn with_default(&self, text: &str, unused: String) -> String {
        ready(text.to_owned()).await
    }

    #[supervised]
    async fn linted(&self) -> String {
        ready(String::new()).await
    }

    #[supervised]
    async fn required(&mut self, count: u32, text: String) -> u32 {
        self.count += count;
        ready(self.count).await
    }
}

trait Private {
    #[supervised]
    async fn never_called(&self) {}
}

impl Private for Small {}

struct Own<T>(T);

impl<T: Display> Own<T> {
    #[supervised]
    async fn show(&self) -> String {
        ready(self.0.to_string()).await
    }

    #[supervised]
    async fn never_called(&self) -> String {
        ready(self.0.to_string()).await
    }
}

struct Unread {
    read: u8,
    unread: u8,
}

#[supervised]
async fn reads_a_field(value: &Unread) -> u8 {
    ready(value.read).await
}

enum Unmade {
    Made,
    Never,
}

#[supervised]
async fn makes() -> Unmade {
    ready(Unmade::Made).await
}

/// Calls what is not to be dead.
pub fn used() {
    let _ = Own(1).show();
    let _ = reads_a_field(&Unread { read: 1, unread: 2 });
    let _ = makes();
}

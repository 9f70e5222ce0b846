//! Values that know what became of them.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use crate::LIVE;

/// A value that knows how often it was copied, and whether it was changed.
#[derive(Debug)]
pub struct Fresh {
    copies: u32,
    touched: bool,
}

impl Fresh {
    pub fn new() -> Self {
        Self::copied(0)
    }

    fn copied(copies: u32) -> Self {
        LIVE.fetch_add(1, SeqCst);
        Self {
            copies,
            touched: false,
        }
    }

    pub fn touch(&mut self) {
        self.touched = true;
    }
}

impl Clone for Fresh {
    fn clone(&self) -> Self {
        let mut copy = Self::copied(self.copies + 1);
        copy.touched = self.touched;
        copy
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        LIVE.fetch_sub(1, SeqCst);
    }
}

/// What can be told apart from what another run has had.
pub trait Value {
    fn is_fresh(&self, copies: u32) -> bool;
}

impl Value for Fresh {
    fn is_fresh(&self, copies: u32) -> bool {
        self.copies == copies && !self.touched
    }
}

/// A value that is not `Clone`.
#[derive(Debug)]
pub struct Lone(pub u32);

impl Value for Lone {
    fn is_fresh(&self, _: u32) -> bool {
        self.0 == 7
    }
}

/// Remembers how often it was written to. Not `Clone`.
#[derive(Debug, Default)]
pub struct Grown(pub u32);

/// What is changed through a `&mut`.
pub trait Grow {
    fn grow(&mut self) -> u32;
}

impl Grow for Grown {
    fn grow(&mut self) -> u32 {
        self.0 += 1;
        self.0
    }
}

/// Remembers how often it was seen. Not `Clone`.
#[derive(Debug, Default)]
pub struct Shared(AtomicU32);

/// What is seen through a `&`.
pub trait Again {
    fn again(&self) -> u32;
}

impl Again for Shared {
    fn again(&self) -> u32 {
        self.0.fetch_add(1, SeqCst) + 1
    }
}

pub type SharedRef<'a> = &'a Shared;
pub type GrownMut<'a> = &'a mut Grown;
pub type Answer = Result<u8, Ours>;

/// Destructured.
#[derive(Clone)]
pub struct Point {
    pub mark: u32,
    pub value: Fresh,
    pub rest: u32,
}

#[derive(Clone)]
pub struct Wrapper<T>(pub T);

#[derive(Clone)]
pub enum Either {
    Left(u32),
    Right(u32),
}

pub trait Same {
    type Out;
}

impl Same for u32 {
    type Out = u32;
}

/// What a method's type has, to be seen by its runs.
#[derive(Default)]
pub struct State {
    pub shared: Arc<Shared>,
    pub fresh: Option<Fresh>,
    pub grown: Grown,
    pub text: String,
}

impl State {
    pub fn new() -> Self {
        Self {
            fresh: Some(Fresh::new()),
            text: "text".into(),
            ..Self::default()
        }
    }

    pub fn is_fresh(&self, copies: u32) -> bool {
        self.fresh
            .as_ref()
            .is_some_and(|fresh| fresh.is_fresh(copies))
    }

    pub fn touch(&mut self) {
        self.fresh = None;
    }
}

impl Clone for State {
    fn clone(&self) -> Self {
        Self {
            shared: self.shared.clone(),
            fresh: self.fresh.clone(),
            grown: Grown(self.grown.0),
            text: self.text.clone(),
        }
    }
}

/// For methods that a trait has by default.
pub trait HasState {
    fn state(&self) -> &State;
    fn state_mut(&mut self) -> &mut State;
}

/// An error that can hold a panic.
#[derive(Debug)]
pub struct Ours(pub String);

impl From<supervise::Failure> for Ours {
    fn from(failure: supervise::Failure) -> Self {
        Self(failure.to_string())
    }
}

impl From<fmt::Error> for Ours {
    fn from(_: fmt::Error) -> Self {
        Self("not yet".into())
    }
}

/// An error of which nothing can be told.
pub struct Silent;

impl From<fmt::Error> for Silent {
    fn from(_: fmt::Error) -> Self {
        Self
    }
}

//! Where a function stands.

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Position {
    Free,
    InFunction,
    Macro,
    Inherent,
    TraitImpl,
    TraitDefault,
    AsyncTraitImpl,
    AsyncTraitDefault,
    ByHand,
    ByHandMethod,
}

use Position::{
    AsyncTraitDefault, AsyncTraitImpl, ByHand, ByHandMethod, Free, InFunction, Inherent, Macro,
    TraitDefault, TraitImpl,
};

/// As often as they are met; no multiple of the number of argument kinds.
pub const POSITIONS: &[Position] = &[
    Free,
    Inherent,
    TraitImpl,
    Inherent,
    TraitDefault,
    AsyncTraitImpl,
    Inherent,
    ByHandMethod,
    InFunction,
    Inherent,
    Macro,
    TraitImpl,
    AsyncTraitDefault,
    Inherent,
    ByHand,
    Inherent,
    Free,
];

impl Position {
    pub fn is_method(self) -> bool {
        !matches!(self, Free | InFunction | Macro | ByHand)
    }

    pub fn is_of_a_trait(self) -> bool {
        matches!(self, TraitImpl | TraitDefault) || self.is_async_trait()
    }

    pub fn is_async_trait(self) -> bool {
        matches!(self, AsyncTraitImpl | AsyncTraitDefault)
    }

    pub fn is_default(self) -> bool {
        matches!(self, TraitDefault | AsyncTraitDefault)
    }

    /// Whether the function has the braces that it is seen with.
    pub fn has_a_body_of_its_own(self) -> bool {
        self != Macro && !self.is_by_hand()
    }

    pub fn is_by_hand(self) -> bool {
        matches!(self, ByHand | ByHandMethod)
    }
}

/// The type whose method it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Plain,
    Generic,
    Borrowing,
}

impl Shape {
    /// Its definition, without `struct`.
    pub fn definition(self) -> &'static str {
        match self {
            Self::Plain => "Service { state: State }",
            Self::Generic => "Service<P> { state: State, own: P }",
            Self::Borrowing => {
                "Service<'h, const K: usize> { state: State, held: &'h str, array: [u8; K] }"
            }
        }
    }

    /// What follows `impl`, and the type in it.
    pub fn generics(self) -> (&'static str, &'static str) {
        match self {
            Self::Plain => ("", "Service"),
            Self::Generic => ("<P: Clone + Send + Sync + Unpin>", "Service<P>"),
            Self::Borrowing => ("<'h, const K: usize>", "Service<'h, K>"),
        }
    }

    /// The type that a caller has, and a value of it.
    pub fn concrete(self) -> (&'static str, &'static str) {
        match self {
            Self::Plain => ("Service", "Service { state: State::new() }"),
            Self::Generic => ("Service<u8>", "Service { state: State::new(), own: 1_u8 }"),
            Self::Borrowing => (
                "Service<'static, 2>",
                "Service { state: State::new(), held: \"\", array: [1, 2] }",
            ),
        }
    }
}

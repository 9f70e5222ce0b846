//! The three ways to start a worker that every table has.

#[derive(Clone, Copy)]
pub enum Variant {
    /// `tokio::spawn` and nothing else.
    Bare,
    /// `handwritten.rs`.
    Handwritten,
    /// `#[supervised]`.
    Supervised,
}

/// One value of each variant, in the order of `Variant::ALL`.
pub type Each<T> = [T; 3];

impl Variant {
    pub const ALL: Each<Self> = [Self::Bare, Self::Handwritten, Self::Supervised];

    pub fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Handwritten => "handwritten",
            Self::Supervised => "supervised",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|variant| variant.name() == name)
    }
}

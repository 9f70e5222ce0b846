//! A crate in which every function can panic.

#[must_use]
pub fn unwrap_used(text: &str) -> u32 {
    text.parse().unwrap()
}

#[must_use]
pub fn expect_used(text: &str) -> u32 {
    text.parse().expect("a number")
}

#[must_use]
pub fn indexing_slicing(bytes: &[u8]) -> u8 {
    bytes[1]
}

pub fn panic() {
    panic!("as announced");
}

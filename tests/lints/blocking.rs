//! Plain functions.

use std::fmt::Display;
use std::io;
use std::rc::Rc;
use std::sync::Arc;

use supervise::supervised;

#[derive(Clone)]
pub struct Device {
    pub name: String,
    pub reads: usize,
}

#[supervised(blocking)]
pub fn thread_unused_arguments(text: &str, number: u8, (a, b): (u8, u8), _hidden: String) {
    println!("{a}");
}

#[supervised(blocking)]
pub fn thread_unused_mut(mut text: String, mut number: u8) -> usize {
    println!("{text}");
    number += 1;
    text.len()
}

#[supervised(blocking)]
pub fn thread_overwritten(mut number: u8, mut text: String) -> usize {
    number = 1;
    text = String::new();
    text.len() + usize::from(number)
}

#[supervised(blocking)]
pub fn thread_unreachable(text: &str) -> usize {
    return text.len();
    println!("never");
}

#[supervised(blocking)]
pub fn thread_needless(text: &str) -> Result<usize, std::num::ParseIntError> {
    let number = (text.parse::<usize>()?);
    if number > 1 {
        return Ok(1);
    }
    let local = 1;
    let result = Ok(text.parse::<usize>()?);
    return result;
}

#[supervised(blocking)]
#[must_use = "for a reason"]
pub fn thread_must_use(text: &str) -> io::Result<usize> {
    text.parse::<usize>();
    std::fs::read(text);
    Err(io::Error::other(text.to_owned()))
}

#[supervised(blocking)]
pub fn thread_dropped(text: &str) {
    thread_must_use(text);
    let _ = thread_must_use(text);
    thread_must_use(text).ok();
}

#[supervised(blocking)]
fn thread_dead() -> String {
    String::from("dead")
}

#[supervised(blocking)]
pub fn thread_infinite(text: &str) {
    loop {
        println!("{}", text);
    }
}

#[supervised(blocking)]
pub fn thread_never(text: &str) -> ! {
    loop {
        println!("{text}");
        std::thread::park();
    }
    println!("never");
}

#[supervised(blocking)]
pub fn thread_opaque<'a>(text: &'a str, shared: Rc<str>) -> Option<impl Display + use<'a>> {
    text.chars().next().map(|first| format!("{first}{shared}"))
}

#[supervised(blocking)]
#[allow(unused_variables)]
pub fn thread_allowed(text: String, number: u8) {
    let local = 1;
    println!("allowed");
}

#[supervised(blocking)]
#[expect(unused_variables)]
pub fn thread_expected(number: u8) {
    println!("expected");
}

#[supervised(blocking)]
#[expect(unused_mut)]
pub fn thread_expected_in_vain(text: &str) {
    println!("{text}");
}

#[supervised(blocking)]
#[expect(clippy::needless_pass_by_value)]
pub fn thread_expected_by_value(text: String) -> usize {
    println!("{text}");
    text.len()
}

#[supervised(blocking)]
#[deprecated]
pub fn thread_deprecated(text: &str) {
    println!("{text}");
}

#[supervised(blocking)]
pub fn thread_uses_deprecated() {
    thread_deprecated("");
}

#[supervised(blocking)]
pub fn thread_kept(#[keep] mut lines: Vec<String>, out: &mut Vec<u8>) {
    #![allow(unused_assignments)]
    lines.push(String::new());
    out.push(1);
}

impl Device {
    #[supervised(blocking)]
    pub fn thread_shared(&self, unused: u8) -> &str {
        println!("{}", self.reads);
        &self.name
    }

    #[supervised(blocking)]
    pub fn thread_exclusive(&mut self, mut by: usize) -> usize {
        self.reads += by;
        by = 2;
        println!("{}", self.name);
        self.reads
    }

    #[supervised(blocking)]
    pub fn thread_owned(self, text: &mut String) -> Self {
        text.push_str(&self.name);
        self
    }

    #[supervised(blocking)]
    pub fn thread_arc(self: Arc<Self>) -> usize {
        println!("{}", self.name);
        self.reads
    }

    #[supervised(blocking)]
    fn thread_dead_method(&self) {
        println!("{}", self.name);
    }
}

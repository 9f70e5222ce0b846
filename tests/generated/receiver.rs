//! The kinds of receivers. `~` is a lifetime that may be named; `.S` and `.M`
//! are how the position gets at the state of `self`.

#[derive(Clone, Copy)]
pub struct Receiver {
    pub text: &'static str,
    /// What the plain function has instead of `#[keep]`.
    pub plain: &'static str,
    /// The type's method is called with this.
    pub passed: &'static str,
    /// A statement at the beginning of each run.
    pub seen: &'static str,
    /// A question to ask after the last run.
    pub left: &'static str,
    pub is_send: bool,
    /// Whether each run has a copy of the type itself.
    pub is_copied: bool,
    /// Only one run can have it; for the error, the word to expect it at.
    pub once: Option<&'static str>,
}

const AGAIN: &str = r#"saw(self.S.shared.again() == this_run, "self is the same each time");"#;
const GROWS: &str = r#"saw(self.M.grown.grow() == this_run, "self keeps what was written");"#;
const FRESH: &str = r#"saw(self.S.is_fresh(COPIES), "self is a copy of its own");"#;
const TOUCHED: &str =
    r#"saw(self.S.is_fresh(COPIES), "self is a copy of its own"); self.M.touch();"#;
const MOVED: &str = r#"{ let this = &self; saw(this.S.is_fresh(COPIES), "self is a copy of its own"); } drop(self);"#;
const GREW: &str = "service.state.grown.0 == RUNS.count()";

const fn receiver(text: &'static str, passed: &'static str, seen: &'static str) -> Receiver {
    Receiver {
        text,
        plain: text,
        passed,
        seen,
        left: "",
        is_send: true,
        is_copied: false,
        once: None,
    }
}

impl Receiver {
    const fn plain(mut self, plain: &'static str) -> Self {
        self.plain = plain;
        self
    }

    const fn left(mut self, left: &'static str) -> Self {
        self.left = left;
        self
    }

    const fn copied(mut self) -> Self {
        self.is_copied = true;
        self
    }

    const fn local(mut self) -> Self {
        self.is_send = false;
        self
    }

    const fn once(mut self, place: &'static str) -> Self {
        self.once = Some(place);
        self
    }

    pub fn lends(&self) -> bool {
        ["&~ self", "self: &~ Self"].contains(&self.text)
    }

    pub fn lends_mut(&self) -> bool {
        ["&~ mut self", "self: &~ mut Self"].contains(&self.text)
    }
}

#[rustfmt::skip]
pub const RECEIVERS: &[Receiver] = &[
    receiver("&~ self", "&service", AGAIN),
    receiver("&~ mut self", "&mut service", GROWS).left(GREW),
    receiver("self", "service", FRESH).copied(),
    receiver("mut self", "service", TOUCHED).copied(),
    receiver("self", "service", MOVED).copied(),
    receiver("self: Arc<Self>", "Arc::new(service)", AGAIN),
    receiver("self: &~ Arc<Self>", "&Arc::new(service)", AGAIN),
    receiver("self: Box<Self>", "Box::new(service)", FRESH).copied(),
    receiver("mut self: Box<Self>", "Box::new(service)", TOUCHED).copied(),
    receiver("self: &~ Self", "&service", AGAIN),
    receiver("self: &~ mut Self", "&mut service", GROWS).left(GREW),
    receiver("self: Self", "service", FRESH).copied(),
    receiver("self: Rc<Self>", "Rc::new(service)", AGAIN).local(),
    receiver("self: &~ Box<Self>", "&Box::new(service)", AGAIN),
    receiver("#[keep] self", "service", GROWS).plain("mut self"),
    receiver("#[keep] mut self", "service", GROWS).plain("mut self"),
    receiver("#[keep] self: Box<Self>", "Box::new(service)", GROWS).plain("mut self: Box<Self>"),
    receiver("#[keep] self: Arc<Self>", "Arc::new(service)", AGAIN).plain("self: Arc<Self>"),
    receiver("mut self: Pin<&~ mut Self>", "Pin::new(&mut service)", GROWS).once("self"),
];

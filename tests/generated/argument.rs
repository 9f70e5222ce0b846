//! The kinds of arguments.
//!
//! In all texts `$` is the argument's name, `¤` the same without `r#`, `%` a
//! type or constant of its own, `~` a lifetime that may be named, and `@` the
//! caller's variable.

/// One kind of argument.
#[derive(Clone, Copy)]
pub struct Argument {
    pub attributes: &'static str,
    pub pattern: &'static str,
    pub ty: &'static str,
    /// The parameter of the function's own, if it is generic.
    pub generic: &'static str,
    /// Whether the bounds are written after `where`.
    pub is_where: bool,
    /// What the caller makes of it, and what it passes.
    pub given: &'static str,
    pub passed: &'static str,
    /// A statement at the beginning of each run.
    pub seen: &'static str,
    /// A question to ask after the last run.
    pub left: &'static str,
    pub is_send: bool,
    /// Whether only one run can have it: it is not `Clone`. For the error, the
    /// word to expect it at.
    pub once: Option<&'static str>,
    pub is_kept: bool,
}

const FRESH: &str = r#"saw($.is_fresh(COPIES), "$ is a copy of its own");"#;
const TOUCHED: &str = r#"saw($.is_fresh(COPIES), "$ is a copy of its own"); $.touch();"#;
const SEVEN: &str = r#"saw($ == 7, "$ is 7");"#;
const SEVENS: &str = r#"saw(($a, $b) == (7, 8), "$a and $b are 7 and 8");"#;
const AGAIN: &str = r#"saw($.again() == this_run, "$ is the same each time");"#;
const GROWS: &str = r#"saw($.grow() == this_run, "$ keeps what was written");"#;
const GREW: &str = "@.0 == RUNS.count()";

/// An argument that is passed as it was made.
const fn value(
    pattern: &'static str,
    ty: &'static str,
    given: &'static str,
    seen: &'static str,
) -> Argument {
    Argument {
        attributes: "",
        pattern,
        ty,
        generic: "",
        is_where: false,
        given,
        passed: "@",
        seen,
        left: "",
        is_send: true,
        once: None,
        is_kept: false,
    }
}

const fn fresh(pattern: &'static str, ty: &'static str, seen: &'static str) -> Argument {
    value(pattern, ty, "Fresh::new()", seen)
}

const fn shared(ty: &'static str) -> Argument {
    value("$", ty, "Shared::default()", AGAIN).passed("&@")
}

const fn grown(ty: &'static str) -> Argument {
    value("$", ty, "Grown(0)", GROWS)
        .passed("&mut @")
        .left(GREW)
}

const fn kept(pattern: &'static str, ty: &'static str, given: &'static str) -> Argument {
    let mut argument = value(pattern, ty, given, GROWS).attributes("#[keep] ");
    argument.is_kept = true;
    argument
}

impl Argument {
    const fn attributes(mut self, attributes: &'static str) -> Self {
        self.attributes = attributes;
        self
    }

    const fn generic(mut self, generic: &'static str) -> Self {
        self.generic = generic;
        self
    }

    const fn bounded_by_where(mut self, generic: &'static str) -> Self {
        self.is_where = true;
        self.generic(generic)
    }

    const fn passed(mut self, passed: &'static str) -> Self {
        self.passed = passed;
        self
    }

    const fn seen(mut self, seen: &'static str) -> Self {
        self.seen = seen;
        self
    }

    const fn left(mut self, left: &'static str) -> Self {
        self.left = left;
        self
    }

    const fn once(mut self, place: &'static str) -> Self {
        self.once = Some(place);
        self
    }

    const fn local(mut self) -> Self {
        self.is_send = false;
        self
    }

    pub fn is_plain_name(&self) -> bool {
        self.pattern == "$" && self.attributes.is_empty()
    }

    /// Whether it lends what it owns to its own pattern.
    pub fn binds_by_reference(&self) -> bool {
        self.pattern.contains("ref ") && !self.ty.starts_with('&')
    }

    /// Whether it has a lifetime for an output to borrow.
    pub fn borrows(&self) -> bool {
        self.ty.contains('~') || self.ty.contains('\'')
    }
}

#[rustfmt::skip]
pub const ARGUMENTS: &[Argument] = &[
    // By value.
    fresh("$", "Fresh", FRESH),
    fresh("mut $", "Fresh", TOUCHED),
    fresh("$", "Fresh", r#"saw($.is_fresh(COPIES), "$ is a copy of its own"); drop($);"#),
    fresh("$", "Fresh", r#"let $ = $; saw($.is_fresh(COPIES), "$ is a copy of its own");"#),
    fresh("$", "Fresh", r#"saw(async move { $.is_fresh(COPIES) }.await, "$ is a copy of its own");"#),
    value("$", "u32", "7", SEVEN),
    value("mut $", "u32", "7", r#"saw($ == 7, "$ is 7"); $ += 1; saw($ == 8, "$ is mine");"#),
    value("$", "u32", "7", r#"let add = |n: u32| n + $; saw(add(1) == 8, "$ is 7");"#),
    value("$", "u32", "7", r#"saw(matches!($, 7), "$ is 7"); saw(async { $ + 1 }.await == 8, "$ is 7");"#),
    value("$", "<u32 as Same>::Out", "7", SEVEN),
    value("$", "String", "String::from(\"text\")", r#"saw(format!("{¤}!") == "text!", "$ is in a format string");"#),
    value("mut $", "String", "String::from(\"text\")", r#"$.push('!'); saw($ == "text!", "$ is mine");"#),
    value("$", "Option<Fresh>", "Some(Fresh::new())", r#"saw($.is_some_and(|value| value.is_fresh(COPIES)), "$ is a copy");"#),
    value("mut $", "Vec<Fresh>", "vec![Fresh::new()]", r#"saw($.pop().is_some_and(|value| value.is_fresh(COPIES)), "$ is a copy");"#),
    value("$", "[Fresh; 2]", "[Fresh::new(), Fresh::new()]", r#"saw($[1].is_fresh(COPIES), "$ is a copy");"#),
    value("mut $", "std::ops::Range<u32>", "3..9", r#"saw($.next() == Some(3), "$ begins anew");"#),
    value("$", "fn(u32) -> u32", "|n| n + 1", r#"saw($(1) == 2, "$ is callable");"#),
    value("$", "fn(&u32) -> u32", "(|n| n + 1) as fn(&u32) -> u32", r#"saw($(&1) == 2, "$ is callable");"#),
    value("$", "Cell<u32>", "Cell::new(7)", r#"saw($.replace(8) == 7, "$ is not shared");"#),
    value("$", "Rc<Shared>", "Rc::new(Shared::default())", AGAIN).local(),
    value("$", "Arc<dyn Again + Send + Sync>", "Arc::new(Shared::default())", AGAIN),
    value("$", "()", "()", "let () = $;"),
    value("$", "(Fresh, u32)", "(Fresh::new(), 7)", r#"saw($.0.is_fresh(COPIES) && $.1 == 7, "$ is a copy");"#),
    value("$", "(u32)", "7", SEVEN),
    value("$", "PhantomData<%>", "PhantomData::<u8>", "let _ = $;").generic("%: Send"),
    // `Copy`, and not `Sync`: a body that only borrowed it could not be sent.
    value("$", "PhantomData<Cell<u32>>", "PhantomData", "let _ = $;"),
    // References.
    shared("&~ Shared"),
    shared("&~ &~ Shared").passed("&&@"),
    shared("Option<&~ Shared>").passed("Some(&@)").seen(r#"saw($.is_some_and(|it| it.again() == this_run), "$ is the same");"#),
    shared("(&~ Shared, u32)").passed("(&@, 1)").seen(r#"saw($.0.again() == this_run, "$ is the same");"#),
    shared("SharedRef<'_>"),
    shared("&~ (dyn Again + Sync)"),
    shared("&~ %").generic("%: Again + Sync"),
    shared("&~ (impl Again + Sync)"),
    value("$", "&~ Cell<u32>", "Cell::new(0)", r#"saw($.replace(this_run) + 1 == this_run, "$ is shared");"#).passed("&@").local(),
    value("mut $", "&~ str", "String::from(\"text\")", r#"saw($ == "text", "$ is whole"); $ = &$[1..]; saw($ == "ext", "$ is mine");"#).passed("&@"),
    value("$", "&'static str", "\"text\"", r#"saw($ == "text" && format!("{¤}") == "text", "$ is text");"#),
    value("$", "Cow<'_, str>", "String::from(\"text\")", r#"saw($ == "text", "$ is text");"#).passed("Cow::Borrowed(&*@)"),
    value("$", "&~ [u32]", "vec![7, 8]", r#"saw($ == [7, 8], "$ is a slice");"#).passed("&@"),
    grown("&~ mut Grown"),
    grown("(&~ mut Grown)"),
    grown("&~ mut &~ mut Grown").passed("&mut &mut @").left(""),
    grown("&~ mut (dyn Grow + Send)"),
    grown("&~ mut %").generic("%: Grow + Send"),
    grown("&~ mut (impl Grow + Send)"),
    value("mut $", "&~ mut [u32]", "vec![0, 1]", r#"$[0] += 1; saw($.len() == 2 && $[0] == this_run, "$ is whole"); $ = &mut std::mem::take(&mut $)[1..]; saw($ == [1], "$ is mine");"#).passed("&mut @").left("@[0] == RUNS.count()"),
    value("$", "&~ mut Vec<u32>", "Vec::new()", r#"$.push(this_run); saw(u32::try_from($.len()) == Ok(this_run), "$ grows");"#).passed("&mut @").left("u32::try_from(@.len()) == Ok(RUNS.count())"),
    // Patterns.
    value("($a, $b)", "(Fresh, u32)", "(Fresh::new(), 7)", r#"saw($a.is_fresh(COPIES) && $b == 7, "$a is a copy");"#),
    value("(mut $a, ($b, _))", "(Fresh, (u32, Fresh))", "(Fresh::new(), (7, Fresh::new()))", r#"saw($a.is_fresh(COPIES) && $b == 7, "$a is a copy"); $a.touch();"#),
    value("_", "Fresh", "Fresh::new()", ""),
    value("_", "&~ mut Grown", "Grown(0)", "").passed("&mut @"),
    value("(..)", "(Fresh, Fresh)", "(Fresh::new(), Fresh::new())", ""),
    value("()", "()", "()", ""),
    value("[$a, .., $b]", "[u32; 4]", "[7, 1, 1, 8]", SEVENS),
    value("[$a, $b @ ..]", "[u32; 3]", "[7, 1, 1]", r#"saw($a == 7 && $b.len() == 2, "$a and $b are split");"#),
    value("[$a, ..]", "&~ [u32; 3]", "[7, 8, 9]", r#"saw(*$a == 7, "$a is 7");"#).passed("&@"),
    value("Point { mark: mut $a, value: ref $b, .. }", "Point", "Point { mark: 7, value: Fresh::new(), rest: 1 }", r#"saw($a == 7 && $b.is_fresh(COPIES), "$b is a copy"); $a += 1; saw($a == 8, "$a is mine");"#),
    value("Point { mark: $a, rest: $b, .. }", "Point", "Point { mark: 7, value: Fresh::new(), rest: 8 }", SEVENS),
    value("Wrapper(Wrapper($))", "Wrapper<Wrapper<Fresh>>", "Wrapper(Wrapper(Fresh::new()))", FRESH),
    value("(Either::Left($) | Either::Right($))", "Either", "if RUNS.count() == 0 { Either::Left(7) } else { Either::Right(1) }", SEVEN),
    value("&$", "&~ u32", "7", SEVEN).passed("&@"),
    value("&($a, ref $b)", "&~ (u32, Shared)", "(7, Shared::default())", r#"saw($a == 7 && $b.again() == this_run, "$b is the same");"#).passed("&@"),
    value("($a, $b)", "&~ (u32, Shared)", "(7, Shared::default())", r#"saw(*$a == 7 && $b.again() == this_run, "$b is the same");"#).passed("&@"),
    value("($a, $b)", "&~ mut (u32, Grown)", "(7, Grown(0))", r#"saw(*$a == 7 && $b.grow() == this_run, "$b grows");"#).passed("&mut @").left("@.1.0 == RUNS.count()"),
    value("&mut ($a, ref mut $b)", "&~ mut (u32, Grown)", "(7, Grown(0))", r#"saw($a == 7 && $b.grow() == this_run, "$b grows");"#).passed("&mut @").left("@.1.0 == RUNS.count()"),
    value("&mut $", "&~ mut u32", "7", SEVEN).passed("&mut @"),
    fresh("ref $", "Fresh", FRESH),
    fresh("ref mut $", "Fresh", TOUCHED),
    value("$ @ _", "u32", "7", SEVEN),
    value("$a @ ($b, _)", "(u32, u32)", "(7, 8)", r#"saw($a.1 == 8 && $b == 7, "$a and $b are bound");"#),
    // Generic.
    fresh("$", "%", FRESH).generic("%: Value + Clone + Send"),
    fresh("$", "%", FRESH).bounded_by_where("%: Value + Clone + Send"),
    fresh("$", "Option<%>", r#"saw($.is_some_and(|value| value.is_fresh(COPIES)), "$ is a copy");"#).generic("%: Value + Clone + Send").passed("Some(@)"),
    value("$", "[Fresh; %]", "[Fresh::new(), Fresh::new()]", r#"saw($[%].is_fresh(COPIES), "$ is a copy");"#).generic("const %: usize").seen(r#"saw($[% - 1].is_fresh(COPIES), "$ is a copy");"#),
    value("Wrapper($)", "Wrapper<%>", "Wrapper(Fresh::new())", FRESH).generic("%: Value + Clone + Send"),
    fresh("$", "impl Value + Clone + Send", FRESH),
    fresh("Wrapper($)", "Wrapper<impl Value + Clone + Send>", FRESH).passed("Wrapper(@)"),
    value("$", "impl Fn(u32) -> u32 + Clone + Send", "|n| n + 1", r#"saw($(1) == 2, "$ is callable");"#),
    value("mut $", "impl FnMut() -> u32 + Clone + Send", "{ let mut n = 0; move || { n += 1; n } }", r#"saw($() == 1, "$ begins anew");"#),
    value("$", "impl Into<String> + Clone + Send", "\"text\"", r#"saw($.into() == "text", "$ is text");"#),
    // With attributes, or not used.
    fresh("$", "Fresh", "").attributes("#[allow(unused_variables)] "),
    fresh("mut $", "Fresh", FRESH).attributes("#[allow(unused_mut)] "),
    fresh("$", "Fresh", FRESH).attributes("#[cfg(all())] "),
    value("$", "Missing", "()", "").attributes("#[cfg(any())] ").passed(""),
    fresh("($, _)", "(Fresh, Fresh)", FRESH).attributes("#[cfg(all())] ").passed("(@, Fresh::new())"),
    fresh("$", "Fresh", ""),
    fresh("mut $", "Fresh", ""),
    fresh("_¤", "Fresh", ""),
    value("($a, $b)", "(u32, Fresh)", "(7, Fresh::new())", ""),
    value("$", "&~ Shared", "Shared::default()", "").passed("&@"),
    value("$", "&~ mut Grown", "Grown(0)", "").passed("&mut @"),
    value("$", "impl Clone + Send", "7_u8", ""),
    // Kept.
    kept("$", "Grown", "Grown(0)"),
    kept("mut $", "Grown", "Grown(0)"),
    kept("$", "%", "Grown(0)").generic("%: Grow + Send"),
    kept("$", "impl Grow + Send", "Grown(0)"),
    kept("$", "Box<dyn Grow + Send>", "Box::new(Grown(0)) as Box<dyn Grow + Send>"),
    kept("$", "Option<&~ mut Grown>", "Grown(0)").seen(r#"saw($.as_mut().map(|value| value.grow()) == Some(this_run), "$ is kept");"#).passed("Some(&mut @)").left(GREW),
    kept("$", "Cell<u32>", "Cell::new(0)").seen(r#"saw($.replace(this_run) + 1 == this_run, "$ is kept");"#),
    kept("$", "Grown", "Grown(0)").attributes("#[cfg(all())] #[keep] "),
    kept("$", "Lone", "Lone(7)").seen("let _ = &$;"),
    // For one run only.
    value("$", "Lone", "Lone(7)", FRESH).once("Lone"),
    value("Wrapper($)", "Wrapper<Lone>", "Wrapper(Lone(7))", FRESH).once("Wrapper"),
    value("mut $", "Vec<Lone>", "vec![Lone(7)]", r#"saw($.pop().is_some(), "$ is whole");"#).once("Vec"),
    value("_", "Lone", "Lone(7)", "").once("Lone"),
    fresh("$", "%", FRESH).generic("%: Value + Send").once("%"),
    fresh("$", "impl Value + Send", FRESH).once("$"),
    grown("Option<&~ mut Grown>").passed("Some(&mut @)").seen(r#"saw($.is_some_and(|value| value.grow() == this_run), "$ is there");"#).once("Option"),
    grown("GrownMut<'_>").once("GrownMut"),
    value("mut $", "Pin<&~ mut Grown>", "Grown(0)", r#"saw($.as_mut().get_mut().grow() == this_run, "$ is there");"#).passed("Pin::new(&mut @)").once("Pin"),
    value("mut $", "Box<dyn Grow + Send>", "Box::new(Grown(0)) as Box<dyn Grow + Send>", GROWS).once("Box"),
];

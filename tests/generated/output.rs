//! The kinds of outputs. `~` is the lifetime of what they borrow from.

#[derive(Clone, Copy)]
pub struct Output {
    pub ty: &'static str,
    /// The value of a run that succeeds, and whether `value` is that.
    pub value: &'static str,
    pub is_right: &'static str,
    pub error: Option<Failing>,
    /// Whether `value` tells of a last panic, if it can.
    pub holds: Option<&'static str>,
    pub is_send: bool,
    pub borrows: Borrows,
}

/// How an output that is a `Result` fails.
#[derive(Clone, Copy)]
pub struct Failing {
    pub ty: &'static str,
    /// The error, and one that `?` makes it of.
    pub error: &'static str,
    pub question: &'static str,
    /// Whether `value` is it.
    pub is_it: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Borrows {
    Nothing,
    Receiver,
    Argument,
}

const fn plain(ty: &'static str, value: &'static str, is_right: &'static str) -> Output {
    Output {
        ty,
        value,
        is_right,
        error: None,
        holds: None,
        is_send: true,
        borrows: Borrows::Nothing,
    }
}

/// One whose success is `Ok(7)` or as good.
const fn result(ty: &'static str, ok: &'static str, failing: Failing) -> Output {
    let mut output = plain(ty, ok, "value.is_ok()");
    output.error = Some(failing);
    output
}

const fn failing(
    ty: &'static str,
    error: &'static str,
    question: &'static str,
    is_it: &'static str,
) -> Failing {
    Failing {
        ty,
        error,
        question,
        is_it,
    }
}

const fn text(ty: &'static str) -> Output {
    const NOT_YET: &str = "String::from(\"not yet\")";
    result(
        ty,
        "Ok(7)",
        failing(
            "String",
            NOT_YET,
            "\"not yet\"",
            "matches!(&value, Err(error) if error == \"not yet\")",
        ),
    )
}

impl Output {
    const fn holds(mut self, holds: &'static str) -> Self {
        self.holds = Some(holds);
        self
    }

    const fn local(mut self) -> Self {
        self.is_send = false;
        self
    }

    const fn of(mut self, borrows: Borrows) -> Self {
        self.borrows = borrows;
        self
    }

    /// Whether the value is not yet of the type, as no tail of an `async`
    /// block by hand may be.
    pub fn is_coerced(&self) -> bool {
        self.ty.contains("dyn Fn") || self.ty.contains("fn(")
    }

    pub fn is_opaque(&self) -> bool {
        self.ty.contains("impl")
    }
}

#[rustfmt::skip]
pub const OUTPUTS: &[Output] = &[
    plain("", "", "{ let () = value; true }").holds("{ let () = value; true }"),
    plain("()", "", "{ let () = value; true }").holds("{ let () = value; true }"),
    text("Result<u8, String>"),
    plain("u8", "7", "value == 7"),
    result("Result<(), Box<dyn Error + Send + Sync>>", "Ok(())", failing("Box<dyn Error + Send + Sync>", "\"not yet\".into()", "\"not yet\"", "value.is_err_and(|error| error.to_string() == \"not yet\")"))
        .holds("value.is_err_and(|error| tells_of_panic(&*error))"),
    plain("String", "\"text\".to_string()", "value == \"text\""),
    result("io::Result<u8>", "Ok(7)", failing("io::Error", "io::ErrorKind::NotFound.into()", "io::ErrorKind::NotFound", "value.is_err_and(|error| error.kind() == io::ErrorKind::NotFound)"))
        .holds("value.is_err_and(|error| tells_of_panic(&error))"),
    plain("Option<u32>", "Some(7)", "value == Some(7)"),
    result("Result<u8, Ours>", "Ok(7)", failing("Ours", "Ours(\"not yet\".into())", "fmt::Error", "value.is_err_and(|error| error.0 == \"not yet\")"))
        .holds("value.is_err_and(|error| error.0.contains(\"panicked\"))"),
    plain("impl Display", "7", "value.to_string() == \"7\""),
    result("Answer", "Ok(7)", failing("Ours", "Ours(\"not yet\".into())", "fmt::Error", "value.is_err_and(|error| error.0 == \"not yet\")"))
        .holds("value.is_err_and(|error| error.0.contains(\"panicked\"))"),
    plain("&~ str", "self.S.text.as_str()", "value == \"text\"").of(Borrows::Receiver),
    result("Result<u8, fmt::Error>", "Ok(7)", failing("fmt::Error", "fmt::Error", "fmt::Error", "value.is_err()")),
    plain("&~ Shared", "source", "value.again() > 0").of(Borrows::Argument),
    result("Result<(), Silent>", "Ok(())", failing("Silent", "Silent", "fmt::Error", "value.is_err()")),
    plain("Box<dyn Fn(u32) -> u32 + Send>", "Box::new(|n| n + 1)", "value(1) == 2"),
    result("anyhow::Result<u8>", "Ok(7)", failing("anyhow::Error", "anyhow::anyhow!(\"not yet\")", "fmt::Error", "value.is_err_and(|error| !tells_of_panic(&*error))"))
        .holds("value.is_err_and(|error| tells_of_panic(&*error))"),
    plain("impl Iterator<Item = u32>", "0..3", "value.count() == 3"),
    result("Result<Fresh, supervise::Failure>", "Ok(Fresh::new())", Failing { ty: "", error: "", question: "", is_it: "" })
        .holds("value.is_err_and(|error| tells_of_panic(&error))").never_fails(),
    plain("Option<&~ str>", "Some(self.S.text.as_str())", "value == Some(\"text\")").of(Borrows::Receiver),
    result("Result<u8, &'static str>", "Ok(7)", failing("&'static str", "\"not yet\"", "\"not yet\"", "value == Err(\"not yet\")")),
    plain("Option<Result<u8, String>>", "Some(Err(String::from(\"fine\")))", "value.is_some_and(|value| value.is_err())"),
    result("Result<u8, Box<dyn Error>>", "Ok(7)", failing("Box<dyn Error>", "\"not yet\".into()", "\"not yet\"", "value.is_err_and(|error| error.to_string() == \"not yet\")")).local()
        .holds("value.is_err_and(|error| tells_of_panic(&*error))"),
    plain("Option<&~ Shared>", "Some(source)", "value.is_some()").of(Borrows::Argument),
    text("Result<impl Display, String>"),
    plain("fn(&u32) -> u32", "|n| n + 1", "value(&1) == 2"),
    result("Result<Result<u8, String>, String>", "Ok(Err(String::from(\"fine\")))", failing("String", "String::from(\"not yet\")", "\"not yet\"", "value.is_err()")),
    plain("Box<dyn Fn(&u32) -> &u32 + Send>", "Box::new(|n| n)", "value(&1) == &1"),
    text("Result<&~ str, String>").ok("Ok(self.S.text.as_str())").of(Borrows::Receiver),
    plain("Vec<Fresh>", "vec![Fresh::new()]", "value.len() == 1"),
    plain("[u8; 2]", "[7, 8]", "value == [7, 8]"),
    plain("(u8, String)", "(7, \"text\".into())", "value.0 == 7"),
    plain("&'static str", "\"text\"", "value == \"text\""),
];

impl Output {
    const fn ok(mut self, value: &'static str) -> Self {
        self.value = value;
        self
    }

    const fn never_fails(mut self) -> Self {
        self.error = None;
        self
    }
}

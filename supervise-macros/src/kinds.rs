//! The kinds of arguments.

use syn::{Receiver, ReceiverKind, Type};

/// A reference, to something `mut` or not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Mutable(pub bool);

/// What kind of reference `ty` is. Types from a `macro_rules!` matcher come in
/// groups without delimiters.
pub fn reference(ty: &Type) -> Option<Mutable> {
    match ty {
        Type::Group(group) => reference(&group.elem),
        Type::Paren(paren) => reference(&paren.elem),
        Type::Reference(reference) => Some(Mutable(reference.mutability.is_some())),
        _ => None,
    }
}

pub fn is_owned(receiver: &Receiver) -> bool {
    match &receiver.kind {
        ReceiverKind::Value => true,
        ReceiverKind::Typed(_, ty) => reference(ty).is_none(),
        _ => false,
    }
}

pub fn is_mutable(receiver: &Receiver) -> bool {
    match &receiver.kind {
        ReceiverKind::Reference(_, _, mutability) => mutability.is_some(),
        ReceiverKind::Typed(_, ty) => reference(ty) == Some(Mutable(true)),
        _ => false,
    }
}

/// Whether `ty` is of the language or its library and either can't be copied or
/// can be shared.
pub fn is_well_known(ty: &Type) -> bool {
    const SHARED: [&str; 19] = [
        "bool",
        "char",
        "f32",
        "f64",
        "i8",
        "i16",
        "i32",
        "i64",
        "i128",
        "isize",
        "u8",
        "u16",
        "u32",
        "u64",
        "u128",
        "usize",
        "Duration",
        "Instant",
        "SystemTime",
    ];
    const NOT_COPIED: [&str; 13] = [
        "Arc", "BTreeMap", "BTreeSet", "Box", "HashMap", "HashSet", "OsString", "PathBuf", "Rc",
        "Receiver", "String", "Vec", "VecDeque",
    ];
    match ty {
        Type::Group(group) => is_well_known(&group.elem),
        Type::Paren(paren) => is_well_known(&paren.elem),
        Type::Array(array) => is_well_known(&array.elem),
        Type::Tuple(tuple) => tuple.elems.iter().all(is_well_known),
        Type::Path(path) => path.path.segments.last().is_some_and(|last| {
            let mut names = SHARED.iter().chain(&NOT_COPIED);
            names.any(|name| last.ident == name)
        }),
        _ => false,
    }
}

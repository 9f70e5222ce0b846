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

//! What the attribute changes today in the diagnostics of a user's crate, and
//! should not. An entry goes with its cause: a test fails if it stays.

pub struct Known {
    /// The lint, or the error's code, or `error` for one without.
    pub code: &'static str,
    /// The functions in the files beside this one; `*` is any.
    pub functions: &'static [&'static str],
    /// What the expansion does to cause it.
    pub why: &'static str,
}

pub const KNOWN: &[Known] = &[
    // Not compiled (forbids.rs).
    // Arguments.
    Known {
        code: "unused_assignments",
        functions: &["assigned_never_read"],
        why: "of a field of a `self` whose type has a destructor: in the body it is captured, which nothing but a `let` could end",
    },
    Known {
        code: "unused_variables",
        functions: &["$name"],
        why: "rightly another place: a macro gets the caller's name of `$argument`, and not where that stood",
    },
    Known {
        code: "unused_mut",
        functions: &["unused_mut_self", "mut_arc"],
        why: "many: a `self` can't be bound anew, only assigned, and so its `mut` is used",
    },
    Known {
        code: "clippy::shadow_unrelated",
        functions: &["*"],
        why: "the user's name is that of the parameter, which an `#[instrument]` below may use, and of the run's own (restriction)",
    },
    Known {
        code: "clippy::collection_is_never_read",
        functions: &["assigned_never_read"],
        why: "told at the argument's name, not at all of the argument",
    },
    Known {
        code: "clippy::needless_pass_by_ref_mut",
        functions: &[
            "exclusive_for_nothing",
            "needless_mutable_reference",
            "overwritten_reference",
            "unused_exclusive_self",
            "unused_references",
            "unused_mutable",
            "reborrow_moved",
        ],
        why: "silent: each of many runs has a reborrow, and what is `mut` is bound anew",
    },
    Known {
        code: "clippy::ptr_arg",
        functions: &[
            "unused_references",
            "reborrow_moved",
            "needless_mutable_reference",
            "$name",
        ],
        why: "many, silent: each run has a reborrow",
    },
    Known {
        code: "clippy::needless_arbitrary_self_type",
        functions: &["typed_value"],
        why: "many, silent: `self: Self` becomes `mut self: Self`",
    },
    // What is kept, tails (kept.rs).
    Known {
        code: "unused_mut",
        functions: &["kept_with_a_needless_mut"],
        why: "silent: what is kept is lent as `&mut`",
    },
    Known {
        code: "clippy::while_let_on_iterator",
        functions: &["kept_generic"],
        why: "rightly another suggestion: what is kept is a `&mut` in the body",
    },
    // Plain functions (blocking.rs).
    Known {
        code: "unused_assignments",
        functions: &["thread_overwritten"],
        why: "rightly other words, those of an `async fn`: \"value assigned to\" for \"value passed to\"",
    },
    Known {
        code: "clippy::needless_pass_by_value",
        functions: &["thread_opaque", "thread_allowed"],
        why: "rightly silent: a run has its own",
    },
    Known {
        code: "unfulfilled_lint_expectations",
        functions: &["thread_expected_by_value"],
        why: "the same",
    },
    Known {
        code: "clippy::missing_const_for_fn",
        functions: &["thread_unreachable"],
        why: "rightly silent: a worker can't be `const`",
    },
    Known {
        code: "clippy::infinite_loop",
        functions: &["thread_infinite"],
        why: "its suggestion is at `fn`: the loop is in a closure (restriction)",
    },
    // Bodies.
    Known {
        code: "clippy::large_stack_frames",
        functions: &["large", "large_local"],
        why: "no false alarm: without optimizations the future is copied by each move on its way into the attempt, seven times",
    },
    Known {
        code: "clippy::unused_async",
        functions: &["*"],
        why: "silent: the expansion awaits (and it should be: a worker may have nothing to await)",
    },
    Known {
        code: "unfulfilled_lint_expectations",
        functions: &["expected_unused_async"],
        why: "the same",
    },
    Known {
        code: "clippy::redundant_locals",
        functions: &["shadows"],
        why: "silent: a `&` is captured in between",
    },
    Known {
        code: "clippy::implicit_return",
        functions: &["*"],
        why: "silent: the body is that of a block; of a tail, told of the expansion (restriction)",
    },
];

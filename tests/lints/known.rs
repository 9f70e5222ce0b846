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
        functions: &["assigned_never_read", "overwritten_before_read"],
        why: "an argument that is overwritten before it is read is told by no lint, or as captured",
    },
    Known {
        code: "unused_variables",
        functions: &[
            "assigned_never_read",
            "assigned_in_a_loop",
            "changed_never_read",
            "unused_but_named_like_a_field",
        ],
        why: "once: the variable that is told to be unused is another than the one that is assigned",
    },
    Known {
        code: "unused_variables",
        functions: &[
            "unused_shadowed",
            "unused_but_named_in_a_closure",
            "unused_but_named_in_a_text",
        ],
        why: "silent: the argument's name is in the body, as that of something else",
    },
    Known {
        code: "unused_variables",
        functions: &["unused_mutable", "unused_in_an_empty_body", "$name"],
        why: "told at the name, not at `mut name`; in a macro, at the caller's name",
    },
    Known {
        code: "unused_mut",
        functions: &["unused_mut_self", "mut_arc"],
        why: "many: a receiver by value is assigned for each run, so its `mut` is used",
    },
    Known {
        code: "clippy::used_underscore_binding",
        functions: &["underscores"],
        why: "`let _x = _x` for what comes after a pattern",
    },
    Known {
        code: "clippy::shadow_same",
        functions: &["*"],
        why: "`let x = x`, `let x = &mut *x` at the user's name (restriction)",
    },
    Known {
        code: "clippy::shadow_unrelated",
        functions: &["*"],
        why: "`let x;`, `let x = ();` at the user's name (restriction)",
    },
    Known {
        code: "clippy::collection_is_never_read",
        functions: &["assigned_never_read"],
        why: "silent: the argument is mentioned by the expansion",
    },
    Known {
        code: "clippy::needless_pass_by_ref_mut",
        functions: &[
            "exclusive_for_nothing",
            "needless_mutable_reference",
            "unused_exclusive_self",
            "unused_references",
            "unused_mutable",
            "reborrow_moved",
        ],
        why: "silent: the argument is moved or reborrowed by the expansion",
    },
    Known {
        code: "clippy::ptr_arg",
        functions: &[
            "unused_references",
            "reborrow_moved",
            "needless_mutable_reference",
            "$name",
        ],
        why: "silent: the argument is moved or reborrowed by the expansion",
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
    Known {
        code: "clippy::manual_async_fn",
        functions: &["tail", "dead_tail"],
        why: "the suggestion is broken: the new block's place is the word `async`, which clippy takes for the body",
    },
    Known {
        code: "clippy::needless_pass_by_value",
        functions: &["tail"],
        why: "silent: the argument is moved by the expansion",
    },
    // Bodies.
    Known {
        code: "clippy::async_yields_async",
        functions: &["future_of_a_future", "yields_async"],
        why: "clippy looks at blocks, not at functions",
    },
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
        code: "clippy::needless_return",
        functions: &[
            "comparisons",
            "needless_return",
            "needless_return_of_unit",
            "returns_unit",
        ],
        why: "silent: clippy looks at the tail of a function, not of a block",
    },
    Known {
        code: "clippy::needless_lifetimes",
        functions: &["needless_output_lifetimes"],
        why: "silent: the output's lifetime is named in the body",
    },
    Known {
        code: "clippy::redundant_locals",
        functions: &["shadows", "shadowed"],
        why: "silent: the argument is captured in between",
    },
    Known {
        code: "clippy::implicit_return",
        functions: &["*"],
        why: "once: told of the expansion; of the body it is silent (restriction)",
    },
];

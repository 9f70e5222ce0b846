//! What no library can catch: what happens, and what to do instead.
//!
//! This module is a page of the documentation; there is nothing in it. Each
//! section names the test that shows it, in a process of its own: all are in
//! `tests/uncaught` but the first.
//!
//! # What ends the process
//!
//! With `SIGABRT`, as Unix calls it, or with an exit code. The log ends with a run
//! that began; what is said of the end is on stderr. Whatever started the process
//! has to start it again, and its metrics begin at 0: `supervise_panics_total` does
//! not tell of these.
//!
//! ## `panic = "abort"` in the Cargo profile
//!
//! The first panic, of a worker or not, ends the process with `SIGABRT` once the
//! panic hook has printed it. To build this crate so is a compile error. Feature
//! `panic-abort` accepts it: an `Err` is supervised as ever, the first start of a
//! worker warns, and [`log_panics_only`](crate::log_panics_only) keeps nothing off
//! stderr.
//!
//! *Instead:* remove the line; `"unwind"` is the default.
//! *Shown by* `.ci/panic-abort`, as it takes a build of its own.
//!
//! ## A panic in a destructor, while another one unwinds
//!
//! `SIGABRT`, with both panics on stderr. A destructor that panics at any other
//! time is contained.
//!
//! *Instead:* a `Drop` logs what went wrong, or ignores it; it does not `unwrap`.
//! *Shown by* `a_panic_in_drop_during_unwinding_aborts_and_both_are_on_stderr`.
//!
//! ## A panic in a panic hook
//!
//! `SIGABRT`, with the message of the hook's own panic alone. This crate's hook
//! takes notes and does nothing else; it calls the one from before, which may be
//! anybody's.
//!
//! *Instead:* a hook that only takes notes. Or
//! [`log_panics_only`](crate::log_panics_only), with which the hook from before is
//! not called for workers.
//! *Shown by* `a_panic_in_a_panic_hook_aborts` and
//! `a_panic_hook_does_nothing_to_workers_whose_panics_are_only_logged`.
//!
//! ## A panic hook that exits
//!
//! The process ends with the hook's exit code, at the first panic anywhere. Some
//! services have such a hook so as to be restarted as a whole.
//!
//! *Instead:* a worker without which the process is to end is `critical`, and
//! `main` returns what [`wait`](crate::Supervisor::wait) does.
//! *Shown by* `a_panic_hook_that_exits_ends_the_process_with_its_code`.
//!
//! ## Stack overflow
//!
//! `SIGABRT`, and a line on stderr that names the thread.
//!
//! *Instead:* recursion whose depth the input decides is given a limit, or becomes
//! a loop.
//! *Shown by* `a_stack_overflow_aborts_and_names_the_thread`.
//!
//! ## An allocation that fails
//!
//! `SIGABRT`, and a line with its size. More often the kernel ends a process that
//! has used up its memory before that, with `SIGKILL` and without a word.
//!
//! *Instead:* queues and caches that have a limit; `try_reserve` for a size that
//! comes from outside. A size that no allocation can have is a panic (`capacity
//! overflow`), and contained.
//! *Shown by* `a_failed_allocation_aborts_and_tells_its_size`.
//!
//! ## `std::process::exit`
//!
//! The process ends with the code it was given, 0 included. Nothing is dropped, no
//! worker is stopped, nothing is logged.
//!
//! *Instead:* return from `main`; in a worker, return an `Err` and be `critical`.
//! The lint in `examples/lint` finds the calls.
//! *Shown by* `process_exit_ends_it_without_a_word_even_with_success`.
//!
//! ## `std::process::abort`
//!
//! The same, with `SIGABRT`.
//!
//! *Instead:* panic. The lint finds these calls, too.
//! *Shown by* `process_abort_ends_it_without_a_word`.
//!
//! ## A panic that leaves an `extern "C"` function
//!
//! `SIGABRT`, with the panic and a stack on stderr: it may not unwind through
//! foreign code.
//!
//! *Instead:* the function catches what it calls (`std::panic::catch_unwind`), and
//! returns an error code.
//! *Shown by* `a_panic_that_leaves_an_extern_c_function_aborts`.
//!
//! # What no restart helps
//!
//! ## A poll that blocks
//!
//! A future is dropped between its polls. One that never yields stays: its
//! `timeout` is not looked at, and neither `stop` nor `restart` reach it. At the
//! shutdown it is named in the log and in the error of
//! [`wait`](crate::Supervisor::wait), and not waited for.
//!
//! *Instead:* what blocks goes to [`spawn_blocking`](crate::spawn_blocking), what
//! computes for long awaits `tokio::task::yield_now` now and then.
//! *Shown by* `a_poll_that_blocks_can_not_be_dropped_and_is_named_at_the_shutdown`.
//!
//! ## A child that was let go of
//!
//! What a worker hands to a plain `tokio::spawn` is not part of its run. A panic
//! there is on stderr only, and a restart of the worker adds another child to
//! those that are still there.
//!
//! *Instead:* [`spawn_child`](crate::spawn_child), which ends with the run;
//! [`spawn`](crate::spawn) for what is to outlive it; a `JoinSet` for what is
//! waited for. The lint finds the calls.
//! *Shown by* `a_detached_child_outlives_its_run_and_its_panic_is_silent`.
//!
//! ## A poisoned mutex
//!
//! A panic while a `std::sync::Mutex` is locked poisons it. Each later run that
//! unwraps the lock panics at once, until the worker gives up; the last line says
//! `PoisonError`. Without `max_restarts` it goes on for ever, ever more slowly.
//!
//! *Instead:* a state that each run makes for itself; where no panic can leave it
//! half-written, `lock().unwrap_or_else(PoisonError::into_inner)`. Where neither
//! will do, `max_restarts` and `critical`: only a new process has a new mutex.
//! *Shown by*
//! `a_poisoned_mutex_fails_each_restart_until_the_worker_gives_up_and_names_the_poison`.
//!
//! ## A state that is half-written
//!
//! What an `Arc`, a `static` or a `&mut` argument leads to is as the failed run
//! left it, and the next one finds it so.
//!
//! *Instead:* compute first, then write at once: the swap of an `Arc`, a
//! transaction. No panic comes in between.
//! *Shown by* `what_is_half_written_in_an_arc_is_what_the_next_run_finds`.

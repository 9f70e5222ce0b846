//! Counts the allocations of this process.
//!
//! The counters are always on: under valgrind too, where they cost each
//! allocation the same few instructions in every variant.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

use crate::Fallible;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// What was allocated, whether or not it was freed again.
pub struct Allocated<Number> {
    pub times: Number,
    pub bytes: Number,
}

/// What `run` allocates.
pub fn counted(run: impl FnOnce() -> Fallible) -> Fallible<Allocated<usize>> {
    let region = Region::new(ALLOCATOR);
    run()?;
    let change = region.change();
    Ok(Allocated {
        // Growing what there is costs as much as allocating it.
        times: change.allocations + change.reallocations,
        bytes: change.bytes_allocated,
    })
}

/// Bytes allocated and not freed.
pub fn live() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

//! The live heap of this process.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Bytes allocated and not freed.
pub fn live() -> usize {
    let stats = HEAP.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

/// The means of the first and the last third.
pub fn thirds(samples: &[usize]) -> [usize; 2] {
    let third = (samples.len() / 3).max(1);
    let first = &samples[..third];
    let last = &samples[samples.len() - third..];
    [first, last].map(|samples| samples.iter().sum::<usize>() / third)
}

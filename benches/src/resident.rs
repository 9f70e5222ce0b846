//! What this process has in memory, in bytes, as Linux tells it.

use std::fs;

pub fn now() -> Option<usize> {
    bytes("VmRSS:")
}

/// In its fullest moment.
pub fn at_most() -> Option<usize> {
    bytes("VmHWM:")
}

fn bytes(field: &str) -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    let kilobytes: usize = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024)
}

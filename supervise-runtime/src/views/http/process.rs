//! What is known of the process itself.

use std::sync::OnceLock;
use std::time::{Duration, SystemTime};
use std::{env, fs, process};

/// What does not change as long as it lives.
pub(super) struct Process {
    /// The name of its program.
    pub(super) program: Option<String>,
    pub(super) pid: u32,
    pub(super) host: Option<String>,
    pub(super) started: Option<SystemTime>,
}

impl Process {
    /// This one.
    pub(super) fn current() -> &'static Self {
        static CURRENT: OnceLock<Process> = OnceLock::new();
        CURRENT.get_or_init(|| Self {
            program: program(),
            pid: process::id(),
            host: host(),
            started: started(),
        })
    }
}

fn program() -> Option<String> {
    let path = env::current_exe().ok()?;
    Some(path.file_stem()?.to_string_lossy().into_owned())
}

/// Of a container, its own name.
fn host() -> Option<String> {
    let kernel = || fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let variable = |name| env::var(name).ok();
    let name = kernel()
        .or_else(|| variable("HOSTNAME"))
        .or_else(|| variable("COMPUTERNAME"))?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// As Linux tells it. Elsewhere it is not known, and better not told than told
/// wrongly.
fn started() -> Option<SystemTime> {
    let process = fs::read_to_string("/proc/self/stat").ok()?;
    let uptime = fs::read_to_string("/proc/uptime").ok()?;
    // Not from the time of the boot, which may have been told by a clock that was
    // set later.
    let age = up_for(&uptime)?.saturating_sub(since_boot(&process)?);
    SystemTime::now().checked_sub(age)
}

/// The field `starttime` of `/proc/[pid]/stat`, see proc(5): the 22nd, of which
/// the second is in brackets and may hold anything.
fn since_boot(stat: &str) -> Option<Duration> {
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks: u64 = fields.split_whitespace().nth(19)?.parse().ok()?;
    // Linux tells programs hundredths of a second, whatever the kernel counts in.
    Some(Duration::from_millis(ticks * 10))
}

/// The first field of `/proc/uptime`: seconds since the boot.
fn up_for(uptime: &str) -> Option<Duration> {
    let seconds = uptime.split_whitespace().next()?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_is_read_past_a_name_that_looks_like_fields() {
        let stat = "4242 (my ) R 1 1) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 12345 20";
        assert_eq!(since_boot(stat), Some(Duration::from_millis(123_450)));
        assert_eq!(since_boot("nonsense"), None);
    }

    #[test]
    fn what_is_no_uptime_is_none() {
        assert_eq!(
            up_for("350.5 1200.75\n"),
            Some(Duration::from_millis(350_500))
        );
        for nonsense in ["", "-1 2", "NaN", "soon"] {
            assert_eq!(up_for(nonsense), None);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_was_started_a_moment_ago() {
        let started = started().unwrap();
        let ago = SystemTime::now().duration_since(started).unwrap();
        // Other tests may have come first.
        assert!(ago < Duration::from_secs(600), "{ago:?}");
    }
}

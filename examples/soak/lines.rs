//! The log: formatted as for a terminal, counted, and thrown away.

use std::io;
use std::sync::atomic::AtomicU64;

use tracing::info_span;

use crate::pool::add;
use crate::workers::WORKERS;

/// All lines.
pub static ALL: AtomicU64 = AtomicU64::new(0);
/// Those that tell of the panic of a run.
pub static PANICS: AtomicU64 = AtomicU64::new(0);
/// Those that tell of a panic in the clean-up after one.
pub static CLEAN_UPS: AtomicU64 = AtomicU64::new(0);

pub fn count() {
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(|| Lines)
        .init();
}

/// The subscriber keeps, for each thread, the room of as many spans as were
/// ever open at once. Made now, for more than there will be, it is no growth.
pub fn make_room_for_spans() {
    let spans: Vec<_> = (0..WORKERS * 2).map(|_| info_span!("room")).collect();
    drop(spans);
}

/// Gets each line, and its stack if it has one, in one piece.
struct Lines;

impl io::Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        add(&ALL);
        if text.contains(" supervise::panic: worker panicked ") {
            add(&PANICS);
        }
        if text.contains(" supervise::panic: panic in the clean-up after a run ") {
            add(&CLEAN_UPS);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

//! Every budget of section 11 of the design, in its order, with what was measured
//! and a verdict.

use crate::Fallible;
use crate::scenarios::Scenario;
use crate::valgrind::Valgrind;
use crate::{compile, crash_loop, crates, report, size, table};

/// # Errors
///
/// That one is not met.
pub fn print() -> Fallible {
    let mut rows = report::rows(&Scenario::ALL, Some(Valgrind::find()?), |goal| {
        goal.budget.is_some()
    })?;
    rows.extend(size::rows());
    rows.extend(crates::rows()?);
    rows.extend(compile::rows()?);
    rows.extend(crash_loop::rows()?);
    table::print(&rows);
    match rows.iter().filter(|row| !row.is_met()).count() {
        0 => Ok(()),
        over => Err(format!("{over} over the budget").into()),
    }
}

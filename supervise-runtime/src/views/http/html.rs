//! The workers for people.

use super::snapshot::Snapshot;

pub(super) fn page(snapshot: &Snapshot, _query: &str) -> String {
    super::text::page(snapshot)
}

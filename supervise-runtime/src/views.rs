//! Ways to look at the registry.

#[cfg(feature = "prometheus")]
pub mod metrics;

//! Ways to look at the registry.

#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "prometheus")]
pub mod metrics;

//! A run that stays up for months, under a layer that exports spans as traces: what
//! is kept of its lines until then. One test: it counts the whole process.

use std::alloc::System;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use supervise::supervised;
use tokio::runtime::Builder;
use tokio::time::sleep;
use tracing::{info, instrument};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Layer, SubscriberExt};

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The filter that the documentation shows.
const FILTER: &str = "info,supervise::run=off";
/// One that lets the span of a run pass.
const NO_FILTER: &str = "info";

const WARM: u32 = 1_000;

/// Bytes allocated and not freed.
fn live() -> usize {
    let stats = HEAP.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

/// The name of each exported span, and how many lines were in it.
#[derive(Clone, Debug, Default)]
struct Exported(Arc<Mutex<Vec<(String, usize)>>>);

impl SpanExporter for Exported {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.into_iter();
        let spans = spans.map(|span| (span.name.into_owned(), span.events.len()));
        self.0.lock().unwrap().extend(spans);
        Ok(())
    }
}

/// Logs in one run, with a span of its own after all; how much the heap has grown
/// meanwhile.
#[supervised(name = "talks a lot")]
async fn talks(lines: u32) -> usize {
    let mut live_when_warm = 0;
    for line in 0..lines {
        if line == WARM {
            live_when_warm = live();
        }
        if line % 100_000 == 0 {
            sleep(Duration::from_millis(1)).await;
        }
        info!(line, "on and on");
    }
    let grown = live().saturating_sub(live_when_warm);
    job(lines).await;
    grown
}

#[instrument]
async fn job(lines: u32) {
    info!("done");
    sleep(Duration::from_millis(1)).await;
}

/// How much the heap grows by these lines of a run, and what is exported.
/// `is_deferred`: the layer itself keeps what it sees until a span is closed, as all
/// did before its version 0.32, and not the SDK.
fn export(lines: u32, filter: &str, is_deferred: bool) -> (usize, Vec<(String, usize)>) {
    let exported = Exported::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exported.clone())
        .build();
    let layer = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("service"))
        .with_context_activation(!is_deferred)
        .with_filter(filter.parse::<Targets>().unwrap());
    let subscriber = tracing_subscriber::registry().with(layer);
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    let grown = tracing::subscriber::with_default(subscriber, || runtime.block_on(talks(lines)));
    let exported = exported.0.lock().unwrap().clone();
    (grown, exported)
}

#[test]
fn a_million_lines_of_a_run_leave_the_heap_as_large_with_the_filter_that_is_documented() {
    let documentation = include_str!("../supervise-runtime/src/lib.rs");
    assert!(documentation.contains(&format!("{FILTER:?}")));
    let job = ("job".to_owned(), 1);

    for is_deferred in [true, false] {
        let (grown, exported) = export(1_000_000, FILTER, is_deferred);
        assert!(grown <= 1_024, "{grown} bytes more than after {WARM} lines");
        // A span of the user's in a run is a trace of its own, with its lines.
        assert_eq!(exported, std::slice::from_ref(&job));
    }

    // Without it they are kept, and it is of no use: when the run is over, the SDK
    // exports the first of them.
    let exported_late = [job, ("worker".to_owned(), 128)];
    let lines = 20_000;
    let (grown, exported) = export(lines, NO_FILTER, true);
    assert!(grown > 100 * lines as usize, "{grown} bytes are no proof");
    assert_eq!(exported, exported_late);
    // Or keeps no others from the beginning.
    let (grown, exported) = export(lines, NO_FILTER, false);
    assert!(grown <= 1_024, "{grown} bytes more than after {WARM} lines");
    assert_eq!(exported, exported_late);
}

//! Functions that other attributes, macros and conditions had a hand in.
//!
//! A test target of two packages, one for each edition.

use std::cell::Cell;
use std::fmt::Display;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use supervise::supervised;
use supervise_tests::record::record;
use supervise_tests::{Runs, status};
use tokio::sync::mpsc::{Receiver, channel};
use tokio::task::yield_now;
use tracing::{info, instrument};

fn send<F: Future + Send>(future: F) -> F {
    future
}

mod rewritten_by_async_trait {
    use super::*;

    #[derive(Clone, Default)]
    struct Job {
        runs: Arc<Runs>,
        n: u32,
    }

    #[async_trait]
    trait Work: Send + Sync {
        async fn shared(&self, text: &str, owned: String) -> String;
        async fn exclusive(
            &mut self,
            log: &mut Vec<u32>,
            (a, _): (u32, u32),
        ) -> Result<u32, String>;
        async fn owned(self, mut text: String) -> String;
        async fn arc(self: Arc<Self>) -> u32;
        async fn no_self(runs: &Runs) -> u32;
        async fn generic<T: Display + Clone + Send + Sync>(&self, value: T) -> String;

        fn runs(&self) -> &Runs;

        #[supervised(restart = true)]
        async fn by_default(&self, add: u32) -> u32 {
            yield_now().await;
            self.runs().panic_twice();
            self.runs().count() + add
        }
    }

    #[async_trait]
    impl Work for Job {
        #[supervised(name = "async_trait", restart = true)]
        async fn shared(&self, text: &str, owned: String) -> String {
            yield_now().await;
            self.runs.panic_twice();
            format!("{text}{owned}{}", self.n)
        }

        #[supervised(restart = true)]
        async fn exclusive(
            &mut self,
            log: &mut Vec<u32>,
            (a, _): (u32, u32),
        ) -> Result<u32, String> {
            self.n += a;
            log.push(self.n);
            yield_now().await;
            if self.runs.next() < 3 {
                return Err("again".into());
            }
            let parsed: u32 = "1".parse().map_err(|_| "no number")?;
            Ok(self.n + parsed)
        }

        #[supervised(restart = true)]
        async fn owned(self, mut text: String) -> String {
            text.push('!');
            yield_now().await;
            self.runs.panic_twice();
            text
        }

        #[supervised(restart = true)]
        async fn arc(self: Arc<Self>) -> u32 {
            yield_now().await;
            self.runs.panic_twice();
            self.n
        }

        #[supervised(restart = true)]
        async fn no_self(runs: &Runs) -> u32 {
            yield_now().await;
            runs.panic_twice();
            runs.count()
        }

        #[supervised(restart = true)]
        async fn generic<T: Display + Clone + Send + Sync>(&self, value: T) -> String {
            yield_now().await;
            self.runs.panic_twice();
            value.to_string()
        }

        fn runs(&self) -> &Runs {
            &self.runs
        }
    }

    #[tokio::test(start_paused = true)]
    async fn every_method_restarts() {
        let job = || Job {
            n: 1,
            ..Job::default()
        };
        assert_eq!(send(job().shared("a", "b".into())).await, "ab1");
        assert_eq!(status("async_trait").starts, 3);
        let mut log = Vec::new();
        assert_eq!(send(job().exclusive(&mut log, (2, 0))).await, Ok(8));
        assert_eq!(log, [3, 5, 7]);
        assert_eq!(status("Job::exclusive").starts, 3);
        assert_eq!(send(job().owned("t".into())).await, "t!");
        assert_eq!(send(Arc::new(job()).arc()).await, 1);
        assert_eq!(send(Job::no_self(&Runs::new())).await, 3);
        assert_eq!(send(job().generic(7)).await, "7");
        assert_eq!(send(job().by_default(10)).await, 13);
        assert_eq!(status("Job::by_default").starts, 3);
    }

    #[async_trait]
    trait Once {
        async fn take(&mut self, jobs: Receiver<u8>) -> Result<u8, Box<dyn std::error::Error>>;
        async fn keep(&self, jobs: Receiver<u8>) -> Option<u8>;
    }

    #[async_trait]
    impl Once for Job {
        #[supervised]
        async fn take(&mut self, mut jobs: Receiver<u8>) -> Result<u8, Box<dyn std::error::Error>> {
            self.n += 1;
            Ok(jobs.recv().await.ok_or("closed")?)
        }

        #[supervised(restart = true)]
        async fn keep(&self, #[keep] jobs: Receiver<u8>) -> Option<u8> {
            self.runs.panic_twice();
            jobs.recv().await
        }
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_restart_or_kept_an_argument_need_not_be_clone() {
        let (sender, jobs) = channel(1);
        sender.send(4).await.unwrap();
        assert_eq!(Job::default().take(jobs).await.ok(), Some(4));
        let (sender, jobs) = channel(1);
        sender.send(5).await.unwrap();
        assert_eq!(Job::default().keep(jobs).await, Some(5));
    }
}

mod futures_by_hand {
    use super::*;

    // As a trait's declaration may ask for.
    #[allow(clippy::manual_async_fn)]
    #[supervised(restart = true)]
    fn opaque(runs: &Runs, text: String) -> impl Future<Output = String> + Send + '_ {
        async move {
            yield_now().await;
            runs.panic_twice();
            text
        }
    }

    #[supervised(restart = true)]
    fn boxed(runs: &Runs, n: u8) -> Pin<Box<dyn Future<Output = Result<u8, String>> + Send + '_>> {
        Box::pin(async move {
            yield_now().await;
            if runs.next() < 3 {
                return Err("again".into());
            }
            Ok(n)
        })
    }

    #[allow(clippy::manual_async_fn)]
    #[supervised(restart = true)]
    fn with_attributes(runs: &Runs) -> impl Future<Output = u32> + Send + '_ {
        async move {
            #![allow(clippy::manual_assert)]
            #![deny(unused)]
            yield_now().await;
            if runs.next() < 3 {
                panic!("again");
            }
            runs.count()
        }
    }

    trait Declared {
        fn run(&self) -> impl Future<Output = u32> + Send;
    }

    impl Declared for Runs {
        #[supervised(restart = true)]
        async fn run(&self) -> u32 {
            yield_now().await;
            self.panic_twice();
            self.count()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_function_that_returns_its_future_restarts() {
        assert_eq!(send(opaque(&Runs::new(), "t".into())).await, "t");
        assert_eq!(send(boxed(&Runs::new(), 7)).await, Ok(7));
        assert_eq!(send(with_attributes(&Runs::new())).await, 3);
        assert_eq!(send(Declared::run(&Runs::new())).await, 3);
    }
}

mod arguments_of_a_policy {
    use std::time::Duration;

    use supervise::{Policy, Restart};

    use super::*;

    // What the body does not use, the policy does.
    #[deny(unused_variables)]
    #[allow(clippy::used_underscore_binding)]
    #[supervised(policy = Policy::new().restart(restart).timeout(_limit))]
    async fn planned(runs: &Runs, restart: Restart, _limit: Duration) {
        yield_now().await;
        runs.panic_twice();
    }

    #[tokio::test(start_paused = true)]
    async fn need_not_be_used_by_the_body() {
        let runs = Runs::new();
        send(planned(&runs, Restart::OnPanic, Duration::from_secs(1))).await;
        assert_eq!(runs.count(), 3);
    }
}

/// What the body does not use, the other attribute does.
#[deny(unused_variables)]
mod instrumented {
    use super::*;

    #[supervised(restart = true)]
    #[instrument(skip(runs))]
    async fn below(runs: &Runs, id: u32) {
        info!("from the run");
        yield_now().await;
        runs.panic_twice();
    }

    #[instrument(skip(runs))]
    #[supervised(restart = true)]
    async fn above(runs: &Runs, id: u32) {
        info!("from the run");
        yield_now().await;
        runs.panic_twice();
    }

    struct Service(Runs);

    impl Service {
        #[supervised(restart = true)]
        #[instrument(skip(self))]
        async fn exclusive(&mut self, id: u32) {
            info!("from the run");
            yield_now().await;
            self.0.panic_twice();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn instrument_goes_above_and_below() {
        for expected in [
            ["below", "worker"],
            ["worker", "above"],
            ["exclusive", "worker"],
        ] {
            let (record, _guard) = record();
            match expected {
                ["below", _] => send(below(&Runs::new(), 7)).await,
                [_, "above"] => send(above(&Runs::new(), 7)).await,
                _ => send(Service(Runs::new()).exclusive(7)).await,
            }
            let lines = record.with_message("from the run");
            assert_eq!(lines.len(), 3);
            for line in lines {
                let spans: Vec<_> = line.spans.iter().map(|(name, _)| *name).collect();
                assert_eq!(spans, expected);
            }
        }
    }
}

mod conditional {
    use super::*;

    #[supervised(restart = true)]
    async fn arguments(
        runs: &Runs,
        #[cfg(test)] there: String,
        #[cfg(not(test))] not_there: NoSuchType,
        #[cfg(not(test))]
        #[keep]
        nor_kept: NoSuchType,
        #[cfg(test)] lent: &mut Vec<u8>,
        #[cfg(not(test))] nor_lent: &mut NoSuchType,
        #[cfg(test)]
        #[keep]
        kept: Vec<u8>,
        #[allow(unused_variables)] unused: String,
    ) -> (String, usize) {
        lent.push(1);
        kept.push(1);
        yield_now().await;
        runs.panic_twice();
        (there, kept.len())
    }

    #[cfg(test)]
    #[supervised]
    async fn function() -> u8 {
        1
    }

    #[cfg(not(test))]
    #[supervised]
    async fn function() -> NoSuchType {
        1
    }

    #[tokio::test(start_paused = true)]
    async fn arguments_and_functions_are_there_under_their_conditions() {
        let (runs, mut lent) = (Runs::new(), Vec::new());
        let worker = arguments(&runs, "x".into(), &mut lent, Vec::new(), String::new());
        assert_eq!(send(worker).await, ("x".into(), 3));
        assert_eq!(lent.len(), 3);
        assert_eq!(function().await, 1);
    }
}

mod lifetimes_and_generics {
    use super::*;

    #[supervised(restart = true)]
    async fn named<'a, 'b: 'a>(runs: &Runs, first: &'a str, second: &'b str) -> &'a str {
        yield_now().await;
        runs.panic_twice();
        if first.is_empty() { second } else { first }
    }

    #[supervised(restart = true)]
    async fn forever(runs: &Runs, text: &'static str) -> &'static str {
        yield_now().await;
        runs.panic_twice();
        text
    }

    #[supervised]
    async fn recursive(n: u32) -> u32 {
        if n == 0 {
            return 0;
        }
        1 + Box::pin(recursive(n - 1)).await
    }

    /// `Send`, but not `Sync`.
    struct Unshared {
        runs: Runs,
        cell: Cell<u32>,
    }

    impl Unshared {
        #[supervised(restart = true)]
        async fn work(&mut self) -> u32 {
            let before = self.cell.get();
            yield_now().await;
            self.cell.set(before + 1);
            self.runs.panic_twice();
            self.cell.get()
        }

        #[supervised(restart = true)]
        async fn with<T>(
            &mut self,
            value: T,
            mut count: u32,
            none: PhantomData<Cell<u8>>,
        ) -> (T, u32)
        where
            T: Copy + Send,
        {
            count += 1;
            yield_now().await;
            let _ = none;
            self.runs.panic_twice();
            (value, count)
        }

        #[supervised(restart = true)]
        async fn kept_with<T: Copy + Send>(#[keep] self, value: T) -> T {
            yield_now().await;
            self.runs.panic_twice();
            value
        }

        #[supervised]
        async fn kept_once<T: Copy + Send>(#[keep] self, value: T) -> T {
            yield_now().await;
            self.cell.set(1);
            value
        }

        #[supervised(restart = true)]
        async fn borrow(&self) -> &u32
        where
            Self: Sized,
        {
            self.runs.panic_twice();
            &7
        }
    }

    struct Around<T>(Runs, T);

    impl<T: Copy + Send> Around<T> {
        #[supervised(restart = true)]
        async fn of_the_impl(&mut self, value: T) -> T {
            yield_now().await;
            self.0.panic_twice();
            value
        }
    }

    async fn of_an_impl_is_send<T: Copy + Send>(around: &mut Around<T>, value: T) -> T {
        send(around.of_the_impl(value)).await
    }

    fn unshared() -> Unshared {
        Unshared {
            runs: Runs::new(),
            cell: Cell::new(0),
        }
    }

    fn generic_is_send<T: Copy + Send>(value: T) -> impl Future<Output = T> + Send {
        send(unshared().kept_once(value))
    }

    struct Generic<'a, T, const N: usize>(&'a Runs, [T; N]);

    impl<T: Clone + Send + Sync, const N: usize> Generic<'_, T, N> {
        #[supervised(restart = true)]
        async fn first<U>(&self, other: U) -> (T, U)
        where
            U: Clone + Send,
        {
            yield_now().await;
            self.0.panic_twice();
            (self.1[0].clone(), other)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn lifetimes_recursion_and_generics_restart() {
        assert_eq!(send(named(&Runs::new(), "", "b")).await, "b");
        assert_eq!(send(forever(&Runs::new(), "s")).await, "s");
        assert_eq!(send(recursive(3)).await, 3);
        let mut service = Unshared {
            runs: Runs::new(),
            cell: Cell::new(0),
        };
        assert_eq!(send(service.work()).await, 3);
        service.runs = Runs::new();
        assert_eq!(send(service.with(1_u8, 1, PhantomData)).await, (1, 2));
        assert_eq!(send(unshared().kept_with("a")).await, "a");
        assert_eq!(send(unshared().kept_once("b")).await, "b");
        assert_eq!(generic_is_send(1).await, 1);
        let mut around = Around(Runs::new(), 1);
        assert_eq!(of_an_impl_is_send(&mut around, 2).await, 2);
        assert_eq!(
            *Unshared {
                runs: Runs::new(),
                cell: Cell::new(0)
            }
            .borrow()
            .await,
            7
        );
        let runs = Runs::new();
        let generic = Generic(&runs, ["x", "y"]);
        assert_eq!(send(generic.first(1)).await, ("x", 1));
    }
}

mod attributes {
    use super::*;

    /// Documented.
    #[must_use]
    #[deprecated(note = "for the test")]
    #[supervised]
    #[inline]
    #[doc(hidden)]
    pub async fn many() -> u8 {
        #![allow(unused_variables)]
        let unused = 1;
        2
    }

    #[tokio::test]
    #[allow(deprecated)]
    async fn attributes_inside_and_outside_are_kept() {
        assert_eq!(many().await, 2);
    }

    #[supervised]
    #[tokio::test]
    async fn a_test_may_be_a_worker() {
        yield_now().await;
    }
}

mod reexported {
    pub mod deep {
        pub use supervise as again;
    }

    #[supervise::supervised(crate = crate::reexported::deep::again, restart = true)]
    async fn elsewhere(runs: &super::Runs) {
        runs.panic_twice();
    }

    #[tokio::test(start_paused = true)]
    async fn the_crate_may_be_reexported() {
        let runs = super::Runs::new();
        elsewhere(&runs).await;
        assert_eq!(runs.count(), 3);
    }
}

//! The functions that the attribute takes, and what their callers get.
//!
//! A test target of two packages, one for each edition.

use std::cell::Cell;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::future::Future;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use supervise::{Failure, supervised};
use supervise_tests::{Runs, status};
use tokio::task::yield_now;

fn send<F: Future + Send>(future: F) -> F {
    future
}

mod arguments {
    use super::*;

    #[supervised(restart = true)]
    async fn push(runs: &Runs, mut text: String) -> String {
        text.push('!');
        yield_now().await;
        runs.panic_twice();
        text
    }

    #[tokio::test(start_paused = true)]
    async fn by_value_each_run_has_a_copy_of_what_the_caller_passed() {
        assert_eq!(send(push(&Runs::new(), "a".into())).await, "a!");
    }

    #[supervised(restart = true)]
    async fn append(runs: &Runs, log: &mut Vec<u32>) {
        log.push(runs.count());
        yield_now().await;
        runs.panic_twice();
    }

    #[tokio::test(start_paused = true)]
    async fn by_mutable_reference_each_run_sees_what_earlier_ones_wrote() {
        let mut log = Vec::new();
        send(append(&Runs::new(), &mut log)).await;
        assert_eq!(log, [0, 1, 2]);
    }

    struct Point {
        x: i32,
        y: String,
    }

    impl Clone for Point {
        fn clone(&self) -> Self {
            Self {
                x: self.x + 1,
                y: self.y.clone(),
            }
        }
    }

    #[supervised(restart = true)]
    async fn destructured(
        runs: &Runs,
        Point { mut x, y }: Point,
        (a, _): (u8, String),
        [first, ..]: [u8; 3],
        &b: &u8,
        _: String,
    ) -> String {
        x += 1;
        yield_now().await;
        runs.panic_twice();
        format!("{x}{y}{a}{first}{b}")
    }

    #[tokio::test(start_paused = true)]
    async fn patterns_are_bound_anew_in_each_run() {
        let point = Point {
            x: 0,
            y: "y".into(),
        };
        let runs = Runs::new();
        let future = destructured(
            &runs,
            point,
            (1, String::new()),
            [7, 8, 9],
            &5,
            String::new(),
        );
        assert_eq!(send(future).await, "2y175");
    }

    #[supervised(restart = true)]
    async fn generic<T, const N: usize>(
        runs: &Runs,
        items: [T; N],
        show: impl Fn(&T) -> String + Clone,
    ) -> String
    where
        T: Clone + Debug,
    {
        yield_now().await;
        runs.panic_twice();
        items.iter().map(&show).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn generics_and_impl_trait_restart() {
        let runs = Runs::new();
        let text = send(generic(&runs, [1, 2], |n| format!("<{n}>"))).await;
        assert_eq!(text, "<1><2>");
    }

    #[supervised(restart = true)]
    async fn by_reference(runs: &Runs, (ref mut a, ref b): (u8, String)) -> String {
        *a += 1;
        yield_now().await;
        runs.panic_twice();
        format!("{a}{b}")
    }

    #[supervised]
    async fn by_reference_once((ref mut a, ref b): (u8, String)) -> String {
        *a += 1;
        yield_now().await;
        format!("{a}{b}")
    }

    #[tokio::test(start_paused = true)]
    async fn patterns_may_borrow_from_the_copy_of_the_run() {
        let runs = Runs::new();
        assert_eq!(send(by_reference(&runs, (1, "b".into()))).await, "2b");
        assert_eq!(send(by_reference_once((1, "b".into()))).await, "2b");
    }

    struct NotClone(u8);

    #[supervised(restart = false)]
    async fn once(value: NotClone, mut n: u8, (a, b): (NotClone, u8)) -> u8 {
        n += 1;
        yield_now().await;
        value.0 + n + a.0 + b
    }

    #[tokio::test]
    async fn without_a_restart_nothing_needs_to_be_clone() {
        assert_eq!(send(once(NotClone(1), 2, (NotClone(3), 4))).await, 11);
    }

    #[supervised(restart = true)]
    async fn local(runs: Rc<Runs>, cell: &Cell<u32>) {
        cell.set(cell.get() + 1);
        yield_now().await;
        runs.panic_twice();
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_send_still_works_on_one_thread() {
        let cell = Cell::new(0);
        local(Rc::new(Runs::new()), &cell).await;
        assert_eq!(cell.get(), 3);
    }

    #[supervised(restart = true)]
    async fn unshared(runs: &Runs, cell: Cell<u32>) -> u32 {
        yield_now().await;
        cell.set(cell.get() + 1);
        runs.panic_twice();
        cell.get()
    }

    #[tokio::test(start_paused = true)]
    async fn an_argument_need_not_be_sync_for_the_future_to_be_send() {
        assert_eq!(send(unshared(&Runs::new(), Cell::new(0))).await, 1);
    }

    macro_rules! worker {
        ($name:ident($runs:ident, $argument:ident: $ty:ty) $body:block) => {
            #[supervised(restart = true)]
            async fn $name($runs: &Runs, $argument: $ty) $body
        };
    }

    worker!(from_a_macro(runs, log: &mut Vec<u8>) {
        log.push(1);
        runs.panic_twice();
    });

    #[tokio::test(start_paused = true)]
    async fn a_function_written_by_a_macro_restarts() {
        let mut log = Vec::new();
        send(from_a_macro(&Runs::new(), &mut log)).await;
        assert_eq!(log.len(), 3);
    }
}

mod futures {
    use super::*;
    use std::future::ready;
    use std::panic::{RefUnwindSafe, UnwindSafe};

    #[supervised(restart = true)]
    async fn many(text: String) -> Result<(), String> {
        ready(()).await;
        Err(text)
    }

    #[supervised]
    async fn once(text: String) -> Result<(), String> {
        ready(()).await;
        Err(text)
    }

    #[test]
    fn a_future_has_all_auto_traits_that_it_had() {
        fn has_all<T: Send + Sync + UnwindSafe + RefUnwindSafe>(_: T) {}
        has_all(many(String::new()));
        has_all(once(String::new()));
    }

    /// A future is larger by one copy of its arguments and 128 bytes at most.
    macro_rules! sizes {
        ($($name:ident($($argument:ident: $ty:ty = $value:expr),*) $body:block)*) => {$(
            #[test]
            fn $name() {
                async fn plain($($argument: $ty),*) $body

                #[supervised(name = "sized")]
                async fn once($($argument: $ty),*) $body

                #[supervised(name = "sized", restart = true)]
                async fn many($($argument: $ty),*) $body

                let arguments = 0 $(+ size_of::<$ty>())*;
                let most = size_of_val(&plain($($value),*)) + arguments + 128;
                assert!(size_of_val(&once($($value),*)) <= most);
                assert!(size_of_val(&many($($value),*)) <= most);
            }
        )*};
    }

    sizes! {
        of_a_small_argument(n: u8 = 1) {
            yield_now().await;
            std::hint::black_box(n);
        }
        of_a_large_local(n: u8 = 1) {
            let buffer = [n; 16_000];
            yield_now().await;
            std::hint::black_box(&buffer);
        }
        of_a_large_argument(bytes: [u8; 1_024] = [0; 1_024]) {
            yield_now().await;
            std::hint::black_box(&bytes);
        }
        of_an_argument_that_is_gone_before_the_wait(bytes: [u8; 1_024] = [0; 1_024]) {
            std::hint::black_box(bytes);
            yield_now().await;
        }
        of_an_argument_with_a_destructor(text: String = String::new()) {
            yield_now().await;
            std::hint::black_box(&text);
        }
        of_many_references(a: &str = "", b: &str = "", c: &mut u8 = &mut 1, d: &mut u8 = &mut 1) {
            yield_now().await;
            std::hint::black_box((a, b, c, d));
        }
        of_many_arguments(a: u64 = 1, b: u64 = 2, c: u8 = 3, number: u32 = 4, last: u8 = 5) {
            yield_now().await;
            std::hint::black_box((a, b, c, number, last));
        }
    }
}

mod receivers {
    use super::*;

    #[derive(Clone, Default)]
    struct Counter {
        runs: Arc<Runs>,
        n: u32,
    }

    impl Counter {
        #[supervised(restart = true)]
        async fn shared(&self, text: &str) -> String {
            yield_now().await;
            self.runs.panic_twice();
            format!("{text}{}", self.n)
        }

        #[supervised(restart = true)]
        async fn exclusive(&mut self, by: u32, name: String, out: &mut String) {
            self.n += by;
            yield_now().await;
            out.push_str(&name);
            self.runs.panic_twice();
        }

        #[supervised(restart = true)]
        async fn owned(self) -> u32 {
            yield_now().await;
            self.runs.panic_twice();
            drop(self.runs);
            self.n
        }

        #[supervised(restart = true)]
        async fn owned_mut(mut self, by: u32) -> u32 {
            self.n += by;
            yield_now().await;
            self.runs.panic_twice();
            self.n
        }

        #[supervised(restart = true)]
        async fn arc(self: Arc<Self>) -> u32 {
            yield_now().await;
            self.runs.panic_twice();
            self.n
        }

        #[supervised(restart = true)]
        async fn borrowed_arc(self: &Arc<Self>) -> u32 {
            yield_now().await;
            self.runs.panic_twice();
            self.n
        }

        #[supervised(restart = true)]
        async fn boxed(mut self: Box<Self>) -> u32 {
            self.n += 1;
            yield_now().await;
            self.runs.panic_twice();
            self.n
        }

        #[supervised(restart = true)]
        async fn associated(counter: Self) -> u32 {
            yield_now().await;
            counter.runs.panic_twice();
            counter.n
        }

        #[supervised]
        async fn exclusive_once(&mut self) -> &mut u32 {
            yield_now().await;
            &mut self.n
        }
    }

    #[tokio::test(start_paused = true)]
    async fn every_receiver_restarts_and_sees_what_its_kind_promises() {
        let counter = || Counter {
            n: 1,
            ..Counter::default()
        };
        assert_eq!(send(counter().shared("n")).await, "n1");
        let (mut exclusive, mut names) = (counter(), String::new());
        send(exclusive.exclusive(10, "x".into(), &mut names)).await;
        assert_eq!((exclusive.n, names.as_str()), (31, "xxx"));
        assert_eq!(send(counter().owned()).await, 1);
        assert_eq!(send(counter().owned_mut(1)).await, 2);
        assert_eq!(send(Arc::new(counter()).arc()).await, 1);
        assert_eq!(send(Arc::new(counter()).borrowed_arc()).await, 1);
        assert_eq!(send(Box::new(counter()).boxed()).await, 2);
        assert_eq!(send(Counter::associated(counter())).await, 1);
        assert_eq!(*send(counter().exclusive_once()).await, 1);
    }

    trait Job {
        fn name(&self) -> String;

        #[supervised(restart = true)]
        async fn work(&self, runs: &Runs) -> String {
            yield_now().await;
            runs.panic_twice();
            self.name()
        }
    }

    struct Plain;

    impl Job for Plain {
        fn name(&self) -> String {
            "plain".into()
        }
    }

    struct Own<T>(T);

    impl<T: Display> Job for Own<T> {
        fn name(&self) -> String {
            self.0.to_string()
        }

        #[supervised(restart = true)]
        async fn work(&self, runs: &Runs) -> String {
            yield_now().await;
            runs.panic_twice();
            format!("own {}", self.0)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn methods_of_traits_restart_and_are_named_after_their_type() {
        assert_eq!(Plain.work(&Runs::new()).await, "plain");
        assert_eq!(Own("x").work(&Runs::new()).await, "own x");
        assert_eq!(Own(1_u8).work(&Runs::new()).await, "own 1");
        for name in ["Plain::work", "Own<&str>::work", "Own<u8>::work"] {
            assert_eq!(status(name).starts, 3, "{name}");
        }
    }
}

mod outputs {
    use super::*;

    #[supervised(restart = true)]
    async fn question_mark(runs: &Runs, text: &str) -> Result<u8, Box<dyn Error + Send + Sync>> {
        yield_now().await;
        if runs.next() < 3 {
            return Err("not yet".into());
        }
        Ok(text.parse()?)
    }

    #[tokio::test(start_paused = true)]
    async fn question_mark_and_return_leave_the_run_only() {
        let runs = Runs::new();
        assert_eq!(send(question_mark(&runs, "7")).await.ok(), Some(7));
        assert_eq!(runs.count(), 3);
    }

    #[supervised]
    async fn early_return(n: u8) -> Box<dyn Display + Send> {
        if n == 0 {
            return Box::new("none");
        }
        yield_now().await;
        Box::new(n)
    }

    #[tokio::test]
    async fn an_early_return_is_coerced_as_in_the_plain_function() {
        assert_eq!(send(early_return(0)).await.to_string(), "none");
        assert_eq!(send(early_return(1)).await.to_string(), "1");
    }

    #[supervised(restart = true)]
    async fn opaque(runs: &Runs) -> impl Display {
        runs.panic_twice();
        runs.count()
    }

    #[supervised(restart = true)]
    async fn forever(runs: &Runs) -> ! {
        runs.panic_twice();
        loop {
            std::future::pending::<()>().await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn opaque_and_never_outputs_restart() {
        assert_eq!(send(opaque(&Runs::new())).await.to_string(), "3");
        let runs = Runs::new();
        let hour = std::time::Duration::from_secs(3_600);
        assert!(
            tokio::time::timeout(hour, send(forever(&runs)))
                .await
                .is_err()
        );
        assert_eq!(runs.count(), 3);
    }

    #[derive(Debug)]
    struct Ours(Failure);

    impl From<Failure> for Ours {
        fn from(failure: Failure) -> Self {
            Self(failure)
        }
    }

    type Answer = Result<u8, Ours>;

    #[supervised(name = "alias")]
    async fn alias() -> Answer {
        panic!("lost")
    }

    #[supervised(name = "unit")]
    async fn unit() {
        panic!("lost");
    }

    #[supervised(name = "anyhow")]
    async fn any() -> anyhow::Result<u8> {
        panic!("lost")
    }

    #[supervised(name = "boxed error")]
    async fn boxed() -> Result<u8, Box<dyn Error + Send + Sync>> {
        panic!("lost")
    }

    #[supervised(name = "io")]
    async fn io() -> std::io::Result<u8> {
        panic!("lost")
    }

    #[supervised(name = "plain value")]
    async fn value() -> u8 {
        panic!("lost")
    }

    #[supervised(name = "deaf error")]
    async fn deaf() -> Result<u8, std::fmt::Error> {
        panic!("lost")
    }

    #[tokio::test]
    async fn a_last_panic_is_contained_wherever_the_output_can_say_so() {
        unit().await;
        let Err(Ours(failure)) = alias().await else {
            panic!("contained")
        };
        assert!(failure.is_panic());
        assert_eq!((failure.worker(), failure.message()), ("alias", "lost"));
        assert!(
            failure
                .location()
                .is_some_and(|place| place.file().ends_with("functions.rs"))
        );
        assert!(failure.stack().is_some_and(|stack| stack.contains("alias")));
        let text = "worker `anyhow` panicked: lost";
        assert_eq!(any().await.unwrap_err().to_string(), text);
        assert!(boxed().await.unwrap_err().is::<Failure>());
        assert!(io().await.unwrap_err().to_string().contains("lost"));
    }

    #[tokio::test]
    async fn a_last_panic_goes_on_where_the_output_cannot_hold_it() {
        let panic = tokio::spawn(value()).await.unwrap_err().into_panic();
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"lost"));
        assert!(tokio::spawn(deaf()).await.unwrap_err().is_panic());
        assert_eq!(status("plain value").panics, 1);
    }
}

mod names {
    use super::*;

    #[supervised(name = "given")]
    async fn given() {}

    #[supervised]
    async fn by_module() {}

    #[supervised]
    async fn r#loop() {}

    struct Cache<T>(T);

    impl<T> Cache<T> {
        #[supervised]
        async fn clean(&self) {}
    }

    #[tokio::test]
    async fn a_worker_is_named_as_given_or_after_its_module_or_type() {
        given().await;
        by_module().await;
        r#loop().await;
        Cache(vec![String::new()]).clean().await;
        Cache(0_u8).clean().await;
        let names = [
            "given",
            "names::by_module",
            "names::loop",
            "Cache<Vec<String>>::clean",
            "Cache<u8>::clean",
        ];
        for name in names {
            assert_eq!(status(name).starts, 1, "{name}");
        }
    }
}

mod drops {
    use super::*;

    type Log = Arc<Mutex<Vec<&'static str>>>;

    #[derive(Clone)]
    struct Noisy(&'static str, Log);

    impl Drop for Noisy {
        fn drop(&mut self) {
            self.1.lock().unwrap().push(self.0);
        }
    }

    impl Noisy {
        fn touch(&self) -> usize {
            self.0.len()
        }
    }

    macro_rules! body {
        ($log:ident, $a:ident, $c:ident) => {{
            let local = Noisy("local", $log.clone());
            yield_now().await;
            let _ = ($a.touch(), $c.touch());
            Noisy("tail", $log.clone()).touch() + local.touch()
        }};
    }

    async fn plain(
        log: Log,
        a: Noisy,
        _unused: Noisy,
        c: Noisy,
        (d, _): (Noisy, Noisy),
        _: Noisy,
    ) -> usize {
        body!(log, a, c) + d.touch()
    }

    #[supervised]
    async fn once(
        log: Log,
        a: Noisy,
        _unused: Noisy,
        c: Noisy,
        (d, _): (Noisy, Noisy),
        _: Noisy,
    ) -> usize {
        body!(log, a, c) + d.touch()
    }

    #[supervised(restart = true)]
    async fn many(
        log: Log,
        a: Noisy,
        _unused: Noisy,
        c: Noisy,
        (d, _): (Noisy, Noisy),
        _: Noisy,
    ) -> usize {
        body!(log, a, c) + d.touch()
    }

    /// The order in which `worker` drops what it has.
    async fn order<F: Future>(worker: impl FnOnce(Log, [Noisy; 6]) -> F) -> Vec<&'static str> {
        let log = Log::default();
        let noisy = ["a", "unused", "c", "d", "rest", "blank"].map(|name| Noisy(name, log.clone()));
        worker(log.clone(), noisy).await;
        let mut dropped = log.lock().unwrap();
        std::mem::take(&mut *dropped)
    }

    #[tokio::test]
    async fn everything_is_dropped_in_the_order_of_the_plain_function() {
        let plain = order(|log, [a, b, c, d, e, f]| plain(log, a, b, c, (d, e), f)).await;
        assert_eq!(plain.len(), 8);
        let once = order(|log, [a, b, c, d, e, f]| once(log, a, b, c, (d, e), f)).await;
        assert_eq!(once, plain);
        let many = order(|log, [a, b, c, d, e, f]| many(log, a, b, c, (d, e), f)).await;
        // The run's copies; then the originals, as the future ends.
        assert_eq!(many[..8], plain);
    }
}

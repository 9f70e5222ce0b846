// #[supervised(restart = true, backoff = "500ms..30s")]
// async fn work(&self, name: &str, log: &mut Vec<u8>, mut count: u32, #[keep] jobs: Receiver<Job>) { run(name, log, count, jobs).await }

async fn work(&self, name: &str, log: &mut Vec<u8>, count: u32, jobs: Receiver<Job>) {
    use ::supervise::__private as __supervise;
    let mut __originals = (jobs, count, log);
    let mut __call = {
        static WORKER: __supervise::Worker = __supervise::worker(
                __supervise::Name::Method("work"),
            )
            .policy(
                __supervise::Policy::new()
                    .restart(__supervise::Restart::OnFailure)
                    .backoff(
                        __supervise::Backoff::doubling(
                            __supervise::Duration::new(0u64, 500000000u32),
                            __supervise::Duration::new(30u64, 0u32),
                        ),
                    ),
            );
        __supervise::call(&WORKER, ::core::any::type_name::<Self>())
    };
    loop {
        let __lent = ::core::panic::AssertUnwindSafe(&mut __originals);
        if let __supervise::ControlFlow::Break(__value) = {
            use __supervise::{
                EndsHeld as _, EndsResumed as _, ViaDebug as _, ViaDisplay as _,
                ViaError as _, ViaLocalError as _, ViaSendError as _, ViaSuccess as _,
                ViaType as _,
            };
            __supervise::Call::begin(&mut __call);
            let __body = __supervise::typed::<
                (),
                _,
            >(async move {
                if false {
                    return __supervise::never::<()>();
                }
                let __lent = __lent;
                let __slot2 = &mut *__lent.0.2;
                let log = __slot2;
                let __slot3 = (<u32 as __supervise::PerRun>::per_run(&__lent.0.1),);
                let mut count = (__slot3).0;
                let __slot4 = &mut __lent.0.0;
                let jobs = __slot4;
                { #[allow()] { run(name, log, count, jobs).await } }
            });
            let __probe = __supervise::Probe::of(&__body);
            let __judge = (&&&&&&&__probe).supervise_judge();
            __supervise::Call::attempt(
                &mut __call,
                __body,
                __judge,
                (&&__probe).supervise_ending(),
            )
        }
            .await
        {
            return __value;
        }
    }
}

// #[supervised(restart = true, backoff = "500ms..30s")]
// async fn work(&self, name: &str, log: &mut Vec<u8>, mut count: u32, #[keep] jobs: Receiver<Job>) { run(name, log, count, jobs).await }

async fn work(
    &self,
    name: &str,
    log: &mut Vec<u8>,
    count: u32,
    mut jobs: Receiver<Job>,
) {
    use ::supervise::__private as __supervise;
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
        let __copy = || {
            let __copy0 = <u32 as __supervise::PerRun>::per_run(&count);
            (__copy0,)
        };
        let mut count;
        let log = &mut *log;
        let jobs = &mut jobs;
        if let __supervise::ControlFlow::Break(__value) = {
            use __supervise::{
                EndsHeld as _, EndsResumed as _, ViaDebug as _, ViaDisplay as _,
                ViaError as _, ViaLocalError as _, ViaSendError as _, ViaSuccess as _,
                ViaType as _,
            };
            let __body = match __supervise::Call::prepare(&mut __call, __copy) {
                __supervise::Ok((__copy0,)) => {
                    count = __copy0;
                    __supervise::Ok(
                        __supervise::typed::<
                            (),
                            _,
                        >(async move {
                            if false {
                                __supervise::own(jobs);
                                __supervise::own(count);
                                __supervise::own(log);
                                return __supervise::never::<()>();
                            }
                            #[allow()] { run(name, log, count, jobs).await }
                        }),
                    )
                }
                __supervise::Err(__stillborn) => __supervise::Err(__stillborn),
            };
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

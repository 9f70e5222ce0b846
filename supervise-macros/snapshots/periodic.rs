// #[supervised(name = "report", every = "1h", critical = true, policy = self.config.report)]
// async fn report(&self) -> Result<(), Error> { self.send().await }

async fn report(&self) -> Result<(), Error> {
    use ::supervise::__private as __supervise;
    let __policy: __supervise::Policy = self.config.report;
    let mut __call = {
        static WORKER: __supervise::Worker = __supervise::worker(
                __supervise::Name::Given("report"),
            )
            .every(__supervise::Duration::new(3600u64, 0u32))
            .critical(true);
        __supervise::call_by(&WORKER, "", __policy)
    };
    loop {
        if let __supervise::ControlFlow::Break(__value) = {
            use __supervise::{
                EndsHeld as _, EndsResumed as _, ViaDebug as _, ViaDisplay as _,
                ViaError as _, ViaLocalError as _, ViaSendError as _, ViaSuccess as _,
                ViaType as _,
            };
            __supervise::Call::begin(&mut __call);
            let __body = __supervise::typed::<
                Result<(), Error>,
                _,
            >(async move {
                if false {
                    return __supervise::never::<Result<(), Error>>();
                }
                { #[allow()] { self.send().await } }
            });
            let __probe = __supervise::Probe::of(&__body);
            let __judge = (&&&&&&&__probe).supervise_judge();
            __supervise::must_tick(&__probe);
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

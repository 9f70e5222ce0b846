// #[supervised(name = "drain", restart = true, give_up_if = Error::is_fatal, crate = my::supervise)]
// async fn drain(self: Arc<Self>) -> Result<(), Error> { self.drain_all().await?; Ok(()) }

async fn drain(mut self: Arc<Self>) -> Result<(), Error> {
    use my::supervise::__private as __supervise;
    let __self = self;
    let mut call = {
        static WORKER: __supervise::Worker = __supervise::Worker::new(
            __supervise::Name::Given("drain"),
            __supervise::Policy::new().restart(__supervise::Restart::OnFailure),
        );
        WORKER.call("")
    };
    loop {
        #[allow(clippy::used_underscore_binding)]
        let copy = || {
            let copy0 = <Arc<Self> as __supervise::PerRun>::per_run(&__self);
            (copy0,)
        };
        if let __supervise::ControlFlow::Break(value) = {
            use __supervise::{
                EndsHeld as _, EndsResumed as _, ViaDebug as _, ViaDisplay as _,
                ViaError as _, ViaLocalError as _, ViaSendError as _, ViaSuccess as _,
                ViaType as _,
            };
            let body = match call.prepare(copy) {
                __supervise::Ok((copy0,)) => {
                    self = copy0;
                    __supervise::Ok(
                        __supervise::typed::<
                            Result<(), Error>,
                            _,
                        >(async move {
                            #[allow(
                                unreachable_code,
                                clippy::diverging_sub_expression,
                                clippy::empty_loop,
                                clippy::let_unit_value,
                                clippy::needless_return,
                                clippy::unreachable,
                                clippy::used_underscore_binding
                            )]
                            if false {
                                let value: Result<(), Error> = loop {};
                                __supervise::own(self);
                                return value;
                            }
                            #[allow()]
                            {
                                self.drain_all().await?;
                                Ok(())
                            }
                        }),
                    )
                }
                __supervise::Err(stillborn) => __supervise::Err(stillborn),
            };
            let probe = __supervise::Probe::of(&body);
            let judge = (&&&&&&&probe).judge();
            let judge = __supervise::give_up_if(&probe, judge, Error::is_fatal);
            call.attempt(body, judge, (&&probe).ending())
        }
            .await
        {
            #[allow(unreachable_code)] return value;
        }
    }
}

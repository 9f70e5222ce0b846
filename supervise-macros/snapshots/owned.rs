// #[supervised(name = "drain", restart = true, give_up_if = Error::is_fatal, crate = my::supervise)]
// async fn drain(self: Arc<Self>) -> Result<(), Error> { self.drain_all().await?; Ok(()) }

async fn drain(mut self: Arc<Self>) -> Result<(), Error> {
    use my::supervise::__private as __supervise;
    let __self = self;
    let mut __call = {
        static WORKER: __supervise::Worker = __supervise::worker(
                __supervise::Name::Given("drain"),
            )
            .policy(__supervise::Policy::new().restart(__supervise::Restart::OnFailure));
        __supervise::call(&WORKER, "")
    };
    loop {
        if let __supervise::ControlFlow::Break(__value) = {
            use __supervise::{
                EndsHeld as _, EndsResumed as _, ViaDebug as _, ViaDisplay as _,
                ViaError as _, ViaLocalError as _, ViaSendError as _, ViaSuccess as _,
                ViaType as _,
            };
            let __body = match __supervise::Call::prepare(
                &mut __call,
                || <Arc<Self> as __supervise::PerRun>::per_run(&__self),
            ) {
                __supervise::Ok(__copy) => {
                    self = __copy;
                    __supervise::Ok(
                        __supervise::typed::<
                            Result<(), Error>,
                            _,
                        >(async move {
                            if false {
                                __supervise::own(self);
                                return __supervise::never::<Result<(), Error>>();
                            }
                            {
                                #[allow()]
                                {
                                    self.drain_all().await?;
                                    Ok(())
                                }
                            }
                        }),
                    )
                }
                __supervise::Err(__stillborn) => __supervise::Err(__stillborn),
            };
            let __probe = __supervise::Probe::of_prepared(&__body);
            let __judge = (&&&&&&&__probe).supervise_judge();
            use __supervise::{GivesUpIf as _, NeverGivesUpIf as _};
            let __judge = (&&__probe).supervise_give_up_if(__judge, Error::is_fatal);
            __supervise::Call::attempt_prepared(
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

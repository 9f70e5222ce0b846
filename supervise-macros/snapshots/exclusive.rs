// #[supervised(name = "pump", restart = "always", on_give_up = "panic")]
// async fn pump(&mut self, (low, high): (u32, u32), unused: String) { self.n += low + high; }

async fn pump(&mut self, __arg1: (u32, u32), unused: String) {
    use ::supervise::__private as __supervise;
    let mut __call = {
        static WORKER: __supervise::Worker = __supervise::worker(
                __supervise::Name::Given("pump"),
            )
            .policy(__supervise::Policy::new().restart(__supervise::Restart::Always));
        __supervise::call(&WORKER, "")
    };
    loop {
        #[allow(clippy::no_effect_underscore_binding, clippy::used_underscore_binding)]
        let __copy = || {
            let __copy0 = <(u32, u32) as __supervise::PerRun>::per_run(&__arg1);
            let __copy1 = <String as __supervise::PerRun>::per_run(&unused);
            (__copy0, __copy1)
        };
        let __arg1;
        let unused;
        if let __supervise::ControlFlow::Break(__value) = {
            use __supervise::{
                EndsHeld as _, EndsResumed as _, ViaDebug as _, ViaDisplay as _,
                ViaError as _, ViaLocalError as _, ViaSendError as _, ViaSuccess as _,
                ViaType as _,
            };
            let __body = match __supervise::Call::prepare(&mut __call, __copy) {
                __supervise::Ok((__copy0, __copy1)) => {
                    __arg1 = __copy0;
                    unused = __copy1;
                    __supervise::Ok(
                        __supervise::typed::<
                            (),
                            _,
                        >(async {
                            #[allow(
                                clippy::no_effect_underscore_binding,
                                clippy::used_underscore_binding
                            )]
                            if false {
                                let _ = &mut *self;
                                return __supervise::never::<()>();
                            }
                            #[allow(
                                clippy::no_effect_underscore_binding,
                                clippy::used_underscore_binding
                            )]
                            let __arg1 = __arg1;
                            let (low, high) = __arg1;
                            let unused = unused;
                            #[allow()]
                            {
                                self.n += low + high;
                            }
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
                __supervise::Resumed,
            )
        }
            .await
        {
            return __value;
        }
    }
}

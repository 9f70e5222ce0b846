// #[supervised(name = "pump", restart = "always", on_give_up = "panic")]
// async fn pump(&mut self, (low, high): (u32, u32), unused: String) { self.n += low + high; }

async fn pump(&mut self, __arg1: (u32, u32), unused: String) {
    use ::supervise::__private as __supervise;
    let mut __originals = (unused, __arg1);
    let mut __call = {
        static WORKER: __supervise::Worker = __supervise::worker(
                __supervise::Name::Given("pump"),
            )
            .policy(__supervise::Policy::new().restart(__supervise::Restart::Always));
        __supervise::call(&WORKER, "")
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
            >(async {
                if false {
                    let _ = &mut *self;
                    return __supervise::never::<()>();
                }
                let __lent = __lent;
                let __slot1 = <(u32, u32) as __supervise::PerRun>::per_run(&__lent.0.1);
                let (low, high) = __slot1;
                let __slot2 = <String as __supervise::PerRun>::per_run(&__lent.0.0);
                let unused = __slot2;
                {
                    #[allow()]
                    {
                        self.n += low + high;
                    }
                }
            });
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

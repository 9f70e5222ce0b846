// #[supervised(name = "reader", blocking, restart = true)]
// fn read(&mut self, path: &Path, mut limit: u64, #[keep] lines: Receiver<String>) -> io::Result<u64> { self.copy(path, limit, lines)?; Ok(self.total) }

fn read(&mut self, path: &Path, limit: u64, lines: Receiver<String>) -> io::Result<u64> {
    use ::supervise::__private as __supervise;
    let mut __originals = (lines, limit);
    let mut __call = {
        static WORKER: __supervise::Worker = __supervise::worker(
                __supervise::Name::Given("reader"),
            )
            .policy(__supervise::Policy::new().restart(__supervise::Restart::OnFailure));
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
            let __body = __supervise::Ok(
                __supervise::typed_call::<
                    io::Result<u64>,
                    _,
                >(|| {
                    if false {
                        let _ = &mut *self;
                        return __supervise::never::<io::Result<u64>>();
                    }
                    let __lent = __lent;
                    let __slot2 = (<u64 as __supervise::PerRun>::per_run(&__lent.0.1),);
                    let mut limit = (__slot2).0;
                    let __slot3 = &mut __lent.0.0;
                    let lines = __slot3;
                    {
                        #[allow()]
                        {
                            self.copy(path, limit, lines)?;
                            Ok(self.total)
                        }
                    }
                }),
            );
            let __probe = __supervise::Probe::of_call(&__body);
            let __judge = (&&&&&&&__probe).supervise_judge();
            __supervise::Call::run(
                &mut __call,
                __body,
                __judge,
                (&&__probe).supervise_ending(),
            )
        } {
            return __value;
        }
    }
}

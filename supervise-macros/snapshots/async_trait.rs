// #[supervised(name = "job", restart = true)]
// fn run<'a, 'async_trait>(&'a mut self, n: u32) -> Pin<Box<dyn Future<Output = u32> + Send + 'async_trait>> where 'a: 'async_trait { Box::pin(async move { let mut __self = self; let n = n; __self.total += n; __self.total }) }

fn run<'a, 'async_trait>(
    &'a mut self,
    n: u32,
) -> Pin<Box<dyn Future<Output = u32> + Send + 'async_trait>>
where
    'a: 'async_trait,
{
    Box::pin(async move {
        use ::supervise::__private as __supervise;
        let mut __originals = (n,);
        let mut __call = {
            static WORKER: __supervise::Worker = __supervise::worker(
                    __supervise::Name::Given("job"),
                )
                .policy(
                    __supervise::Policy::new().restart(__supervise::Restart::OnFailure),
                );
            __supervise::call(&WORKER, "")
        };
        loop {
            let __lent = ::core::panic::AssertUnwindSafe(&mut __originals);
            if let __supervise::ControlFlow::Break(__value) = {
                use __supervise::{
                    EndsHeld as _, EndsResumed as _, ViaDebug as _, ViaDisplay as _,
                    ViaError as _, ViaLocalError as _, ViaSendError as _,
                    ViaSuccess as _, ViaType as _,
                };
                __supervise::Call::begin(&mut __call);
                let __body = __supervise::typed::<
                    u32,
                    _,
                >(async {
                    if false {
                        let _ = &mut *self;
                        return __supervise::never::<u32>();
                    }
                    let __lent = __lent;
                    let __slot1 = <u32 as __supervise::PerRun>::per_run(&__lent.0.0);
                    let n = __slot1;
                    {
                        #[allow()]
                        {
                            let mut __self = &mut *self;
                            let n = n;
                            __self.total += n;
                            __self.total
                        }
                    }
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
    })
}

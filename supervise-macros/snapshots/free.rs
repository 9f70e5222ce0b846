// #[supervised(name = "start")]
// pub async fn start(config: Config) -> io::Result<()> { serve(config).await }

pub async fn start(config: Config) -> io::Result<()> {
    use ::supervise::__private as __supervise;
    let mut __call = {
        static WORKER: __supervise::Worker = __supervise::worker(
            __supervise::Name::Given("start"),
        );
        __supervise::call(&WORKER, "")
    };
    if let __supervise::ControlFlow::Break(__value) = {
        use __supervise::{
            EndsHeld as _, EndsResumed as _, ViaDebug as _, ViaDisplay as _,
            ViaError as _, ViaLocalError as _, ViaSendError as _, ViaSuccess as _,
            ViaType as _,
        };
        __supervise::Call::begin(&mut __call);
        let __body = __supervise::typed::<
            io::Result<()>,
            _,
        >(async move {
            if false {
                return __supervise::never::<io::Result<()>>();
            }
            let __slot0 = config;
            let config = __slot0;
            { #[allow()] { serve(config).await } }
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
    __supervise::never_again();
}

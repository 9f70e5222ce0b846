// #[supervised(name = "start")]
// pub async fn start(config: Config) -> io::Result<()> { serve(config).await }

pub async fn start(config: Config) -> io::Result<()> {
    use ::supervise::__private as __supervise;
    let mut call = {
        static WORKER: __supervise::Worker = __supervise::Worker::new(
            __supervise::Name::Given("start"),
            __supervise::Policy::new(),
        );
        WORKER.call("")
    };
    match {
        use __supervise::{
            EndsHeld as _, EndsResumed as _, ViaDebug as _, ViaDisplay as _,
            ViaError as _, ViaLocalError as _, ViaSendError as _, ViaSuccess as _,
            ViaType as _,
        };
        let body = __supervise::Ok(
            __supervise::typed::<
                io::Result<()>,
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
                    let value: io::Result<()> = loop {};
                    __supervise::own(config);
                    return value;
                }
                #[allow()] { serve(config).await }
            }),
        );
        let probe = __supervise::Probe::of(&body);
        let judge = (&&&&&&&probe).judge();
        call.attempt(body, judge, (&&probe).ending())
    }
        .await
    {
        __supervise::ControlFlow::Break(value) => value,
        __supervise::ControlFlow::Continue(()) => __supervise::never_again(),
    }
}

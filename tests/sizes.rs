//! A future is the plain `async fn`, one copy of the arguments that it takes by
//! value, and 128 bytes at most: the body is in it once, however large.

use std::hint::black_box;
use std::io;

use supervise::supervised;
use tokio::task::yield_now;

const OVERHEAD: usize = 128;

type Argument = [u8; 24];

/// A worker beside the plain function, each with bodies of many sizes.
macro_rules! forms {
    ($(
        $form:ident: #[$attribute:meta]
        ($(#[$keep:ident])? argument) -> $output:ty = $value:expr;
    )*) => {$(
        #[test]
        fn $form() {
            async fn plain<const BODY: usize>(argument: Argument) -> $output {
                body!(BODY, argument, $value)
            }

            #[$attribute]
            async fn worker<const BODY: usize>($(#[$keep])? argument: Argument) -> $output {
                body!(BODY, argument, $value)
            }

            every_body!(plain, worker);
        }
    )*};
}

/// Keeps that many bytes across an await.
macro_rules! body {
    ($size:ident, $argument:ident, $value:expr) => {{
        let bytes = black_box([0_u8; $size]);
        yield_now().await;
        black_box((&bytes, &$argument));
        $value
    }};
}

macro_rules! every_body {
    ($plain:ident, $worker:ident) => {
        every_body!($plain, $worker: 0 1 8 100 1024 4096 16384 65536)
    };
    ($plain:ident, $worker:ident: $($size:literal)*) => {$({
        let plain = size_of_val(&$plain::<$size>([0; 24]));
        let worker = size_of_val(&$worker::<$size>([0; 24]));
        let most = plain + size_of::<Argument>() + OVERHEAD;
        assert!(worker <= most, "a body of {}: {worker} bytes, plain {plain}", $size);
    })*};
}

forms! {
    contained: #[supervised(name = "sized contained")]
        (argument) -> () = ();
    restarted: #[supervised(name = "sized restarted", restart = true)]
        (argument) -> () = ();
    kept: #[supervised(name = "sized kept", restart = true)]
        (#[keep] argument) -> () = ();
    limited: #[supervised(name = "sized limited", restart = true, max_restarts = "5 in 10m")]
        (argument) -> () = ();
    timed: #[supervised(name = "sized timed", restart = true, timeout = "1s")]
        (argument) -> () = ();
    critical: #[supervised(name = "sized critical", restart = "always", critical = true)]
        (argument) -> () = ();
    periodic: #[supervised(name = "sized periodic", every = "1s")]
        (argument) -> () = ();
    fallible: #[supervised(name = "sized fallible", restart = true)]
        (argument) -> io::Result<()> = Ok(());
    fallible_and_periodic: #[supervised(name = "sized ticks", every = "1s")]
        (argument) -> io::Result<()> = Ok(());
}

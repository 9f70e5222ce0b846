//! Operations by chance on workers with policies by chance, each followed by a
//! comparison of every number with a model that knows only the rules.
//!
//! `SUPERVISE_SEED` draws other ones. A difference is told with the policies and
//! all operations that led to it.

mod random {
    pub mod call;
    pub mod driven;
    pub mod families;
    pub mod model;
    pub mod numbers;
    pub mod operation;
    pub mod plan;
    pub mod pool;
    pub mod sequence;
}

use random::driven::print_no_driven_panics;
use random::sequence::Sequence;

const SEQUENCES: u32 = 30;
const OPERATIONS: u32 = 400;

#[test]
fn any_operations_agree_with_the_model() {
    let seed = std::env::var("SUPERVISE_SEED").map_or(0, |seed| seed.parse().expect("a number"));
    print_no_driven_panics();
    for number in 0..SEQUENCES {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime");
        let mut sequence = runtime.block_on(async { Sequence::draw(seed, number) });
        if let Err(difference) = runtime.block_on(sequence.run(OPERATIONS)) {
            panic!("{difference}\nafter the last of these:");
        }
    }
}

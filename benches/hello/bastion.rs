//! bastion = "=0.4.5"

use bastion::prelude::*;

fn main() {
    Bastion::init();
    Bastion::supervisor(|supervisor| {
        supervisor.children(|children| {
            children.with_exec(|_| async {
                println!("hello");
                Bastion::stop();
                Ok(())
            })
        })
    })
    .unwrap();
    Bastion::start();
    Bastion::block_until_stopped();
}

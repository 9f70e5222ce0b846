use std::rc::Rc;

use supervise::supervised;

async fn pause() {}

#[supervised(restart = true)]
async fn local() {
    let count = Rc::new(0);
    pause().await;
    drop(count);
}

fn spawn<T: Send>(_: T) {}

fn main() {
    spawn(local());
}

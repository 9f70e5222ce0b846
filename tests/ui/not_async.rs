use supervise::supervised;

#[supervised(name = "cleanup", restart = true)]
fn cleanup() {}

#[supervised]
const fn constant() {}

#[supervised]
async unsafe fn careless() {}

#[supervised]
async extern "C" fn foreign() {}

fn main() {
    cleanup();
}

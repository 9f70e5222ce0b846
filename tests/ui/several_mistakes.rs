use supervise::supervised;

#[supervised(name = "", restart = "sometimes", backof = "1s")]
fn cleanup() {}

fn main() {
    cleanup();
}

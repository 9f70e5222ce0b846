use supervise::supervised;

#[supervised(name = "")]
async fn cleanup() {}

fn main() {
    let _ = cleanup();
}

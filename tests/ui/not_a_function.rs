use supervise::supervised;

#[supervised(name = "cleanup")]
struct Cleanup;

#[supervised]
enum Kind {
    Only,
}

struct Service;

#[supervised]
impl Service {
    async fn start(&self) {}
}

#[supervised]
static COUNT: u8 = 1;

trait Job {
    #[supervised]
    async fn work(&self);
}

fn main() {
    let _ = (Cleanup, Kind::Only, Service.start());
}

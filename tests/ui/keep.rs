use supervise::supervised;

struct Service;

#[supervised(restart = true)]
async fn reference(#[keep] jobs: &mut Vec<u8>) {
    jobs.clear();
}

#[supervised(restart = true)]
async fn pattern(#[keep] (a, b): (u8, u8)) {
    let _ = (a, b);
}

#[supervised(restart = true)]
async fn options(#[keep(forever)] jobs: Vec<u8>) {
    let _ = jobs;
}

impl Service {
    #[supervised]
    async fn shared(#[keep] &self) {}

    #[supervised]
    async fn exclusive(#[keep] &mut self) {}
}

// Not a second error about `#[keep]`.
#[supervised(nme = "a")]
async fn other_mistake(#[keep] jobs: Vec<u8>) {
    let _ = jobs;
}

fn main() {}

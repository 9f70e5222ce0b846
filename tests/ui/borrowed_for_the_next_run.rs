use supervise::supervised;

struct Service {
    n: u8,
}

impl Service {
    #[supervised(restart = true)]
    async fn lent(&mut self) -> &mut u8 {
        &mut self.n
    }

    #[supervised(restart = true)]
    async fn moved_into_a_block(&mut self) {
        let job = async move { self.n += 1 };
        job.await;
    }

    #[supervised(restart = true)]
    async fn moved_into_a_variable(&mut self) {
        let this = self;
        this.n += 1;
    }

    #[tracing::instrument(skip(self))]
    #[supervised(restart = true)]
    async fn moved_by_another_attribute(&mut self) {
        self.n += 1;
    }

    // The ways out.
    #[supervised(restart = true)]
    async fn reborrowed(&mut self) {
        let this = &mut *self;
        let job = async move { this.n += 1 };
        job.await;
    }

    #[supervised]
    async fn not_restarted(&mut self) -> &mut u8 {
        &mut self.n
    }
}

#[supervised(restart = true)]
async fn named<'a>(_other: &u8, log: &'a mut Vec<u8>) -> Option<&'a u8> {
    log.first()
}

#[supervised(restart = true)]
async fn elided(log: &mut Vec<u8>) -> std::slice::Iter<'_, u8> {
    log.iter()
}

fn main() {}

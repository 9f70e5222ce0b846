use supervise::supervised;

struct Job;

#[supervised(restart = true)]
async fn direct(job: Job) {
    drop(job);
}

#[supervised(restart = true)]
async fn nested(jobs: Vec<Job>) {
    drop(jobs);
}

#[supervised(restart = true)]
async fn generic<T>(job: T) {
    drop(job);
}

#[supervised(restart = true)]
async fn opaque(job: impl Send) {
    drop(job);
}

impl Job {
    #[supervised(restart = true)]
    async fn owned(self) {}
}

fn main() {}

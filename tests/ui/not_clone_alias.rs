use supervise::supervised;

struct Job;

type Jobs = Vec<Job>;

#[supervised(restart = true)]
async fn aliased(jobs: Jobs) {
    drop(jobs);
}

#[supervised(restart = true)]
async fn opaque_inside(jobs: Vec<impl Send>) {
    drop(jobs);
}

fn main() {}

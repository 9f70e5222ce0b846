use supervise::supervised;

#[tokio::main(flavor = "current_thread")]
#[supervised]
async fn main() {}

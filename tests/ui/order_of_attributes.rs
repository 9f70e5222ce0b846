use supervise::supervised;

#[tokio::test]
#[supervised(restart = true)]
async fn a_test() {}

#[tokio::main(flavor = "current_thread")]
#[supervised]
async fn main() {}

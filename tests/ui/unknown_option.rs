use supervise::supervised;

#[supervised(restarts = true)]
async fn near() {}

#[supervised(retries = 3)]
async fn far() {}

fn main() {
    // The functions are there all the same: no second wave of errors.
    let _ = (near(), far());
}

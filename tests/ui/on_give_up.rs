use supervise::supervised;

struct MyError;

#[supervised(on_give_up = "return")]
async fn number() -> u8 {
    1
}

#[supervised(on_give_up = "return")]
async fn error_without_from() -> Result<u8, MyError> {
    Ok(1)
}

#[supervised(on_give_up = "abort")]
async fn unknown_word() {}

#[supervised(on_give_up = true)]
async fn wrong_kind() {}

fn main() {}

use supervise::supervised;

struct MyError;

fn of_another(_: &String) -> bool {
    true
}

fn of_mine(_: &MyError) -> bool {
    true
}

#[supervised(restart = true, give_up_if = of_mine)]
async fn no_error() -> u8 {
    1
}

#[supervised(restart = true, give_up_if = of_another)]
async fn other_error() -> Result<u8, MyError> {
    Ok(1)
}

#[supervised(restart = true, give_up_if = "of_mine")]
async fn text() -> Result<u8, MyError> {
    Ok(1)
}

#[supervised(give_up_if = of_mine)]
async fn no_restart() -> Result<u8, MyError> {
    Ok(1)
}

#[supervised(restart = "on_panic", give_up_if = of_mine)]
async fn any_error() -> Result<u8, MyError> {
    Ok(1)
}

fn main() {}

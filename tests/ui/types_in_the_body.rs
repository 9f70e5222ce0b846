use supervise::supervised;

#[supervised(restart = true)]
async fn missing_value() -> u8 {
    1;
}

#[supervised(restart = true)]
async fn wrong_value(flag: bool) -> u8 {
    if flag {
        return "text";
    }
    1
}

#[supervised(restart = true)]
async fn question_mark(text: String) {
    let _number: u8 = text.parse()?;
}

#[supervised(restart = true)]
async fn private_names() {
    let _ = __call;
}

fn main() {}

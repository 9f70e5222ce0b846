use supervise::supervised;

#[supervised(restart = "sometimes")]
async fn restart_word() {}

#[supervised(restart = 3)]
async fn restart_number() {}

#[supervised(name = 3)]
async fn name_number() {}

#[supervised(name = WORKER)]
async fn name_path() {}

#[supervised(restart = true, backoff = 5)]
async fn backoff_number() {}

#[supervised(name)]
async fn bare_name() {}

#[supervised("cleanup")]
async fn bare_value() {}

#[supervised(name = "a", name = "b")]
async fn twice() {}

#[supervised(name = "a" restart = true)]
async fn no_comma() {}

fn main() {}

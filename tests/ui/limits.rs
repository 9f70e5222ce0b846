use supervise::supervised;

#[supervised(timeout = 30)]
async fn timeout_number() {}

#[supervised(timeout = "30")]
async fn timeout_without_unit() {}

#[supervised(timeout = "0ms")]
async fn timeout_of_nothing() {}

#[supervised(restart = true, healthy_after = "0s")]
async fn healthy_at_once() {}

#[supervised(restart = true, healthy_after = "5m", timeout = "1m")]
async fn never_healthy() {}

#[supervised(restart = true, max_restarts = "5 per 10m")]
async fn limit_words() {}

#[supervised(restart = true, max_restarts = "5 in a while")]
async fn limit_window() {}

#[supervised(restart = true, max_restarts = "5 in 0s")]
async fn limit_in_no_time() {}

#[supervised(restart = true, max_restarts = 5_000_000_000)]
async fn limit_too_large() {}

#[supervised(restart = true, max_restarts = -1)]
async fn limit_below_zero() {}

#[supervised(restart = true, max_restarts = true)]
async fn limit_switch() {}

#[supervised(restart = true, max_restarts = "5 in 10s")]
async fn limit_never_reached() {}

#[supervised(healthy_after = "5m", max_restarts = 5)]
async fn without_restart() {}

#[supervised(critical = "yes")]
async fn critical_word() {}

fn main() {}

//! Some expansions, whole: what a change of the macro changes is seen in them.
//!
//! `SNAPSHOTS=write cargo test -p supervise-macros` writes them anew.

use std::path::Path;
use std::{env, fs};

use proc_macro2::TokenStream;

use crate::expand;

/// Compares the expansion with the file of that name in `snapshots`.
fn check(name: &str, options: &str, item: &str) {
    let tokens = |text: &str| -> TokenStream { text.parse().unwrap() };
    let expanded = expand::supervised(tokens(options), tokens(item));
    let expanded = prettyplease::unparse(&syn::parse2(expanded).unwrap());
    let indented = |text: &str| text.trim().replace('\n', "\n// ");
    let snapshot = format!(
        "// #[supervised({options})]\n// {}\n\n{expanded}",
        indented(item)
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("snapshots")
        .join(name)
        .with_extension("rs");
    if env::var_os("SNAPSHOTS").is_some_and(|mode| mode == "write") {
        fs::write(&path, &snapshot).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        snapshot == expected,
        "{} differs from:\n{snapshot}",
        path.display()
    );
}

#[test]
fn a_free_function_that_is_run_once() {
    check(
        "free",
        "name = \"start\"",
        "pub async fn start(config: Config) -> io::Result<()> { serve(config).await }",
    );
}

#[test]
fn a_method_with_copied_lent_and_kept_arguments() {
    check(
        "method",
        "restart = true, backoff = \"500ms..30s\"",
        "async fn work(&self, name: &str, log: &mut Vec<u8>, mut count: u32, #[keep] jobs: Receiver<Job>) { run(name, log, count, jobs).await }",
    );
}

#[test]
fn a_method_that_lends_itself() {
    check(
        "exclusive",
        "name = \"pump\", restart = \"always\", on_give_up = \"panic\"",
        "async fn pump(&mut self, (low, high): (u32, u32), unused: String) { self.n += low + high; }",
    );
}

#[test]
fn a_method_that_consumes_itself() {
    check(
        "owned",
        "name = \"drain\", restart = true, give_up_if = Error::is_fatal, crate = my::supervise",
        "async fn drain(self: Arc<Self>) -> Result<(), Error> { self.drain_all().await?; Ok(()) }",
    );
}

#[test]
fn a_method_that_async_trait_has_rewritten() {
    check(
        "async_trait",
        "name = \"job\", restart = true",
        "fn run<'a, 'async_trait>(&'a mut self, n: u32) -> Pin<Box<dyn Future<Output = u32> + Send + 'async_trait>> \
         where 'a: 'async_trait { Box::pin(async move { let mut __self = self; let n = n; __self.total += n; __self.total }) }",
    );
}

#[test]
fn a_periodic_method_with_a_policy_of_its_own() {
    check(
        "periodic",
        "name = \"report\", every = \"1h\", critical = true, policy = self.config.report",
        "async fn report(&self) -> Result<(), Error> { self.send().await }",
    );
}

#[test]
fn a_function_that_blocks_its_thread() {
    check(
        "blocking",
        "name = \"reader\", blocking, restart = true",
        "fn read(&mut self, path: &Path, mut limit: u64, #[keep] lines: Receiver<String>) -> io::Result<u64> { self.copy(path, limit, lines)?; Ok(self.total) }",
    );
}

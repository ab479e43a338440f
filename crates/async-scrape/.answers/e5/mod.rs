//! The answers of exercise 5, each judged by its check.

#[path = "../../tests/practise/e5/check.rs"]
mod check;

use check::world;

timing::answers!(check::check, (start): on_the_thread, for_all);

/// The same words as in the check.
const WORLD: &str = "
    use std::{future::Future, pin::Pin};
    pub type Task = Pin<Box<dyn Future<Output = u64> + Send>>;
    pub fn spawn(future: impl Future<Output = u64> + Send + 'static) -> Task { Box::pin(future) }
    pub async fn fetch(page: u64) -> u64 { page }
";

#[test]
fn the_compiler_refuses_what_it_must() {
    let answers = [include_str!("rc.rs"), include_str!("guard.rs")];
    timing::practise::answers::refused(WORLD, &answers);
}

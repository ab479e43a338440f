//! The answers of exercise 6, each judged by its check.

#[path = "../../tests/practise/e6/check.rs"]
mod check;

use check::world;

timing::answers!(check::check, (count): new_lock, early, copies);

/// The same words as in the check, with the standard library's lock and threads.
const WORLD: &str = "
    pub use std::{rc::Rc, sync::{Arc, Mutex}, thread};
    #[derive(Debug, Clone, Default)]
    pub struct Counter(u64);
    impl Counter {
        pub fn add(&mut self, more: u64) { self.0 += more; }
        pub fn value(&self) -> u64 { self.0 }
    }
";

#[test]
fn the_compiler_refuses_what_it_must() {
    let answers = [include_str!("rc.rs"), include_str!("arc_alone.rs")];
    timing::practise::answers::refused(WORLD, &answers);
}

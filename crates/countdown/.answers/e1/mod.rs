//! The answers of exercise 1, each judged by its check.

#[path = "../../tests/practise/e1/check.rs"]
mod check;

use check::world;

timing::answers!(check::check, (all): join_inside, lazy, no_join, only_last);

/// The same words as in the check, with the standard library's threads.
const WORLD: &str = "
    pub use std::thread;
    pub struct Count(pub &'static str);
    impl Count {
        pub fn down(&self) {}
    }
";

#[test]
fn the_compiler_refuses_what_it_must() {
    timing::practise::answers::refused(WORLD, &[include_str!("no_move.rs")]);
}

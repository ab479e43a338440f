//! The checks of the exercises know right from wrong: for each exercise, the reference passes, and
//! the stub and all known-wrong answers fail, each of the latter with its own misconception.

#[path = "../.answers/e1/mod.rs"]
mod e1;
#[path = "../.answers/e2/mod.rs"]
mod e2;
#[path = "../.answers/e3/mod.rs"]
mod e3;

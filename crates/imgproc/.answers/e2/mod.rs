//! The answers of exercise 2, each judged by its check.

#[path = "../../tests/practise/e2/check.rs"]
mod check;

use check::world;

timing::answers!(check::check, (line): unbounded, kept_open, join_first, unreported, in_turns);

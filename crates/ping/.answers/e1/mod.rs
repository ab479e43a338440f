//! The answers of exercise 1, each judged by its check.

#[path = "../../tests/practise/e1/check.rs"]
mod check;

use check::world;

timing::answers!(check::check, (all): chunks, thread_each, guard_lives, look_then_take);

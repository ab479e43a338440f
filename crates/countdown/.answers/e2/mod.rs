//! The answers of exercise 2, each judged by its check.

#[path = "../../tests/practise/e2/check.rs"]
mod check;

use check::world;

timing::answers!(check::check, (all): one_loop, first_line, stops, zombies);

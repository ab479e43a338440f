//! The answers of exercise 4, each judged by its check.

#[path = "../../tests/practise/e4/check.rs"]
mod check;

use check::world;

timing::answers!(check::check, (take, release): no_switch, once, late, always_waits, by_itself);

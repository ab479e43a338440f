//! The answers of exercise 1, each judged by its check.

#[path = "../../tests/practise/e1/check.rs"]
mod check;

use check::world;

timing::answers!(check::check, (count): unnamed, only_the_write, twice, own_lock);

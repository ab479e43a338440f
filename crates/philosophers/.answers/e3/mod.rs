//! The answers of exercise 3, each judged by its check.

#[path = "../../tests/practise/e3/check.rs"]
mod check;

use check::world;

timing::answers!(check::check, (take_both, put_both): once, silent, one_call, one_fork);

//! The answers of exercise 4, each judged by its check.

#[path = "../../tests/practise/e4/check.rs"]
mod check;

use check::world;

timing::answers!(check::check, (put, take): once, gap, silent, one_bell);

//! The answers of exercise 4, each judged by its check.

#[path = "../../tests/practise/e4/check.rs"]
mod check;

use check::world;

timing::answers!(check::check, (start, may_eat, after): monitor, queue, one_meal, circle, kept);

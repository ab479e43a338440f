//! The answers of exercise 1, each judged by its check.

#[path = "../../tests/practise/e1/check.rs"]
mod check;

use check::world;

timing::answers!(check::check, (dine): all_left, table_lock, lets_go, gives_up);

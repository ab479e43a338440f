//! The answers of exercise 3, each judged by its check.

#[path = "../../tests/practise/e3/check.rs"]
mod check;

use check::world;

timing::answers!(check::check, (all): blocking, not_awaited, one_by_one, not_spawned, not_joined);

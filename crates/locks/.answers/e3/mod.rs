//! The answers of exercise 3, each judged by its check.

#[path = "../../tests/practise/e3/check.rs"]
mod check;

use check::world;

timing::answers!(check::check, (transfer): from_first, office, one_by_one, gives_up, to_itself);

//! The answers of exercise 4, each judged by its check.

#[path = "../../tests/practise/e4/check.rs"]
mod check;

use check::world;

timing::answers!(check::check, (save): at_the_end, unnamed, too_early, in_place);

//! The answers of exercise 1, each judged by its check.

#[path = "../../tests/practise/e1/check.rs"]
mod check;

use check::world;

timing::answers!(check::check, (luma): offset, truncates, rest, overflow, alone, in_turns);

//! The answers of exercise 5, each judged by its check.

#[path = "../../tests/practise/e5/check.rs"]
mod check;

use check::world;

timing::answers!(check::check, (post, collect): relaxed_store, relaxed_load, flag_first, one_fence);

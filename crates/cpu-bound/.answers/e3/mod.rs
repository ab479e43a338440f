//! The answers of exercise 3, each judged by its check.

#[path = "../../tests/practise/e3/check.rs"]
mod check;

use check::world;

timing::answers!(check::check, (work): static_split, load_store, one_too_many, only_one);

//! The answers of exercise 3, each judged by its check.

// A wrong answer does so.
#![allow(clippy::await_holding_refcell_ref)]

#[path = "../../tests/practise/e3/check.rs"]
mod check;

use check::world;

timing::answers!(check::check, (count): one_thread, borrowed, one_at_a_time);

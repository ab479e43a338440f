//! Checks `exercises/e4_cancel.rs`.
//!
//!     cargo run -p async-scrape --example practise-async-scrape -- 4

mod check;
#[path = "../../../exercises/e4_cancel.rs"]
mod exercise;

use check::world;

fn main() -> std::process::ExitCode {
    timing::practise::tell(check::check(exercise::save))
}

//! Checks `exercises/e5_moves.rs`.
//!
//!     cargo run -p async-scrape --example practise-async-scrape -- 5

mod check;
#[path = "../../../exercises/e5_moves.rs"]
mod exercise;

use check::world;

fn main() -> std::process::ExitCode {
    timing::practise::tell(check::check(exercise::start))
}

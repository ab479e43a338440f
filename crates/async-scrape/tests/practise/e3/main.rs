//! Checks `exercises/e3_race.rs`.
//!
//!     cargo run -p async-scrape --example practise-async-scrape -- 3

mod check;
#[path = "../../../exercises/e3_race.rs"]
mod exercise;

use check::world;

fn main() -> std::process::ExitCode {
    timing::practise::tell(check::check(exercise::count))
}

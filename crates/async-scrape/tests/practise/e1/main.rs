//! Checks `exercises/e1_slots.rs`.
//!
//!     cargo run -p async-scrape --example practise-async-scrape -- 1

mod check;
#[path = "../../../exercises/e1_slots.rs"]
mod exercise;

use check::world;

fn main() -> std::process::ExitCode {
    timing::practise::tell(check::check(exercise::crawl))
}

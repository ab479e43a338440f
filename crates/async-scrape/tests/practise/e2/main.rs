//! Checks `exercises/e2_disk.rs`.
//!
//!     cargo run -p async-scrape --example practise-async-scrape -- 2

mod check;
#[path = "../../../exercises/e2_disk.rs"]
mod exercise;

use check::world;

fn main() -> std::process::ExitCode {
    timing::practise::tell(check::check(exercise::save))
}

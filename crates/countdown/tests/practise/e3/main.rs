//! Checks `exercises/e3_tasks.rs`.
//!
//!     cargo run -p countdown --example practise-countdown -- 3

mod check;
#[path = "../../../exercises/e3_tasks.rs"]
mod exercise;

use check::world;

fn main() -> std::process::ExitCode {
    timing::practise::tell(check::check(exercise::all))
}

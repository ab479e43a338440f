//! Checks `exercises/e1_both.rs`.
//!
//!     cargo run -p countdown --example practise-countdown -- 1

mod check;
#[path = "../../../exercises/e1_both.rs"]
mod exercise;

use check::world;

fn main() -> std::process::ExitCode {
    timing::practise::tell(check::check(exercise::all))
}

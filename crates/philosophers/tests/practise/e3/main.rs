//! Checks `exercises/e3_monitor.rs`.
//!
//!     cargo run -p philosophers --example practise-philosophers -- 3

mod check;
#[path = "../../../exercises/e3_monitor.rs"]
mod exercise;

use check::world;

fn main() -> std::process::ExitCode {
    timing::practise::tell(check::check(exercise::take_both, exercise::put_both))
}

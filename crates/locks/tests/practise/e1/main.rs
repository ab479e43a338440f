//! Checks `exercises/e1_hold.rs`.
//!
//!     cargo run -p locks --example practise-locks -- 1

mod check;
#[path = "../../../exercises/e1_hold.rs"]
mod exercise;

use check::world;

fn main() -> std::process::ExitCode {
    timing::practise::tell(check::check(exercise::count))
}

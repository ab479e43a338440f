//! Checks `exercises/e2_waiter.rs`.
//!
//!     cargo run -p philosophers --example practise-philosophers -- 2

mod check;
#[path = "../../../exercises/e2_waiter.rs"]
mod exercise;

use check::world;

fn main() -> std::process::ExitCode {
    timing::practise::tell(check::check(exercise::chairs, exercise::dine))
}

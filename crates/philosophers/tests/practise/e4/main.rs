//! Checks `exercises/e4_fair.rs`.
//!
//!     cargo run -p philosophers --example practise-philosophers -- 4

mod check;
#[path = "../../../exercises/e4_fair.rs"]
mod exercise;

use check::world;

fn main() -> std::process::ExitCode {
    timing::practise::tell(check::check(
        exercise::start,
        exercise::may_eat,
        exercise::after,
    ))
}

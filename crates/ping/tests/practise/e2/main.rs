//! Checks `exercises/e2_limit.rs`.
//!
//!     cargo run -p ping --example practise-ping -- 2

mod check;
#[path = "../../../exercises/e2_limit.rs"]
mod exercise;

use check::world;

fn main() -> std::process::ExitCode {
    timing::practise::tell(check::check(exercise::all))
}

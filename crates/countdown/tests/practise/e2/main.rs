//! Checks `exercises/e2_children.rs`.
//!
//!     cargo run -p countdown --example practise-countdown -- 2

mod check;
#[path = "../../../exercises/e2_children.rs"]
mod exercise;

use check::world;

fn main() -> std::process::ExitCode {
    timing::practise::tell(check::check(exercise::all))
}

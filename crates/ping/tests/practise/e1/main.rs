//! Checks `exercises/e1_pool.rs`.
//!
//!     cargo run -p ping --example practise-ping -- 1

mod check;
#[path = "../../../exercises/e1_pool.rs"]
mod exercise;

use check::world;

fn main() -> std::process::ExitCode {
    timing::practise::tell(check::check(exercise::all))
}

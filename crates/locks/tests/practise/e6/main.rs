//! Checks `exercises/e6_share.rs`.
//!
//!     cargo run -p locks --example practise-locks -- 6

mod check;
#[path = "../../../exercises/e6_share.rs"]
mod exercise;

use check::world;

fn main() -> std::process::ExitCode {
    timing::practise::tell(check::check(exercise::count))
}

//! Checks `exercises/e2_brief.rs`.
//!
//!     cargo run -p locks --example practise-locks -- 2

mod check;
#[path = "../../../exercises/e2_brief.rs"]
mod exercise;

use check::world;

fn main() -> std::process::ExitCode {
    timing::practise::tell(check::check(exercise::count))
}

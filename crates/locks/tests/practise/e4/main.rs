//! Checks `exercises/e4_buffer.rs`.
//!
//!     cargo run -p locks --example practise-locks -- 4

mod check;
#[path = "../../../exercises/e4_buffer.rs"]
mod exercise;

use check::world;

fn main() -> std::process::ExitCode {
    timing::practise::tell(check::check(exercise::put, exercise::take))
}

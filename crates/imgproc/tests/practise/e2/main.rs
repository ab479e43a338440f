//! Checks `exercises/e2_line.rs`.
//!
//!     cargo run -p imgproc --example practise-imgproc -- 2

mod check;
#[path = "../../../exercises/e2_line.rs"]
mod exercise;

use check::world;

fn main() -> std::process::ExitCode {
    timing::practise::tell(check::check(exercise::line))
}

//! Checks `exercises/e1_luma.rs`.
//!
//!     cargo run -p imgproc --example practise-imgproc -- 1

mod check;
#[path = "../../../exercises/e1_luma.rs"]
mod exercise;

use check::world;

fn main() -> std::process::ExitCode {
    timing::practise::tell(check::check(exercise::luma))
}

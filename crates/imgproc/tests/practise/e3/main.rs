//! Checks `exercises/e3_keeper.rs`.
//!
//!     cargo run -p imgproc --example practise-imgproc -- 3

mod check;
#[path = "../../../exercises/e3_keeper.rs"]
mod exercise;

use check::world;

fn main() -> std::process::ExitCode {
    timing::practise::tell(check::check(exercise::all))
}

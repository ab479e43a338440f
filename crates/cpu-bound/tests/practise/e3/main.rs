//! Checks `exercises/e3_next.rs`.
//!
//!     cargo run -p cpu-bound --example practise-cpu-bound -- 3

mod check;
#[path = "../../../exercises/e3_next.rs"]
mod exercise;

use check::world;

fn main() -> std::process::ExitCode {
    timing::practise::tell(check::check(exercise::work))
}

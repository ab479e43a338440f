//! Checks `exercises/e4_gil.rs`.
//!
//!     cargo run -p cpu-bound --example practise-cpu-bound -- 4

mod check;
#[path = "../../../exercises/e4_gil.rs"]
mod exercise;

use check::world;

fn main() -> std::process::ExitCode {
    timing::practise::tell(check::check(exercise::take, exercise::release))
}

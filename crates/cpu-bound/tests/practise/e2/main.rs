//! Checks `exercises/e2_sum.rs`.
//!
//!     cargo run -p cpu-bound --example practise-cpu-bound -- 2

mod check;
#[path = "../../../exercises/e2_sum.rs"]
mod exercise;

use check::world;

fn main() -> std::process::ExitCode {
    timing::practise::tell(check::check(exercise::primes))
}

//! Checks `exercises/e3_transfer.rs`.
//!
//!     cargo run -p locks --example practise-locks -- 3

mod check;
#[path = "../../../exercises/e3_transfer.rs"]
mod exercise;

use check::world;

fn main() -> std::process::ExitCode {
    timing::practise::tell(check::check(exercise::transfer))
}

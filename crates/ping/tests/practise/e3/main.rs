//! Checks `exercises/e3_rows.rs`.
//!
//!     cargo run -p ping --example practise-ping -- 3

mod check;
#[path = "../../../exercises/e3_rows.rs"]
mod exercise;

use check::world;

fn main() -> std::process::ExitCode {
    timing::practise::tell(check::check(exercise::rows))
}

//! Checks `exercises/e5_letter.rs`.
//!
//!     cargo run -p locks --example practise-locks -- 5

mod check;
#[path = "../../../exercises/e5_letter.rs"]
mod exercise;

use check::world;

fn main() -> std::process::ExitCode {
    timing::practise::tell(check::check(exercise::post, exercise::collect))
}

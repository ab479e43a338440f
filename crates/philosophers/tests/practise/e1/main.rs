//! Checks `exercises/e1_order.rs`.
//!
//!     cargo run -p philosophers --example practise-philosophers -- 1

mod check;
#[path = "../../../exercises/e1_order.rs"]
mod exercise;

use check::world;

fn main() -> std::process::ExitCode {
    timing::practise::tell(check::check(exercise::dine))
}

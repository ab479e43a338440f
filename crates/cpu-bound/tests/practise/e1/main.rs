//! Checks `exercises/e1_parts.rs`.
//!
//!     cargo run -p cpu-bound --example practise-cpu-bound -- 1

mod check;
#[path = "../../../exercises/e1_parts.rs"]
mod exercise;

fn main() -> std::process::ExitCode {
    timing::practise::tell(check::check(exercise::parts))
}

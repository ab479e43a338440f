//! The exercises of this lesson: lists them, and checks the first one that is not solved.
//!
//!     cargo run -p countdown --example practise-countdown
//!     cargo run -p countdown --example practise-countdown -- --help

fn main() -> std::process::ExitCode {
    timing::practise::main(env!("CARGO_MANIFEST_DIR"))
}

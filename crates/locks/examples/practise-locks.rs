//! The exercises of this lesson: lists them, and checks the first one that is not solved.
//!
//!     cargo run -p locks --example practise-locks
//!     cargo run -p locks --example practise-locks -- --help

fn main() -> std::process::ExitCode {
    timing::practise::main(env!("CARGO_MANIFEST_DIR"))
}

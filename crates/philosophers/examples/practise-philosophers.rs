//! The exercises of this lesson: lists them, and checks the first one that is not solved.
//!
//!     cargo run -p philosophers --example practise-philosophers
//!     cargo run -p philosophers --example practise-philosophers -- --help

fn main() -> std::process::ExitCode {
    timing::practise::main(env!("CARGO_MANIFEST_DIR"))
}

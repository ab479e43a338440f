//! The exercises of this lesson: lists them, and checks the first one that is not solved.
//!
//!     cargo run -p cpu-bound --example practise-cpu-bound
//!     cargo run -p cpu-bound --example practise-cpu-bound -- --help

fn main() -> std::process::ExitCode {
    timing::practise::main(env!("CARGO_MANIFEST_DIR"))
}

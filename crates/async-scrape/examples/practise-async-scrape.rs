//! The exercises of this lesson: lists them, and checks the first one that is not solved.
//!
//!     cargo run -p async-scrape --example practise-async-scrape
//!     cargo run -p async-scrape --example practise-async-scrape -- --help

fn main() -> std::process::ExitCode {
    timing::practise::main(env!("CARGO_MANIFEST_DIR"))
}

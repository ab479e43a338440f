//! The rules of this house are tests: see `tests/`. What they share with `examples/capture.rs` is here.

pub mod outputs;

//! The rules of this house are tests: see `tests/`.

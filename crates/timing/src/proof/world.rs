//! The instrumented world: shuttle's locks, atomics and threads, which announce each operation with
//! its file and line before they do it.
//!
//! It is for stepping ([`step`](super::step)). A lesson's file that is mounted in it behaves as in
//! shuttle's own world, and has the same schedules: announcing is no step. A proof needs none of
//! this, and is run without it.
//!
//! The types that the lessons do not step through are shuttle's own.

mod atomic;
mod locks;
mod threads;

/// In the place of `std::sync`.
pub mod sync {
    pub use super::locks::{Barrier, Condvar, Mutex, MutexGuard};
    pub use shuttle::sync::*;

    /// In the place of `std::sync::atomic`.
    pub mod atomic {
        // No other types: an operation that is not announced is one that nobody can step through,
        // and a race on it would be called impossible.
        pub use super::super::atomic::{AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize};
        pub use super::super::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize};
        pub use shuttle::sync::atomic::{Ordering, fence};
    }
}

/// In the place of `std::thread`.
pub mod thread {
    pub use super::threads::{Builder, JoinHandle, sleep, spawn, yield_now};
    pub use shuttle::thread::*;
}

//! The tests of every strategy, of the program, and of its failures, against servers of many kinds:
//! all of them on 127.0.0.1, at ports that were free.

mod failures;
mod load;
mod program;
mod proxies;
#[cfg(feature = "https")]
mod secure;
mod server;
#[cfg(feature = "https")]
mod socks;
mod strategies;
mod support;
#[cfg(feature = "https")]
mod tls;

// Where `secure.rs` and `socks.rs`, which another lesson has, too, look for it.
#[cfg(feature = "https")]
use support::raw;

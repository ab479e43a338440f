//! What every strategy must do, the real program as its user runs it, and servers of every kind for it to meet: all of
//! them on 127.0.0.1, at ports that were free.

mod failures;
mod program;
mod server;
mod strategies;
mod support;
#[cfg(feature = "https")]
mod tls;

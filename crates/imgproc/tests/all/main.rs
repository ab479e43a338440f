//! All tests of the program as a whole, in one binary: linking the codecs once is slow enough.

mod cli;
mod common;
mod damage;
mod memory;
mod mpi;
mod signals;
mod strategies;

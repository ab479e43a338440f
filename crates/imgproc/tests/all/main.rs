//! All tests of the program as a whole, in one binary: so the codecs are linked once.

mod budget;
mod cli;
mod colours;
mod common;
mod damage;
mod formats;
mod frequencies;
mod habits;
mod kept;
mod kinds;
mod memory;
mod metadata;
mod mpi;
mod odd;
mod old_jpeg;
mod parts;
mod plain;
mod planes;
mod promises;
mod rare;
mod shrunk;
mod signals;
mod stops;
mod strategies;
mod tiffs;

//! All tests of the crate from outside, in one binary.

mod children;
mod cli;
mod figures;
mod recording;
mod renderings;
mod report;

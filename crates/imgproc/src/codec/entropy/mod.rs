//! The entropy codes of a JPEG in one scan: what they stand for, without making pixels of it.
//!
//! A block of 8 x 8 samples is written as 64 coefficients, of low frequencies first. Each code says
//! how many of them are zero, and the value of the next one. Those who need not all coefficients
//! can pass over several codes at one look into a table.

mod huffman;
mod layout;

pub use huffman::{Bits, END, Table};
pub use layout::{Channel, Layout, divisors, tables_of_codes};

/// The error about a block whose codes are for more coefficients than it has.
pub const FULL: &str = "more coefficients than a block has";

/// The error about data that end too early.
pub const MISSING: &str = "data are missing";

/// Copies the data between two restart markers, without the zero that follows each byte of 255 in
/// a file.
pub fn unstuffed(mut data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(data.len());
    while let Some(at) = data.iter().position(|byte| *byte == 0xff) {
        bytes.extend_from_slice(&data[..=at]);
        data = data.get(at + 2..).unwrap_or_default();
    }
    bytes.extend_from_slice(data);
    bytes
}

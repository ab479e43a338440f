//! The entropy codes of a JPEG in one scan: what they stand for, without making pixels of it.
//!
//! A block of 8 x 8 samples is written as 64 coefficients, of low frequencies first. Each code says
//! how many of them are zero, and the value of the next one. A decoder that does not need some of
//! them passes over several codes at one look into a table.

mod huffman;
mod layout;

use super::jpeg::find_255;
pub use huffman::{Bits, END, Table};
pub use layout::{Channel, Layout, Share, divisors, tables_of_codes};

/// The error about a block whose codes stand for more coefficients than it has.
pub const FULL: &str = "more coefficients than a block has";

/// The error about bytes that belong to no block. A damaged code can make two blocks of one, or one
/// of two: then the blocks end before the data do.
pub const UNREAD: &str = "bytes that belong to no block";

/// The error about data that end too early.
pub const MISSING: &str = "data are missing";

/// Copies the data between two restart markers, without the zero that follows each byte of 255 in
/// a file, and without those that fill the space before the marker.
pub fn unstuffed(mut data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(data.len());
    while let Some(at) = find_255(data) {
        // More bytes of 255 before the zero are skipped, as the C library does.
        let more = data[at + 1..].iter().take_while(|byte| **byte == 0xff);
        let zero = at + 1 + more.count();
        if zero >= data.len() {
            // They fill the space before a marker.
            bytes.extend_from_slice(&data[..at]);
            return bytes;
        }
        bytes.extend_from_slice(&data[..=at]);
        data = &data[zero + 1..];
    }
    bytes.extend_from_slice(data);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_zeros_behind_255_are_left_out() {
        // Longer than what is looked at together, with a byte of 255 at each place of it.
        for at in 0..40 {
            let mut plain = vec![0; 40];
            plain[at] = 0xff;
            for inserted in [&[0][..], &[0xff, 0], &[0xff, 0xff, 0]] {
                let mut file = plain.clone();
                file.splice(at + 1..at + 1, inserted.iter().copied());
                assert_eq!(unstuffed(&file), plain, "{at}, {inserted:?}");
            }
        }
        assert_eq!(unstuffed(&[7, 0xff]), [7]);
        assert_eq!(unstuffed(&[7, 0xff, 0, 0xff, 0xff]), [7, 0xff]);
    }
}

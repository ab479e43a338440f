//! Rows of samples, as the filters with a kernel need them.

pub(super) use crate::resize::BLOCK;

/// Fills `padded` with the row, its first and its last pixel repeated `by` times.
pub(super) fn pad(row: &[u8], channels: usize, by: usize, padded: &mut Vec<u8>) {
    let (first, last) = (&row[..channels], &row[row.len() - channels..]);
    padded.clear();
    (0..by).for_each(|_| padded.extend_from_slice(first));
    padded.extend_from_slice(row);
    (0..by).for_each(|_| padded.extend_from_slice(last));
}

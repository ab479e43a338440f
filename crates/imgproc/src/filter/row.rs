//! Rows of samples, as the filters with a kernel need them.

/// The number of samples of a row that are worked on together: their sums fit in the first-level
/// cache.
pub(super) const BLOCK: usize = 1024;

/// Fills `padded` with the row, its first and its last pixel repeated `by` times.
pub(super) fn pad(row: &[u8], channels: usize, by: usize, padded: &mut Vec<u8>) {
    let (first, last) = (&row[..channels], &row[row.len() - channels..]);
    padded.clear();
    (0..by).for_each(|_| padded.extend_from_slice(first));
    padded.extend_from_slice(row);
    (0..by).for_each(|_| padded.extend_from_slice(last));
}

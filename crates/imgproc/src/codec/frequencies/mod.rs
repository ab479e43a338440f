//! JPEG to grey JPEG without pixels.
//!
//! The Y channel of a JPEG *is* the grey picture (see [`Need`](super::Need)). So its coefficients,
//! which say how strong each frequency is in a block, need not become pixels and then coefficients
//! again. Decoding reads the codes of luma, and passes over those of the colours. Encoding divides
//! each coefficient by the divisor of the wanted quality in place of the file's, rounds it, and
//! writes the codes of the result. If both divisors are the same, so are the coefficients: nothing
//! is lost at all.
//!
//! Rows of blocks do not depend on each other here, so workers share them as they share rows of
//! pixels.
//!
//! No kept crate does that in safe code. `libjpeg-turbo-rs` 0.9.0 can read and write coefficients,
//! but would read the bytes of strangers with `unsafe` code. This reads what cameras write (see
//! [`Layout::read`](super::entropy::Layout::read)). All else is decoded to pixels, and so is all
//! that is damaged: the decoder says what is wrong.

mod luma;
mod read;
mod write;

pub use luma::{Band, Luma};
pub use read::{Part, Scan};

/// The most [tokens](Frequencies) of a block: its mean, 63 others, and the end.
const MOST_TOKENS: usize = 65;

/// Two bytes, the lower one first.
type Token = [u8; 2];

/// The bytes of a row's number of tokens.
const LENGTH: usize = size_of::<u32>();

/// The coefficients of a grey picture, as the file has them: divided and rounded.
///
/// They are kept in tokens of 16 bits, since most coefficients are 0. A block's first token is its
/// mean. Each other token has in its upper 4 bits how many zeros come first, and then a coefficient
/// in 12 bits. The token 0 is the end of the block.
#[derive(Debug, Clone)]
pub struct Frequencies {
    /// For each row of blocks: the number of its tokens in 32 bits, the tokens, and room for the
    /// most that there can be. So workers can share the rows.
    memory: Vec<u8>,
    /// The bytes from one row to the next.
    stride: usize,
    rows: usize,
    /// What each coefficient was divided by, from low frequencies to high.
    divisors: [u16; 64],
}

impl Frequencies {
    /// The tokens of a row of blocks.
    fn row(&self, row: usize) -> &[Token] {
        tokens(&self.memory[row * self.stride..][..self.stride])
    }

    /// Returns the memory, to be used again.
    pub fn into_memory(self) -> Vec<u8> {
        self.memory
    }
}

/// Returns the tokens in the memory of a row of blocks.
fn tokens(memory: &[u8]) -> &[Token] {
    let (length, tokens) = memory.split_first_chunk().expect("a row has a length");
    &tokens.as_chunks().0[..u32::from_le_bytes(*length) as usize]
}

impl PartialEq for Frequencies {
    /// Compares the pictures, and not what is left in the memory.
    fn eq(&self, other: &Self) -> bool {
        let same = |row| self.row(row) == other.row(row);
        (self.rows, self.divisors) == (other.rows, other.divisors) && (0..self.rows).all(same)
    }
}

impl Eq for Frequencies {}

//! Fax compression: lines of black and white, as the lengths of runs, or as differences from the
//! line before (ITU-T T.4 and T.6; TIFF 6.0, sections 10 and 11).

use std::convert::Infallible;

use fax::decoder::{DecodeStatus, Group4Decoder, pels};
use fax::maps::{Mode, black, mode, white};
use fax::{BitReader, ByteReader, Color};

/// How lines follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fax {
    /// Runs; each line begins with a new byte.
    Runs,
    /// Group 3: a marker before each line. Some lines may be told as differences from the one
    /// before; then a bit behind the marker says which.
    Group3 { differences: bool },
    /// Group 4: all lines are told as differences.
    Group4,
}

/// Returns the lines, with a bit for each pixel, 1 for black. `None` if the data is damaged.
pub fn lines(fax: Fax, data: &[u8], width: u16, count: usize) -> Option<Vec<u8>> {
    let stride = usize::from(width).div_ceil(8);
    let mut lines = Vec::with_capacity(stride * count);
    let mut draw = |changes: &[u16]| {
        let start = lines.len();
        lines.resize(start + stride, 0);
        for (at, colour) in pels(changes, width).enumerate() {
            if colour == Color::Black {
                lines[start + at / 8] |= 0x80 >> (at % 8);
            }
        }
    };
    // The last code may be shorter than what is looked at to find it.
    let bytes = data.iter().copied().chain([0; 4]);
    let bytes = bytes.map(Ok::<u8, Infallible>);
    if fax == Fax::Group4 {
        let mut decoder = Group4Decoder::new(bytes, width).ok()?;
        for _ in 0..count {
            if decoder.advance().ok()? == DecodeStatus::End {
                break;
            }
            draw(decoder.transition());
        }
    } else {
        let mut bits = ByteReader::new(bytes).ok()?;
        let mut before = Vec::new();
        for _ in 0..count {
            let mut plain = true;
            if let Fax::Group3 { differences } = fax {
                let marker = skip_marker(&mut bits)?;
                if marker && differences {
                    plain = take(&mut bits, 1)? == 1;
                }
            } else {
                let rest = bits.bits_to_byte_boundary();
                take(&mut bits, rest)?;
            }
            // Two markers in a row are the end.
            if bits.peek(12) == Some(1) {
                break;
            }
            before = match plain {
                true => runs(&mut bits, width)?,
                false => differences(&mut bits, width, &before)?,
            };
            draw(&before);
        }
    }
    // White lines at the end may be left out.
    lines.resize(stride * count, 0);
    Some(lines)
}

fn take(bits: &mut impl BitReader, count: u8) -> Option<u16> {
    let value = bits.peek(count)?;
    bits.consume(count).ok()?;
    Some(value)
}

/// Skips the marker of a line, 11 zeros or more and a 1. Returns whether there was one.
fn skip_marker(bits: &mut impl BitReader) -> Option<bool> {
    if bits.peek(11)? != 0 {
        return Some(false);
    }
    while take(bits, 1)? == 0 {}
    Some(true)
}

/// A run: lengths of 64 and more are followed by others, and added to them.
fn run(bits: &mut impl BitReader, is_black: bool) -> Option<u16> {
    let mut sum = 0_u16;
    loop {
        let part = match is_black {
            true => black::decode(bits)?,
            false => white::decode(bits)?,
        };
        sum = sum.checked_add(part)?;
        if part < 64 {
            return Some(sum);
        }
    }
}

/// Returns where the colour changes, white first.
fn runs(bits: &mut impl BitReader, width: u16) -> Option<Vec<u16>> {
    let (mut changes, mut at, mut is_black) = (Vec::new(), 0_u16, false);
    while at < width {
        at = at.checked_add(run(bits, is_black)?)?;
        changes.push(at);
        is_black = !is_black;
    }
    Some(changes)
}

/// Returns where the colour changes in a line that is told as differences from another one.
fn differences(bits: &mut impl BitReader, width: u16, above: &[u16]) -> Option<Vec<u16>> {
    let mut changes: Vec<u16> = Vec::new();
    // The place, and whether the line has begun: its first change may be at 0.
    let (mut at, mut begun) = (0, false);
    while at < width {
        let is_black = changes.len() % 2 == 1;
        // The next change above to the other colour, and the one behind it. Even ones are to black.
        let next = above.iter().enumerate().position(|(index, change)| {
            let behind = *change > at || !begun && *change == 0;
            behind && (index % 2 == 1) == is_black
        });
        let of_above = |index: Option<usize>| {
            let change = index.and_then(|index| above.get(index).copied());
            change.unwrap_or(width)
        };
        match mode::decode(bits)? {
            Mode::Pass => at = of_above(next.map(|index| index + 1)),
            Mode::Vertical(offset) => {
                let to = of_above(next).checked_add_signed(offset.into())?;
                if to < at {
                    return None;
                }
                changes.push(to);
                at = to;
            }
            Mode::Horizontal => {
                for is_black in [is_black, !is_black] {
                    at = at.checked_add(run(bits, is_black)?)?;
                    changes.push(at);
                }
            }
            Mode::Extension | Mode::EOF => return None,
        }
        begun = true;
    }
    Some(changes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Packs zeros and ones. Blanks are for the reader.
    fn bytes(bits: &str) -> Vec<u8> {
        let bits: Vec<u8> = bits.bytes().filter(u8::is_ascii_digit).collect();
        let byte = |eight: &[u8]| {
            let shifted = eight.iter().zip((0..8).rev());
            shifted
                .map(|(bit, shift)| (bit - b'0') << shift)
                .sum::<u8>()
        };
        bits.chunks(8).map(byte).collect()
    }

    /// The codes are those of T.4, tables 2 and 4: three white are 1000, two black 11, no white
    /// 00110101, three black 10, five white 1100. Of the differences, 1 is a change where the line
    /// above has it, 011 one to the right of it, 001 begins two runs, and 0001 passes by two
    /// changes.
    #[test]
    fn lines_are_read_in_each_form() {
        let (first, second, third) = (0b0001_1000, 0b1110_0000, 0b0000_1000);
        let runs = bytes("1000 11 1000 000000 00110101 10 1100");
        assert_eq!(lines(Fax::Runs, &runs, 8, 2), Some(vec![first, second]));
        // Zeros may fill the space before a marker, and six markers are the end.
        let plain = bytes(
            "000000000001 1000 11 1000 00000 000000000001 00110101 10 1100
             000000000001 000000000001 000000000001",
        );
        let group3 = |differences| Fax::Group3 { differences };
        assert_eq!(
            lines(group3(false), &plain, 8, 3),
            Some(vec![first, second, 0])
        );
        let mixed = bytes(
            "000000000001 1 1000 11 1000 000000000001 0 1 1 1 000000000001 0 011 1 1
             000000000001 0 001 00110101 10 0001 1",
        );
        assert_eq!(
            lines(group3(true), &mixed, 8, 4),
            Some(vec![first, first, third, second])
        );
        for length in 0..mixed.len() {
            lines(group3(true), &mixed[..length], 8, 4);
        }
    }
}

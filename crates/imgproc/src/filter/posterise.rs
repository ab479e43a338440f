//! Posterise: few values a channel.

use clap::Args;
use serde::{Deserialize, Serialize};

use super::operation::{Operation, Rows, value_each};
use crate::codec::Photo;

/// Each channel in so many equal steps.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Args)]
pub struct Posterise {
    /// posterise: steps a channel, 2 to 256
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(2..=256))]
    pub levels: u16,
}

impl Operation for Posterise {
    const HELP: &'static str = "Each channel in --levels steps";

    fn plan<'a>(&self, source: &'a Photo) -> Rows<'a> {
        let table = steps(self.levels);
        Box::new(move |rows, out| {
            value_each(source.rows(rows), source.channels, out, |value| {
                table[usize::from(value)]
            });
        })
    }
}

/// Each value's step, spread over 0 to 255.
fn steps(levels: u16) -> [u8; 256] {
    let levels = u32::from(levels);
    std::array::from_fn(|value| (value as u32 * levels / 256 * 255 / (levels - 1)) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_begin_at_black_and_end_at_white() {
        assert_eq!(steps(2)[127..129], [0, 255]);
        assert_eq!(steps(4)[255], 255);
        assert_eq!(steps(256)[77], 77);
    }
}

//! Threshold: black and white.

use clap::Args;
use serde::{Deserialize, Serialize};

use super::grey::grey_each;
use super::operation::{Operation, Rows};
use crate::codec::Photo;

/// White where the grey value is at least `level`, black elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Args)]
pub struct Threshold {
    /// threshold: grey values from this one on are white
    #[arg(long, default_value_t = 128)]
    pub level: u8,
}

impl Operation for Threshold {
    const HELP: &'static str = "Black and white, split at --level";

    fn luma_is_enough(&self) -> bool {
        true
    }

    fn plan<'a>(&self, source: &'a Photo) -> Rows<'a> {
        let level = self.level;
        Box::new(move |rows, out| {
            grey_each(source.rows(rows), source.channels, out, |grey| {
                if grey >= level { 255 } else { 0 }
            });
        })
    }
}

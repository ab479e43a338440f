//! Invert: the negative.

use clap::Args;
use serde::{Deserialize, Serialize};

use super::operation::{Operation, Rows, value_each};
use crate::codec::Photo;

/// 255 minus the value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Args)]
pub struct Invert;

impl Operation for Invert {
    const HELP: &'static str = "The negative";

    fn keeps_bilevel(&self) -> bool {
        true
    }

    fn plan<'a>(&self, source: &'a Photo) -> Rows<'a> {
        Box::new(|rows, out| {
            value_each(source.rows(rows), source.channels, out, |value| 255 - value);
        })
    }
}

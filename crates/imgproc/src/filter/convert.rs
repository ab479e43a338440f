//! Convert: no filter.

use clap::Args;
use serde::{Deserialize, Serialize};

use super::operation::{Operation, Rows};
use crate::codec::Photo;

/// The photo as it is, for another format or without its metadata.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Args)]
pub struct Convert;

impl Operation for Convert {
    const HELP: &'static str = "The photo as it is, for --format and --strip";

    fn is_done(&self, _photo: &Photo) -> bool {
        true
    }

    fn plan<'a>(&self, source: &'a Photo) -> Rows<'a> {
        Box::new(|rows, out| out.copy_from_slice(source.rows(rows)))
    }
}

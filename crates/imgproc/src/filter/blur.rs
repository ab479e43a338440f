//! Blur: a Gaussian.

use clap::Args;
use serde::{Deserialize, Serialize};

use super::alpha::{premultiplied, unpremultiply};
use super::gauss::Gauss;
use super::operation::{Operation, Rows};
use crate::codec::Photo;

/// Gaussian blur, cut off at three sigma.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Args)]
pub struct Blur {
    /// blur: the standard deviation in pixels, 0.1 to 100
    #[arg(long, default_value_t = 5.0, value_parser = sigma)]
    pub sigma: f64,
}

fn sigma(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(sigma) if (0.1..=100.0).contains(&sigma) => Ok(sigma),
        _ => Err("a number from 0.1 to 100".to_owned()),
    }
}

impl Operation for Blur {
    const HELP: &'static str = "Gaussian blur of --sigma pixels";

    fn halved(&self) -> Option<Self> {
        let sigma = self.sigma / 2.0;
        Some(Self { sigma })
    }

    fn plan<'a>(&self, source: &'a Photo) -> Rows<'a> {
        let gauss = Gauss::new(self.sigma);
        let shape = (source.width, source.channels);
        Box::new(move |rows, out| {
            // The rows that count for these rows: some more on each side.
            let first = rows.start.saturating_sub(gauss.reach);
            let last = (rows.end + gauss.reach).min(source.height);
            let pixels = premultiplied(source.rows(first..last), source.channels);
            let rows = rows.start - first..rows.end - first;
            gauss.rows(&pixels, shape, rows, out);
            if source.channels == 4 {
                unpremultiply(out);
            }
        })
    }
}

//! What is counted and shown while a crawl runs.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use async_scrape::crawl::Observer;
use async_scrape::crawl::frontier::Progress;
use async_scrape::summary::Summary;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Counts the pages of one crawl, and shows on a terminal how far it is.
pub struct Monitor {
    bar: ProgressBar,
    summary: Arc<Mutex<Summary>>,
}

impl Monitor {
    /// Starts to count, and with `is_shown` to show.
    pub fn new(is_shown: bool) -> Result<Self> {
        let template = "{spinner} {pos} pages, {elapsed}, {wide_msg}";
        let style = ProgressStyle::with_template(template)?;
        let bar = ProgressBar::new_spinner().with_style(style);
        if !is_shown {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        Ok(Self {
            bar,
            summary: Arc::default(),
        })
    }

    /// The function that the crawl calls for each page.
    pub fn observer(&self) -> Observer {
        let (bar, summary) = (self.bar.clone(), Arc::clone(&self.summary));
        Arc::new(move |entry| {
            bar.inc(1);
            if !bar.is_hidden() {
                bar.set_message(entry.url.clone());
            }
            let mut summary = summary.lock().unwrap_or_else(PoisonError::into_inner);
            summary.add(entry);
        })
    }

    /// Takes the bar away, and returns the sums.
    pub fn finish(self) -> Summary {
        self.bar.finish_and_clear();
        let mut summary = self.summary.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *summary)
    }
}

/// What a user must know of a crawl that requested less than it could have.
pub fn remarks(progress: Progress) -> String {
    let mut remarks = match progress.waiting {
        0 => String::new(),
        waiting => format!(
            "; stopped after {} pages, and {waiting} more are known",
            progress.begun
        ),
    };
    if progress.is_full {
        remarks += "; there were more URLs than there is room for";
    }
    remarks
}

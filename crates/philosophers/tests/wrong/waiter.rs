//! `src/waiter.rs` with a chair for everybody: known to be wrong, and kept so that a checker must find it.

use anyhow::Result;
use timing::Timeline;

use crate::outcome::Dinner;
use crate::{Job, waiter};

pub fn run(job: &Job, timeline: &Timeline) -> Result<Dinner> {
    waiter::with_chairs(job.seats, job, timeline)
}

//! `src/ordered.rs` with the left fork first for everybody, the last one too: known to be wrong, and kept so that a checker must
//! find it.

use anyhow::Result;
use timing::Timeline;

use crate::outcome::Dinner;
use crate::sync::Arc;
use crate::{Job, dine, fork};

pub fn run(job: &Job, timeline: &Timeline) -> Result<Dinner> {
    let forks = fork::lay(job);
    dine::dine(job, timeline, |_| {
        let forks = Arc::clone(&forks);
        move |seat| {
            while seat.think() {
                let _first = forks[seat.left()].take(seat)?;
                let _second = forks[seat.right()].take(seat)?;
                seat.eat();
            }
            Ok(())
        }
    })
}

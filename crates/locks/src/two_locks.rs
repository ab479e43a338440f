//! Two tasks and two locks, as in the course: each task takes its first lock, works, and wants its second.

use std::time::Duration;

use anyhow::{Context, Result};
use timing::watch::{Circle, Watch};
use timing::{Lane, Timeline};

use crate::Tell;
use crate::crowd::panicked;
use crate::sync::{Arc, Barrier, thread};
use crate::watched::Watched;

/// In which order the second task takes its locks. The first one takes A, then B.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// B, then A: the two can come to wait for each other.
    Opposite,
    /// A, then B, like the first one: somebody has both, or nobody has B.
    Same,
}

/// How the two meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meeting {
    /// As it comes.
    Chance,
    /// Each takes its first lock before either wants its second. Only with locks in opposite orders: with the same, the
    /// second could never take its first.
    Certain,
    /// The second begins when the first is done.
    Never,
}

/// What to do.
#[derive(Clone)]
pub struct Plan {
    /// In which order the second task takes its locks.
    pub order: Order,
    /// How the two meet.
    pub meeting: Meeting,
    /// How long each works with its first lock, before it wants its second.
    pub work: [Duration; 2],
    /// Hears what happens.
    pub tell: Tell,
    /// Sees who holds and wants what.
    pub watch: Watch,
}

/// Runs both to their end, which they have in any case: who would close a circle gives up instead.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(plan: &Plan, timeline: &Timeline) -> Result<Vec<Circle>> {
    let locks = ["Lock A", "Lock B"].map(|name| Arc::new(Watched::new(name, &plan.watch)));
    let barrier = (plan.meeting == Meeting::Certain).then(|| Arc::new(Barrier::new(2)));
    let mut tasks = Vec::new();
    let mut circles = Vec::new();
    for number in 0..2 {
        let mut task = Task {
            name: format!("Task {}", number + 1),
            first: Arc::clone(&locks[0]),
            second: Arc::clone(&locks[1]),
            work: plan.work[number],
            barrier: barrier.clone(),
            tell: Arc::clone(&plan.tell),
        };
        if number == 1 && plan.order == Order::Opposite {
            std::mem::swap(&mut task.first, &mut task.second);
        }
        let mut lane = timeline.lane(&task.name);
        let builder = thread::Builder::new().name(task.name.clone());
        let thread = builder.spawn(move || task.run(&mut lane));
        tasks.push(thread.context("can't start a thread")?);
        if number == 1 || plan.meeting == Meeting::Never {
            for task in tasks.drain(..) {
                let ended = task.join().map_err(|panic| panicked("a task", &*panic))?;
                circles.extend(ended.err());
            }
        }
    }
    Ok(circles)
}

struct Task {
    name: String,
    first: Arc<Watched>,
    second: Arc<Watched>,
    work: Duration,
    barrier: Option<Arc<Barrier>>,
    tell: Tell,
}

impl Task {
    // ANCHOR: task
    fn run(&self, lane: &mut Lane) -> Result<(), Circle> {
        self.tell("is starting...");
        self.tell(&format!("is waiting to acquire {}", self.first.name()));
        let waiting = lane.wait(self.first.name().to_owned());
        let _first = self.first.lock(&self.name)?;
        drop(waiting);
        self.tell(&format!("has acquired {}", self.first.name()));
        if let Some(barrier) = &self.barrier {
            barrier.wait();
        }
        self.tell("is doing some calculations");
        let working = lane.work(self.first.name().to_owned());
        self.calculate();
        drop(working);
        self.tell(&format!("is waiting to acquire {}", self.second.name()));
        let waiting = lane.wait(self.second.name().to_owned());
        let locked = self.second.lock(&self.name);
        if let Err(circle) = &locked {
            self.tell(&format!("would wait for ever: {circle}"));
            // Only for the picture: long enough that the two waits can be seen beside each other.
            thread::sleep(self.work / 2);
            self.tell(&format!("gives up {}", self.first.name()));
        }
        let _second = locked?;
        drop(waiting);
        self.tell(&format!("has acquired {}", self.second.name()));
        let _working = lane.work("both");
        self.calculate();
        self.tell("is done");
        Ok(())
    }
    // ANCHOR_END: task

    fn tell(&self, what: &str) {
        (self.tell)(format!("{} {what}", self.name));
    }

    fn calculate(&self) {
        if !self.work.is_zero() {
            thread::sleep(self.work);
        }
    }
}

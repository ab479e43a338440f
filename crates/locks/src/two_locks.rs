//! Two tasks and two locks, as in the course: each task takes its first lock, works, and then also
//! needs its second. In which order it takes them is the rule in `lock_order.rs`.

use std::time::Duration;

use anyhow::Result;
use timing::watch::{Circle, Watch};
use timing::workers::{ended, started};
use timing::{Lane, Timeline};

use crate::Tell;
use crate::lock_order::Order;
use crate::sync::{Arc, Barrier, thread};
use crate::watched::Watched;

/// How the steps of the two tasks interleave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interleaving {
    /// As the scheduler decides.
    Any,
    /// Each task takes its first lock before either wants its second. This is only for locks in
    /// opposite orders: in the same order, the second task could never take its first lock.
    BothHoldOne,
    /// The second task starts when the first one has ended.
    OneAfterTheOther,
}

/// What the two tasks do.
#[derive(Clone)]
pub struct Plan {
    /// In which order the second task takes its locks.
    pub order: Order,
    /// How their steps interleave.
    pub interleaving: Interleaving,
    /// How long each task works with its first lock before it wants its second.
    pub work: [Duration; 2],
    /// Is told what happens.
    pub tell: Tell,
    /// Sees who holds and wants which lock.
    pub watch: Watch,
}

/// Runs both tasks to their end, and returns the deadlocks that were noticed. A task whose wait
/// would be a deadlock gives up, so both tasks end.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(plan: &Plan, timeline: &Timeline) -> Result<Vec<Circle>> {
    let locks = ["Lock A", "Lock B"].map(|name| Arc::new(Watched::new(name, &plan.watch)));
    let both_hold_one = plan.interleaving == Interleaving::BothHoldOne;
    let barrier = both_hold_one.then(|| Arc::new(Barrier::new(2)));
    let mut running = Vec::new();
    let mut circles = Vec::new();
    for number in 0..2 {
        let name = format!("Task {}", number + 1);
        let [first, second] = plan.order.of(number, locks.clone());
        let task = Task {
            name: name.clone(),
            first,
            second,
            work: plan.work[number],
            barrier: barrier.clone(),
            tell: Arc::clone(&plan.tell),
        };
        let mut lane = timeline.lane(&name);
        let thread = thread::Builder::new().name(name.clone());
        match started(&name, thread.spawn(move || task.run(&mut lane))) {
            Ok(thread) => running.push((name, thread)),
            Err(error) => {
                if let ([_first], Some(barrier)) = (&running[..], &barrier) {
                    // In the place of the second task, or the first one would wait for it for ever.
                    barrier.wait();
                }
                join(running)?;
                return Err(error);
            }
        }
        if number == 1 || plan.interleaving == Interleaving::OneAfterTheOther {
            circles.extend(join(std::mem::take(&mut running))?);
        }
    }
    Ok(circles)
}

type Running = (String, thread::JoinHandle<Result<(), Circle>>);

/// Waits for all of the tasks, and returns the deadlocks that they noticed.
fn join(tasks: Vec<Running>) -> Result<Vec<Circle>> {
    let join = |(name, thread): Running| ended(&name, thread.join());
    let ends: Vec<_> = tasks.into_iter().map(join).collect();
    let ends: Result<Vec<_>> = ends.into_iter().collect();
    Ok(ends?.into_iter().filter_map(Result::err).collect())
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
        let working = lane.act(self.first.name().to_owned());
        self.calculate();
        drop(working);
        self.tell(&format!("is waiting to acquire {}", self.second.name()));
        let waiting = lane.wait(self.second.name().to_owned());
        let locked = self.second.lock(&self.name);
        if let Err(circle) = &locked {
            self.tell(&format!("would wait for ever: {circle}"));
            // Only for the picture: long enough to see that both tasks wait at the same time.
            thread::sleep(self.work / 2);
            self.tell(&format!("gives up {}", self.first.name()));
        }
        let _second = locked?;
        drop(waiting);
        self.tell(&format!("has acquired {}", self.second.name()));
        let _working = lane.act("both");
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

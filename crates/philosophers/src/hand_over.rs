//! Both forks or none, as by `monitor`, and nobody starves: who puts forks back *hands them over*.
//!
//! The hungry stand in a line. Whoever changes something gives both forks to each in the line whose
//! forks are free, and for whom nobody waits who came earlier and needs one of the two. When a
//! philosopher wakes up, the forks are already its own. By `monitor` they only lie on the table,
//! and who ate last may take them again before the one who was called has looked.

use anyhow::Result;
use timing::Timeline;

use crate::outcome::Dinner;
use crate::rule::{Rule, Step};
use crate::seat::Seat;
use crate::sync::{Arc, Condvar, Mutex, PoisonError};
use crate::{Job, dine};

/// Seats the philosophers.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Dinner> {
    let monitor = Arc::new(Monitor {
        line: Mutex::new(Line::new(job.seats)),
        changed: Condvar::new(),
    });
    dine::dine(job, timeline, |_| {
        let monitor = Arc::clone(&monitor);
        move |seat| {
            while seat.think() {
                monitor.take_both(seat);
                seat.eat();
                monitor.put_both(seat);
            }
            Ok(())
        }
    })
}

struct Monitor {
    line: Mutex<Line>,
    changed: Condvar,
}

impl Monitor {
    // ANCHOR: both
    fn take_both(&self, seat: &Seat) {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        line.join(seat.number());
        seat.tell(Step::Queues);
        while line.has(seat.number()) {
            line = self
                .changed
                .wait(line)
                .unwrap_or_else(PoisonError::into_inner);
        }
        seat.tell(Step::TakesBoth);
    }
    // ANCHOR_END: both

    fn put_both(&self, seat: &Seat) {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        line.put_both(seat.number());
        seat.tell(Step::PutsBoth);
        self.changed.notify_all();
    }
}

/// The forks, and who waits for them in which order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Line {
    taken: Vec<bool>,
    waiting: Vec<usize>,
}

impl Line {
    /// All forks lie on the table, and nobody waits.
    pub fn new(seats: usize) -> Self {
        Self {
            taken: vec![false; seats],
            waiting: Vec::new(),
        }
    }

    /// This seat is hungry. It has both forks as soon as it is not in the line any more.
    pub fn join(&mut self, seat: usize) {
        self.waiting.push(seat);
        self.serve();
    }

    /// Whether this seat still waits.
    pub fn has(&self, seat: usize) -> bool {
        self.waiting.contains(&seat)
    }

    /// This seat puts both forks back.
    pub fn put_both(&mut self, seat: usize) {
        for fork in self.forks(seat) {
            self.taken[fork] = false;
        }
        self.serve();
    }

    // ANCHOR: serve
    /// Gives both forks to everybody who can have them.
    fn serve(&mut self) {
        // A fork that somebody waits for is as good as taken, for those who came later.
        let mut asked = self.taken.clone();
        for seat in std::mem::take(&mut self.waiting) {
            let forks = self.forks(seat);
            let is_free = forks.iter().all(|fork| !asked[*fork]);
            forks.iter().for_each(|fork| asked[*fork] = true);
            match is_free {
                true => forks.iter().for_each(|fork| self.taken[*fork] = true),
                false => self.waiting.push(seat),
            }
        }
    }
    // ANCHOR_END: serve

    fn forks(&self, seat: usize) -> [usize; 2] {
        [seat, (seat + 1) % self.taken.len()]
    }
}

/// The rule as a model.
pub struct Model;

/// How far a seat is in its round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// It holds nothing, and is not in the line.
    Hungry,
    /// It is in the line, or was just served.
    InLine,
    /// It holds both forks, and has not eaten.
    HasBoth,
    /// It holds both forks, and has eaten.
    HasEaten,
}

impl Rule for Model {
    type State = (Vec<Place>, Line);

    fn start(&self, seats: usize) -> Self::State {
        (vec![Place::Hungry; seats], Line::new(seats))
    }

    fn next(&self, (places, line): &Self::State, seat: usize) -> Option<(Step, Self::State)> {
        let mut line = line.clone();
        let (step, place) = match places[seat] {
            Place::Hungry => {
                line.join(seat);
                (Step::Queues, Place::InLine)
            }
            Place::InLine if line.has(seat) => return None,
            Place::InLine => (Step::TakesBoth, Place::HasBoth),
            Place::HasBoth => (Step::Eats, Place::HasEaten),
            Place::HasEaten => {
                line.put_both(seat);
                (Step::PutsBoth, Place::Hungry)
            }
        };
        let mut places = places.clone();
        places[seat] = place;
        Some((step, (places, line)))
    }
}

//! A philosopher at its place, and what it does besides taking forks.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use timing::watch::Watch;
use timing::{Kind, Lane, Timeline};

use crate::latch::Latch;
use crate::outcome::Plate;
use crate::pace::Round;
use crate::rule::Step;
use crate::sync::{Arc, thread};
use crate::table::{Table, lock};
use crate::{Job, OnStep, names};

/// How long a philosopher sleeps at a time, before it looks whether the dinner is over.
pub const NAP: Duration = Duration::from_millis(20);

/// Meals of each philosopher that are drawn. With more of them the timeline would need more memory
/// than all else.
const DRAWN: u64 = 10_000;

/// A philosopher at its place.
pub struct Seat {
    number: usize,
    name: Arc<str>,
    job: Job,
    table: Arc<Table>,
    /// Where it waits with its first fork until all have one.
    first_fork: Option<Arc<Latch>>,
    lane: Lane,
    plate: Plate,
    round: Round,
    /// Since when; `None` if it is not hungry.
    hungry: Option<Instant>,
    /// The forks in its hand, with which it does not eat yet.
    held: BTreeMap<usize, Instant>,
}

impl Seat {
    pub(crate) fn new(
        number: usize,
        job: &Job,
        table: &Arc<Table>,
        first_fork: Option<Arc<Latch>>,
        timeline: &Timeline,
    ) -> Self {
        Self {
            number,
            name: names::philosopher(number).into(),
            job: job.clone(),
            table: Arc::clone(table),
            first_fork,
            lane: timeline.lane(names::philosopher(number)),
            plate: Plate::default(),
            round: Round::default(),
            hungry: None,
            held: BTreeMap::new(),
        }
    }

    /// 0, 1, 2 and so on, around the table.
    pub fn number(&self) -> usize {
        self.number
    }

    /// Who sits here.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The number of the fork to the left.
    pub fn left(&self) -> usize {
        self.number
    }

    /// The number of the fork to the right: the left one of the next seat.
    pub fn right(&self) -> usize {
        (self.number + 1) % self.job.seats
    }

    /// Thinks, and is then hungry; `false` if it is time to leave the table instead.
    pub fn think(&mut self) -> bool {
        let Some(think) = self.next_round() else {
            return false;
        };
        self.sleep(think);
        self.get_hungry();
        true
    }

    /// How long to think next; `None` if it is time to leave the table instead.
    pub fn next_round(&mut self) -> Option<Duration> {
        if self.is_over() {
            return None;
        }
        self.round = (self.job.pace)(self.number, self.plate.meals)?;
        Some(self.round.think)
    }

    /// From now on it waits for forks.
    pub fn get_hungry(&mut self) {
        self.hungry = Some(Instant::now());
        self.table.hungry[self.number].store(true, SeqCst);
    }

    /// Whether nobody is to begin another meal.
    pub fn is_over(&self) -> bool {
        self.table.over.load(SeqCst) || self.job.stop.load(SeqCst)
    }

    /// Ends the dinner for everybody, and notes who holds and awaits what: this philosopher would
    /// wait for `what`.
    pub fn end_dinner(&self, watch: &Watch, what: &str) {
        if !self.table.over.swap(true, SeqCst) {
            let mut report = watch.report();
            let mine = format!("{} ", self.name);
            if let Some(line) = report.iter_mut().find(|line| line.starts_with(&mine)) {
                *line += &format!(", would wait for {what}");
            }
            *lock(&self.table.standstill) = report;
        }
    }

    /// Eats with both forks; not if the dinner is over by now.
    ///
    /// # Panics
    /// If somebody else eats with one of them: then the rule does not protect the forks.
    pub fn eat(&mut self) {
        self.waited();
        if self.is_over() {
            return;
        }
        let (me, forks) = (self.number + 1, [self.left(), self.right()]);
        for fork in forks {
            let other = self.table.eaters[fork].swap(me, SeqCst);
            assert!(
                other == 0,
                "fork {fork} is in two hands, of seats {} and {}",
                me - 1,
                other.wrapping_sub(1)
            );
        }
        self.tell(Step::Eats);
        let begin = Instant::now();
        self.chew();
        if self.is_drawn() {
            self.lane.past(self.eating(), "eats", begin);
        }
        self.plate.meals += 1;
        lock(&self.table.plates)[self.number] = self.plate;
        for fork in forks {
            self.table.eaters[fork].store(0, SeqCst);
            self.note_fork(fork, self.eating(), begin);
        }
    }

    /// Notes that it has a fork in its hand.
    pub fn takes(&mut self, fork: usize) {
        self.held.insert(fork, Instant::now());
        self.tell(Step::Takes(fork));
        if let Some(latch) = self.first_fork.take() {
            latch.arrive_and_wait();
        }
    }

    /// Notes that it does not hold a fork, after eating or without.
    pub fn holds_nothing(&mut self) {
        for (fork, since) in std::mem::take(&mut self.held) {
            self.note_fork(fork, Kind::Wait, since);
        }
    }

    /// Reports a step to the job's observer.
    pub fn tell(&self, step: Step) {
        self.table.moves.fetch_add(1, SeqCst);
        if let Some(on_step) = &self.job.observers.on_step {
            on_step(self.number, step);
        }
    }

    /// The observer, for a fork that will be put back without its seat.
    pub fn on_step(&self) -> Option<OnStep> {
        self.job.observers.on_step.clone()
    }

    /// Sleeps, in naps, so that it notices the end of the dinner.
    pub fn sleep(&self, time: Duration) {
        let end = Instant::now() + time;
        while !self.is_over() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            thread::sleep(left.min(NAP));
        }
    }

    fn chew(&self) {
        if self.round.busy {
            let begin = Instant::now();
            while begin.elapsed() < self.round.eat {
                std::hint::spin_loop();
            }
        } else {
            self.sleep(self.round.eat);
        }
    }

    /// Eating is work if it keeps a core busy. A sleep stands for it otherwise.
    fn eating(&self) -> Kind {
        match self.round.busy {
            true => Kind::Work,
            false => Kind::Act,
        }
    }

    fn is_drawn(&self) -> bool {
        self.plate.meals < DRAWN
    }

    /// The wait is over: it eats, or it leaves.
    fn waited(&mut self) {
        if let Some(since) = self.hungry.take() {
            self.table.hungry[self.number].store(false, SeqCst);
            self.plate.longest_wait = self.plate.longest_wait.max(since.elapsed());
            if self.is_drawn() {
                self.lane.past(Kind::Wait, "hungry", since);
            }
        }
        self.holds_nothing();
    }

    fn note_fork(&self, fork: usize, kind: Kind, since: Instant) {
        let timeline = &self.job.observers.fork_timeline;
        if timeline.is_on() && self.is_drawn() {
            let mut lane = timeline.lane(names::fork(fork));
            lane.past(kind, self.name.to_string(), since);
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.waited();
        lock(&self.table.plates)[self.number] = self.plate;
        if std::thread::panicking() {
            lock(&self.table.panicked).get_or_insert(self.number);
            // Its neighbours may wait for what it can't give any more.
            self.table.over.store(true, SeqCst);
        }
        // The others must not wait for a philosopher who leaves before its first fork.
        if let Some(latch) = self.first_fork.take() {
            latch.arrive();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pace::{self, Until};

    #[test]
    fn the_longest_wait_is_not_the_last_one() {
        let job = Job::new(2, pace::steady(Round::default(), Until::Meals(2)));
        let table = Arc::new(Table::new(2));
        let mut seat = Seat::new(0, &job, &table, None, &Timeline::off());
        seat.get_hungry();
        std::thread::sleep(Duration::from_millis(5));
        seat.waited();
        let longest = seat.plate.longest_wait;
        assert!(longest >= Duration::from_millis(5));
        // Since a moment ago: a wait that is as short as can be.
        seat.get_hungry();
        seat.waited();
        assert!(seat.plate.longest_wait >= longest);
    }
}

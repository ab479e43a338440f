//! A philosopher at its place, and what it does besides taking forks.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use timing::watch::Watch;
use timing::{Kind, Lane, Timeline};

use crate::outcome::Plate;
use crate::rule::Step;
use crate::sync::{Arc, thread};
use crate::{Job, Tell, fork};

/// How long a sleeper sleeps before it looks whether the dinner is over.
pub const NAP: Duration = Duration::from_millis(20);

/// Meals of each that are drawn; with more the timeline would need more memory than all else.
const DRAWN: u64 = 10_000;

/// What everybody at the table can see. These are plain `std` locks and atomics also under a checker: they only observe.
#[derive(Debug)]
pub(crate) struct Table {
    /// Who eats with each fork; 0 is nobody, 1 is seat 0 and so on.
    pub(crate) eaters: Vec<AtomicUsize>,
    pub(crate) over: AtomicBool,
    /// Who waits for forks.
    pub(crate) hungry: Vec<AtomicBool>,
    /// Who panicked first.
    pub(crate) panicked: Mutex<Option<usize>>,
    pub(crate) moves: AtomicU64,
    pub(crate) standstill: Mutex<Vec<String>>,
    pub(crate) plates: Mutex<Vec<Plate>>,
}

impl Table {
    /// Nobody eats yet.
    pub(crate) fn new(seats: usize) -> Self {
        Self {
            eaters: (0..seats).map(|_| AtomicUsize::new(0)).collect(),
            over: AtomicBool::new(false),
            hungry: (0..seats).map(|_| AtomicBool::new(false)).collect(),
            panicked: Mutex::default(),
            moves: AtomicU64::new(0),
            standstill: Mutex::default(),
            plates: Mutex::new(vec![Plate::default(); seats]),
        }
    }
}

/// A philosopher at its place.
pub struct Seat {
    number: usize,
    name: Arc<str>,
    job: Job,
    table: Arc<Table>,
    lane: Lane,
    plate: Plate,
    eat: Duration,
    hungry: Option<Instant>,
    /// The forks in its hand, with which it does not eat yet.
    held: BTreeMap<usize, Instant>,
}

impl Seat {
    pub(crate) fn new(number: usize, job: &Job, table: &Arc<Table>, timeline: &Timeline) -> Self {
        Self {
            number,
            name: crate::name(number).into(),
            job: job.clone(),
            table: Arc::clone(table),
            lane: timeline.lane(crate::name(number)),
            plate: Plate::default(),
            eat: Duration::ZERO,
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
        let pause = (self.job.pace)(self.number, self.plate.meals)?;
        self.eat = pause.eat;
        Some(pause.think)
    }

    /// From now on it waits.
    pub fn get_hungry(&mut self) {
        self.hungry = Some(Instant::now());
        self.table.hungry[self.number].store(true, SeqCst);
    }

    /// Whether nobody is to begin another meal.
    pub fn is_over(&self) -> bool {
        self.table.over.load(SeqCst) || self.job.stop.load(SeqCst)
    }

    /// Ends the dinner for everybody, and writes down how things stand: this one would wait for `what`.
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
    /// If somebody else eats with one of them: then the strategy is none.
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
            self.lane.past(Kind::Work, "eats", begin);
        }
        self.plate.meals += 1;
        lock(&self.table.plates)[self.number] = self.plate;
        for fork in forks {
            self.table.eaters[fork].store(0, SeqCst);
            self.note_fork(fork, Kind::Work, begin);
        }
    }

    /// It has a fork in its hand.
    pub fn takes(&mut self, fork: usize) {
        self.held.insert(fork, Instant::now());
        self.tell(Step::Takes(fork));
    }

    /// It has put back what it had, without eating.
    pub fn gives_up(&mut self) {
        for (fork, since) in std::mem::take(&mut self.held) {
            self.note_fork(fork, Kind::Wait, since);
        }
    }

    /// Says what it does, if anybody wants to know.
    pub fn tell(&self, step: Step) {
        self.table.moves.fetch_add(1, SeqCst);
        if let Some(tell) = &self.job.tell {
            tell(self.number, step);
        }
    }

    /// For who says it later.
    pub fn teller(&self) -> Option<Tell> {
        self.job.tell.clone()
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
        if self.job.busy {
            let begin = Instant::now();
            while begin.elapsed() < self.eat {
                std::hint::spin_loop();
            }
        } else {
            self.sleep(self.eat);
        }
    }

    fn is_drawn(&self) -> bool {
        self.plate.meals < DRAWN
    }

    /// The wait is over, one way or the other.
    fn waited(&mut self) {
        if let Some(since) = self.hungry.take() {
            self.table.hungry[self.number].store(false, SeqCst);
            self.plate.longest_wait = self.plate.longest_wait.max(since.elapsed());
            if self.is_drawn() {
                self.lane.past(Kind::Wait, "hungry", since);
            }
        }
        self.gives_up();
    }

    fn note_fork(&self, fork: usize, kind: Kind, since: Instant) {
        if self.job.forks.is_on() && self.is_drawn() {
            let mut lane = self.job.forks.lane(fork::name(fork));
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
    }
}

/// A panic elsewhere leaves these whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

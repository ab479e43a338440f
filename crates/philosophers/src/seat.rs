//! What all strategies share: the threads, one for each seat, and what a philosopher does besides taking forks.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use timing::watch::Watch;
use timing::{Kind, Lane, Timeline};

use crate::outcome::{Dinner, End, Plate};
use crate::rule::Step;
use crate::sync::{Arc, thread};
use crate::{Job, Tell, fork};

/// How long a sleeper sleeps before it looks whether the dinner is over.
pub const NAP: Duration = Duration::from_millis(20);

/// Meals of each that are drawn; with more the timeline would need more memory than all else.
const DRAWN: u64 = 10_000;

/// What everybody at the table can see. These are plain `std` locks and atomics also under a checker: they only observe.
#[derive(Debug)]
struct Table {
    /// Who eats with each fork; 0 is nobody, 1 is seat 0 and so on.
    eaters: Vec<AtomicUsize>,
    over: AtomicBool,
    /// Who waits for forks.
    hungry: Vec<AtomicBool>,
    /// Who panicked first.
    panicked: Mutex<Option<usize>>,
    moves: AtomicU64,
    standstill: Mutex<Vec<String>>,
    plates: Mutex<Vec<Plate>>,
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

/// Seats everybody, each with a thread that does `philosopher`, and waits until all have left; or until nothing has moved for
/// as long as the job's patience lasts: then they are left sitting, and the dinner says who held and awaited what.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn dine<F>(
    job: &Job,
    timeline: &Timeline,
    mut philosopher: impl FnMut(usize) -> F,
) -> Result<Dinner>
where
    F: FnOnce(&mut Seat) -> Result<(), End> + Send + 'static,
{
    let table = Arc::new(Table {
        eaters: (0..job.seats).map(|_| AtomicUsize::new(0)).collect(),
        over: AtomicBool::new(false),
        hungry: (0..job.seats).map(|_| AtomicBool::new(false)).collect(),
        panicked: Mutex::default(),
        moves: AtomicU64::new(0),
        standstill: Mutex::default(),
        plates: Mutex::new(vec![Plate::default(); job.seats]),
    });
    let (left, leaving) = mpsc::channel();
    let mut threads = Vec::new();
    for number in 0..job.seats {
        let mut seat = Seat {
            number,
            name: crate::name(number).into(),
            job: job.clone(),
            table: Arc::clone(&table),
            lane: timeline.lane(crate::name(number)),
            plate: Plate::default(),
            eat: Duration::ZERO,
            hungry: None,
            held: BTreeMap::new(),
        };
        // Now, so that the forks' rows are in their order.
        drop(job.forks.lane(fork::name(number)));
        let (dines, left) = (philosopher(number), left.clone());
        let builder = thread::Builder::new().name(crate::name(number));
        let started = builder.spawn(move || {
            let end = dines(&mut seat);
            drop(seat);
            // Nobody listens any more if the others were given up.
            let _ = left.send(());
            end
        });
        match started {
            Ok(thread) => threads.push(thread),
            Err(error) => {
                table.over.store(true, SeqCst);
                return Err(error)
                    .with_context(|| format!("can't start a thread for {}", crate::name(number)));
            }
        }
    }
    drop(left);
    let mut dinner = Dinner::default();
    let gave_up = job
        .patience
        .is_some_and(|patience| !all_leave(&leaving, patience, &table, job));
    if gave_up {
        table.over.store(true, SeqCst);
        if let Some(number) = *lock(&table.panicked) {
            return Err(anyhow!(
                "{} panicked, and others wait for it",
                crate::name(number)
            ));
        }
    } else {
        for (thread, number) in threads.into_iter().zip(0..) {
            let ended = thread.join();
            match ended.map_err(|panic| panicked(number, &*panic))? {
                Err(End::Deadlock(circle)) => dinner.deadlock = Some(circle),
                Ok(()) | Err(End::Over) => (),
            }
        }
    }
    dinner.plates = lock(&table.plates).clone();
    dinner.standstill = std::mem::take(&mut *lock(&table.standstill));
    Ok(dinner)
}

/// Waits until nobody is left; `false` if nothing has moved for so long. When the dinner was stopped from outside a second is enough:
/// who sleeps wakes up for that, and who does not move then never will.
fn all_leave(leaving: &mpsc::Receiver<()>, patience: Duration, table: &Table, job: &Job) -> bool {
    let (mut moves, mut since) = (0, Instant::now());
    loop {
        match leaving.recv_timeout(5 * NAP) {
            Ok(()) => since = Instant::now(),
            Err(mpsc::RecvTimeoutError::Disconnected) => return true,
            Err(mpsc::RecvTimeoutError::Timeout) => (),
        }
        let now = table.moves.load(SeqCst);
        if now != moves {
            (moves, since) = (now, Instant::now());
        }
        let patience = match job.stop.load(SeqCst) || table.over.load(SeqCst) {
            true => patience.min(Duration::from_secs(1)),
            false => patience,
        };
        if since.elapsed() >= patience {
            let report = job.watch.as_ref().map(Watch::report).unwrap_or_default();
            let mut standstill = lock(&table.standstill);
            *standstill = vec![format!("nothing moved for {} s", patience.as_secs_f64())];
            standstill.extend(report);
            // The graph knows only of locks.
            let hungry = table.hungry.iter().enumerate();
            let hungry = hungry.filter(|(_, hungry)| hungry.load(SeqCst));
            standstill.extend(hungry.map(|(seat, _)| format!("{} is hungry", crate::name(seat))));
            return false;
        }
    }
}

fn panicked(number: usize, payload: &(dyn Any + Send)) -> anyhow::Error {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    anyhow!(
        "{} panicked: {}",
        crate::name(number),
        text.unwrap_or("without words")
    )
}

/// A panic elsewhere leaves these whole.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

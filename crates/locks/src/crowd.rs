//! The threads of every strategy: each with its lane, its number and its pauses.

use std::any::Any;
use std::borrow::Cow;
use std::hint;
use std::io;
use std::mem::ManuallyDrop;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use timing::{Lane, Timeline};

use crate::sync::thread;
use crate::{Job, Tell};

/// Updates of which each is drawn; of more than that only that they were made, or the timeline would need more memory than
/// the whole lesson.
pub const DRAWN: u64 = 100_000;

/// One of the threads, as its updates see it.
pub struct Worker {
    /// 0, 1, 2 and so on.
    pub number: usize,
    /// What the thread counts for itself, from 0 on; [`Crowd::join`] returns it.
    pub own: u64,
    tick: Duration,
    spin: u32,
    chance: fastrand::Rng,
    tell: Option<Tell>,
    drawn: bool,
}

impl Worker {
    fn new(job: &Job, number: usize, drawn: bool) -> Self {
        Self {
            number,
            own: 0,
            tick: job.tick,
            spin: job.spin,
            // Mixed, so that the next seed is not the same pauses, one thread further.
            chance: fastrand::Rng::with_seed(
                job.seed ^ (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15),
            ),
            tell: job.tell.clone(),
            drawn,
        }
    }

    /// Whether it pauses, or somebody wants to know what it does.
    fn is_watched(&self) -> bool {
        !self.tick.is_zero() || self.spin > 0 || self.tell.is_some() || self.drawn
    }

    /// What a thread does between reading and writing: sleeps for no tick or for one, and goes round its empty loop.
    #[inline(always)]
    pub fn pause(&mut self) {
        if !self.tick.is_zero() && self.chance.bool() {
            thread::sleep(self.tick);
        }
        for _ in 0..self.spin {
            hint::spin_loop();
        }
    }

    /// What stands on the bar of an update that begins with this value; nothing if nobody draws it.
    #[inline(always)]
    pub fn label(&self, value: u64) -> Cow<'static, str> {
        match self.drawn {
            true => format!("{value} to {}", value + 1).into(),
            false => "".into(),
        }
    }

    /// Tells that it `reads` or `writes` a value, if anybody wants to know.
    #[inline(always)]
    pub fn tell(&self, does: &str, value: u64) {
        if let Some(tell) = &self.tell {
            say(Tell::clone(tell), self.number, does, value);
        }
    }
}

// By value, and not inlined: where no address of a worker is passed on, the compiler knows best what is in it.
#[inline(never)]
fn say(tell: Tell, number: usize, does: &str, value: u64) {
    tell(format!("thread {number} {does} {value}"));
}

/// Threads that are at work.
pub struct Crowd {
    threads: Vec<thread::JoinHandle<u64>>,
    failure: Option<io::Error>,
}

/// Starts the job's threads; each does `update` as often as the job says, with a clone of what is `shared`. If the system gives fewer
/// threads than that, the others work all the same, and [`Crowd::join`] has the error.
///
/// An update should be `#[inline(always)]`: then nothing of the looking is left in it where nobody looks.
pub fn start<S, U>(job: &Job, timeline: &Timeline, shared: S, update: U) -> Crowd
where
    S: Clone + Send + 'static,
    U: Fn(&S, &mut Worker, &mut Lane) + Copy + Send + 'static,
{
    let mut crowd = Crowd {
        threads: Vec::new(),
        failure: None,
    };
    let few = job.updates.saturating_mul(job.threads as u64) <= DRAWN;
    let drawn = few && timeline.is_on();
    let updates = job.updates;
    for number in 0..job.threads {
        let (shared, mut worker) = (shared.clone(), Worker::new(job, number, drawn));
        let mut lane = timeline.lane(format!("thread {number}"));
        let thread = move || {
            let mut nobody = Lane::off();
            let (_all, lane) = match drawn {
                true => (None, &mut lane),
                false => (Some(lane.work("updates")), &mut nobody),
            };
            if !worker.is_watched() {
                return unwatched(updates, number, &shared, update);
            }
            for _ in 0..updates {
                update(&shared, &mut worker, lane);
            }
            worker.own
        };
        let builder = thread::Builder::new().name(format!("thread {number}"));
        match builder.spawn(thread) {
            Ok(thread) => crowd.threads.push(thread),
            Err(error) => {
                crowd.failure = Some(error);
                break;
            }
        }
    }
    crowd
}

/// The updates of a thread that does not pause, if nobody looks. To ask before each of them whether to pause, to tell and to draw takes
/// several times as long as to count. A worker that is made anew each time, of constants, has these questions answered when this is
/// compiled.
fn unwatched<S>(
    updates: u64,
    number: usize,
    shared: &S,
    update: impl Fn(&S, &mut Worker, &mut Lane),
) -> u64 {
    let mut own = 0;
    for _ in 0..updates {
        // There is nothing in them to be dropped, and to look takes time, too.
        let mut lane = ManuallyDrop::new(Lane::off());
        let mut worker = ManuallyDrop::new(Worker {
            number,
            own,
            tick: Duration::ZERO,
            spin: 0,
            chance: fastrand::Rng::with_seed(0),
            tell: None,
            drawn: false,
        });
        update(shared, &mut worker, &mut lane);
        // Or the compiler would make one addition of all.
        own = hint::black_box(worker.own);
    }
    own
}

impl Crowd {
    /// Waits for all of them, and returns what each has of its [own](Worker::own), in the order of their numbers.
    ///
    /// # Errors
    /// If not all could be started, or one panicked.
    pub fn join(self) -> Result<Vec<u64>> {
        let ended: Vec<_> = self
            .threads
            .into_iter()
            .map(|thread| thread.join())
            .collect();
        if let Some(error) = self.failure {
            return Err(error).with_context(|| format!("can't start thread {}", ended.len()));
        }
        let mut all = Vec::new();
        let mut errors = Vec::new();
        for (end, number) in ended.into_iter().zip(0..) {
            match end {
                Ok(value) => all.push(value),
                Err(panic) => errors.push(panicked(&format!("thread {number}"), &*panic)),
            }
        }
        // Who finds a lock poisoned panics, too, but is not the one who began.
        errors.sort_by_key(|error| error.to_string().contains("PoisonError"));
        match errors.into_iter().next() {
            Some(error) => Err(error),
            None => Ok(all),
        }
    }
}

/// A panic of a thread, as an error that says who and why.
pub fn panicked(who: &str, payload: &(dyn Any + Send)) -> anyhow::Error {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    anyhow!("{who} panicked: {}", text.unwrap_or("without words"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(seed: u64) -> Vec<bool> {
        let job = Job {
            threads: 20,
            updates: 1,
            tick: Duration::ZERO,
            seed,
            spin: 0,
            shards: 1,
            tell: None,
        };
        let first = |number| Worker::new(&job, number, false).chance.bool();
        (0..20).map(first).collect()
    }

    #[test]
    fn a_seed_repeats_its_pauses_and_another_has_others() {
        for seed in 0..50 {
            assert_eq!(pauses(seed), pauses(seed));
            assert_ne!(pauses(seed)[1..], pauses(seed + 1)[..19]);
            assert_ne!(pauses(seed), pauses(seed + 1));
        }
    }
}

//! Stepping: a program under a schedule that is chosen one thread at a time.
//!
//! [`at`] is a pure function from a prefix of a schedule to what there is to see after it. So undo
//! is a shorter prefix, and there is no state to keep.

use std::fmt;
use std::sync::{Arc, Mutex};

use shuttle::scheduler::{Schedule, Scheduler, Task, TaskId};

use super::op::{Stage, Verb, place};
use super::record::{self, Record};
use super::{Run, Story, Verdict, guarded, lock};

pub use super::op::{Object, Step};
pub use super::record::note;

/// A program to step through. Its files are mounted in the [instrumented world](super::world).
#[derive(Clone)]
pub struct Program {
    /// What it is.
    pub title: String,
    /// The name of thread 0, which starts the others.
    pub main: String,
    /// The names of the shared objects, in the order in which they are made.
    pub objects: Vec<String>,
    /// The names and the texts of the files.
    pub files: Vec<(&'static str, &'static str)>,
    /// Runs it once. It must be deterministic.
    pub body: Body,
}

/// One run, which tells its story and says how it ended.
pub type Body = Arc<dyn Fn(&Story) -> Verdict + Send + Sync>;

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title)
    }
}

/// What there is to see after some steps of a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The threads, by number.
    pub threads: Vec<Seen>,
    /// The locks, atomics and condition variables.
    pub objects: Vec<Object>,
    /// What happened.
    pub steps: Vec<Step>,
    /// The threads that may run next.
    pub options: Vec<usize>,
    /// The thread that ran last, if it could go on: then choosing another one is a preemption.
    pub goes_on: Option<usize>,
    /// The preemptions so far.
    pub preemptions: usize,
    /// How it ended; `None` before the end.
    pub end: Option<End>,
    /// Views with the same key go on in the same way.
    pub key: u64,
}

/// A thread in a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// What it is called.
    pub name: String,
    /// The file and the line of what it does next.
    pub place: Option<(String, u32)>,
    /// What it does next, or for what it waits.
    pub does: String,
    /// Whether it can run.
    pub state: State,
    /// Whether it has only to start threads or to wait for their ends: then it needs no choice.
    pub serves: bool,
    /// Whether it has not run yet.
    pub is_new: bool,
}

/// What a thread can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// It can run.
    Ready,
    /// It can run, and would find that it has to wait.
    WouldWait,
    /// It waits for another thread.
    Blocked,
    /// It has ended.
    Done,
}

/// How a schedule ends.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum End {
    /// As it must.
    Right,
    /// With this mistake.
    Wrong(String),
    /// All threads that have not ended wait for each other.
    Deadlock,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Right => f.write_str("it ends as it must"),
            Self::Wrong(message) => f.write_str(message),
            Self::Deadlock => f.write_str("deadlock: no thread can run"),
        }
    }
}

/// Runs the program along a prefix of a schedule. `None` if the program can't take it.
pub fn at(program: &Program, prefix: &[usize]) -> Option<View> {
    let story = Story::default();
    let seen = Arc::new(Mutex::new(Seeing::default()));
    let peek = Peek {
        prefix: prefix.to_vec(),
        story: story.clone(),
        seen: Arc::clone(&seen),
        begun: false,
    };
    record::start(&program.main, &program.objects);
    let run: Run = {
        let (body, story, seen) = (Arc::clone(&program.body), story.clone(), Arc::clone(&seen));
        Arc::new(move || {
            record::end("");
            let verdict = body(&story);
            let end = verdict.map_or_else(End::Wrong, |()| End::Right);
            finish(&mut lock(&seen), &story, end);
        })
    };
    let ended = guarded(peek, &run);
    let mut seen = std::mem::take(&mut *lock(&seen));
    if let (Err(message), false) = (ended, seen.is_over) {
        let end = match message.starts_with("deadlock") {
            true => End::Deadlock,
            false => End::Wrong(message),
        };
        finish(&mut seen, &story, end);
    }
    let fits = seen.taken == prefix.len();
    fits.then(|| seen.view()).flatten()
}

/// Takes the record of a run that is at its end.
fn finish(seen: &mut Seeing, story: &Story, end: End) {
    if let Some(mut record) = record::stop() {
        record.scheduling(&[], &story.take());
        for (number, thread) in record.threads.iter_mut().enumerate() {
            thread.done |= number == 0 && end != End::Deadlock;
        }
        seen.record = record;
        seen.runnable.clear();
        seen.options.clear();
        seen.goes_on = None;
        seen.end = Some(end);
    }
    seen.is_over = true;
}

/// What a run has shown so far.
#[derive(Debug, Default)]
struct Seeing {
    record: Record,
    runnable: Vec<usize>,
    options: Vec<usize>,
    goes_on: Option<usize>,
    preemptions: usize,
    /// The steps of the prefix that were taken.
    taken: usize,
    is_over: bool,
    end: Option<End>,
}

impl Seeing {
    fn view(self) -> Option<View> {
        let see = |number: usize| {
            let thread = &self.record.threads[number];
            let op = thread.pending.as_ref();
            let state = match () {
                () if thread.done => State::Done,
                () if !self.runnable.contains(&number) => State::Blocked,
                () if self.record.in_the_way(number).is_some() => State::WouldWait,
                () => State::Ready,
            };
            let relocks = op.is_some_and(|op| {
                matches!(
                    (op.verb, op.stage()),
                    (Verb::Wait(_), Stage::Locks(_) | Stage::Sleeps)
                )
            });
            let does = match state {
                State::Done => "has ended".to_owned(),
                State::Blocked => self.record.awaits(number).unwrap_or_default(),
                _ if relocks => "was called, and locks again".to_owned(),
                _ => op.map_or_else(|| "goes on".to_owned(), |op| op.text.clone()),
            };
            let verb = op.map(|op| op.verb);
            Seen {
                name: thread.name.clone(),
                place: op.and_then(|op| op.at).map(place),
                does,
                state,
                serves: number == 0 && verb.is_some_and(Verb::serves),
                is_new: verb == Some(Verb::Start),
            }
        };
        Some(View {
            threads: (0..self.record.threads.len()).map(see).collect(),
            key: self.record.key(&self.runnable, &self.options),
            objects: self.record.objects,
            steps: self.record.steps,
            options: self.options,
            goes_on: self.goes_on,
            preemptions: self.preemptions,
            end: self.end,
        })
    }
}

/// Follows a prefix, looks, and ends the run.
struct Peek {
    prefix: Vec<usize>,
    story: Story,
    seen: Arc<Mutex<Seeing>>,
    begun: bool,
}

impl Scheduler for Peek {
    fn new_execution(&mut self) -> Option<Schedule> {
        (!std::mem::replace(&mut self.begun, true)).then(|| Schedule::new(0))
    }

    fn next_task(
        &mut self,
        runnable: &[&Task],
        current: Option<TaskId>,
        yields: bool,
    ) -> Option<TaskId> {
        let runnable: Vec<usize> = runnable.iter().map(|task| task.id().into()).collect();
        let mut seen = lock(&self.seen);
        if record::with(|record| record.stuck) == Some(true) {
            finish(&mut seen, &self.story, End::Deadlock);
            return None;
        }
        let told = self.story.take();
        record::with(|record| record.scheduling(&runnable, &told))?;
        let goes_on = current
            .map(usize::from)
            .filter(|task| runnable.contains(task));
        let mut options = runnable.clone();
        // As in a search: a thread that yields must not run again at once.
        if yields && options.len() > 1 {
            options.retain(|task| Some(*task) != goes_on);
        }
        let goes_on = goes_on.filter(|_| !yields);
        let next = self.prefix.get(seen.taken).copied();
        let Some(next) = next.filter(|next| options.contains(next)) else {
            seen.record = record::stop()?;
            (seen.runnable, seen.options, seen.goes_on) = (runnable, options, goes_on);
            seen.is_over = true;
            return None;
        };
        seen.taken += 1;
        seen.preemptions += usize::from(goes_on.is_some_and(|task| task != next));
        if record::with(|record| record.chosen(next, &runnable)) == Some(false) {
            finish(&mut seen, &self.story, End::Deadlock);
            return None;
        }
        Some(next.into())
    }

    fn next_u64(&mut self) -> u64 {
        panic!("code to be stepped through must not be random");
    }
}

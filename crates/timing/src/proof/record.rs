//! What is known of the threads of one run in the instrumented world: what each is about to do and
//! in which line, what it has done, and what the shared objects are.
//!
//! shuttle runs all threads on one thread of the operating system, and switches between them
//! *before* an operation. Each operation is announced before it begins. So at each choice of a
//! thread, a plain thread-local record has what every thread would do next.

use std::cell::RefCell;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::op::{Object, Op, Place, Stage, Step, Thread, Verb, place};

thread_local! {
    /// The record of the run on this thread; `None` if nobody looks.
    static RECORD: RefCell<Option<Record>> = const { RefCell::new(None) };
}

#[derive(Debug, Clone, Default)]
pub(super) struct Record {
    pub(super) threads: Vec<Thread>,
    pub(super) objects: Vec<Object>,
    pub(super) steps: Vec<Step>,
    /// What the program itself says of its state.
    notes: Vec<String>,
    /// The names that objects are given, in the order in which they are made.
    names: Vec<String>,
    /// Whether another thread than the running one may be able to run.
    awake: bool,
    /// Whether no thread can run any more.
    pub(super) stuck: bool,
}

/// Begins to record on this thread. `main` is the name of thread 0.
pub(super) fn start(main: &str, names: &[String]) {
    RECORD.set(Some(Record {
        threads: vec![Thread::new(main.to_owned(), None)],
        names: names.to_vec(),
        ..Record::default()
    }));
}

/// Ends the recording: what destructors do from now on is no part of the run.
pub(super) fn stop() -> Option<Record> {
    RECORD.take()
}

pub(super) fn with<T>(f: impl FnOnce(&mut Record) -> T) -> Option<T> {
    RECORD.with_borrow_mut(|record| record.as_mut().map(f))
}

fn on_me<T>(f: impl FnOnce(&mut Record, usize) -> T) -> Option<T> {
    // Outside of a run there is nothing to note.
    let me = shuttle::current::try_get_current_task()?.into();
    with(|record| f(record, me))
}

/// Notes a new object, and returns its number.
pub(super) fn object(kind: &str, value: String) -> usize {
    let number = with(|record| {
        let number = record.objects.len();
        let name = record.names.get(number).cloned();
        record.objects.push(Object {
            name: name.unwrap_or_else(|| format!("{kind} {number}")),
            value,
            holder: None,
        });
        number
    });
    // Without a record, nobody asks for the number.
    number.unwrap_or_default()
}

/// Announces an operation of the current thread. In `text`, `{}` is the object's name.
pub(super) fn begin(verb: Verb, object: Option<usize>, text: &str, at: Place) {
    let stuck = on_me(|record, me| {
        let name = object.map_or("", |number| &record.objects[number].name);
        let op = Op::new(verb, object, text.replace("{}", name), Some(at));
        record.threads[me].pending = Some(op);
        // These begin to wait without asking the scheduler first.
        let waits = match verb {
            Verb::Join(thread) => !record.threads[thread].done,
            Verb::Lock => record.in_the_way(me).is_some() && record.threads[me].queues(),
            _ => false,
        };
        record.stuck |= waits && !record.awake;
        record.stuck
    });
    give_up(stuck);
}

/// shuttle prints a line for each deadlock. So the scheduler is asked before, and ends the run.
fn give_up(stuck: Option<bool>) {
    if stuck == Some(true) {
        shuttle::thread::yield_now();
    }
}

/// Notes that the current thread's operation is over, and what came of it.
pub(super) fn end(result: &str) {
    on_me(|record, me| {
        let Some(op) = record.threads[me].pending.take() else {
            return;
        };
        let mut hasher = DefaultHasher::new();
        let line = op.at.map(|at| (at.file(), at.line(), at.column()));
        (record.threads[me].history, op.verb, op.object, line, result).hash(&mut hasher);
        record.threads[me].history = hasher.finish();
        let wakes = matches!(op.verb, Verb::Unlock | Verb::Notify);
        let woken = |other: &Thread| op.object.is_some_and(|object| other.concerns(object));
        record.awake |= wakes && record.threads.iter().any(woken);
        if let (Verb::Unlock, Some(lock)) = (op.verb, op.object) {
            record.released(lock);
        }
        if let (false, Some(step)) = (result.is_empty(), record.steps.last_mut()) {
            step.text += &format!(": {result}");
        }
    });
}

/// Notes an object's new value.
pub(super) fn value(object: usize, value: String) {
    with(|record| record.objects[object].value = value);
}

/// Notes that the current thread holds a lock, until it announces and ends an unlock.
pub(super) fn holds(lock: usize) {
    on_me(|record, me| record.objects[lock].holder = Some(me));
}

/// Notes that the current thread was woken, though it did not sleep.
pub(super) fn woken() {
    on_me(|record, me| record.threads[me].woken = true);
}

/// Notes what the verdict will depend on, if no operation has it as its result: the order of two
/// threads' steps, for example. Without it, two states that end in different ways may be taken for
/// one.
pub fn note(text: &str) {
    with(|record| record.notes.push(text.to_owned()));
}

/// Notes a new thread, and returns its number.
pub(super) fn spawned(name: Option<&str>, at: Place) -> usize {
    let number = with(|record| {
        let number = record.threads.len();
        let name = name.map_or_else(|| format!("thread {number}"), str::to_owned);
        record.threads.push(Thread::new(name, Some(at)));
        record.awake = true;
        number
    });
    number.unwrap_or_default()
}

/// Notes that the current thread ends.
pub(super) fn ends() {
    let stuck = on_me(|record, me| {
        record.threads[me].done = true;
        let threads = &record.threads;
        let joined = threads.iter().any(|other| other.is_at(Verb::Join(me)));
        let all_done = threads.iter().all(|thread| thread.done);
        record.stuck |= !record.awake && !joined && !all_done;
        record.stuck
    });
    give_up(stuck);
}

impl Record {
    /// The thread that holds what this one is about to lock.
    pub(super) fn in_the_way(&self, thread: usize) -> Option<usize> {
        match self.threads[thread].pending.as_ref()?.stage() {
            Stage::Locks(lock) => self.objects[lock].holder.filter(|holder| *holder != thread),
            _ => None,
        }
    }

    fn released(&mut self, lock: usize) {
        self.objects[lock].holder = None;
        self.threads
            .iter_mut()
            .for_each(|thread| thread.may_take(lock));
    }

    /// For what a thread waits that can't run, in words.
    pub(super) fn awaits(&self, thread: usize) -> Option<String> {
        let op = self.threads[thread].pending.as_ref()?;
        Some(match (op.stage(), self.in_the_way(thread)) {
            (Stage::Locks(lock), holder) => {
                let name = &self.objects[lock].name;
                let holder = holder.map(|holder| &self.threads[holder].name);
                match holder {
                    Some(holder) => format!("waits for {name}, which {holder} holds"),
                    None => format!("waits for {name}"),
                }
            }
            (Stage::Sleeps | Stage::Releases(_), _) => {
                let name = op.object.map(|object| &self.objects[object].name);
                format!("waits for a call at {}", name.map_or("", String::as_str))
            }
            (Stage::Other, _) => op.text.clone(),
        })
    }

    /// Notes which threads can run, before one of them is chosen; and what the last one told.
    pub(super) fn scheduling(&mut self, runnable: &[usize], told: &[String]) {
        let Some(mut last) = self.steps.pop() else {
            return;
        };
        let thread = &self.threads[last.thread];
        if !thread.done && !runnable.contains(&last.thread) {
            last.waits = self.awaits(last.thread);
            // It tried, and did nothing.
            let tried = thread.pending.as_ref().is_some_and(|op| op.tries > 0);
            if tried && self.in_the_way(last.thread).is_some() {
                last.text.clear();
            }
        }
        if !told.is_empty() {
            let name = format!("{} ", thread.name);
            let line = |line: &String| line.strip_prefix(&name).unwrap_or(line).to_owned();
            last.text = told.iter().map(line).collect::<Vec<_>>().join(", ");
        }
        self.steps.push(last);
    }

    /// Notes that this thread runs next. `false` if it can only begin to wait while no other thread
    /// can run: then this is the end.
    pub(super) fn chosen(&mut self, thread: usize, runnable: &[usize]) -> bool {
        self.awake = runnable.len() > 1;
        let op = self.threads[thread].pending.as_ref();
        let stage = op.map_or(Stage::Other, Op::stage);
        self.steps.push(Step {
            thread,
            text: op.map_or("goes on".to_owned(), |op| op.text.clone()),
            place: op.and_then(|op| op.at).map(place),
            waits: None,
            serves: op.is_some_and(|op| op.verb.serves()),
        });
        let mut sleeps = false;
        if let Stage::Releases(lock) = stage {
            self.released(lock);
            let mut others = self.threads.iter().enumerate();
            sleeps = !others.any(|(number, other)| number != thread && other.concerns(lock));
        }
        if let Some(op) = &mut self.threads[thread].pending {
            op.tries += 1;
        }
        if self.in_the_way(thread).is_some() {
            sleeps = self.threads[thread].queues();
        }
        self.stuck |= sleeps && !self.awake;
        !self.stuck
    }

    /// Two records with the same key go on in the same way: threads are deterministic, and know
    /// nothing but what their operations told them.
    pub(super) fn key(&self, runnable: &[usize], options: &[usize]) -> u64 {
        let mut hasher = DefaultHasher::new();
        (options, &self.notes).hash(&mut hasher);
        for (number, thread) in self.threads.iter().enumerate() {
            let op = thread.pending.as_ref().map(|op| {
                let line = op.at.map(|at| (at.file(), at.line(), at.column()));
                (op.verb, op.object, line, op.tries.min(2), op.queued)
            });
            let can_run = runnable.contains(&number);
            (thread.history, thread.done, thread.woken, can_run, op).hash(&mut hasher);
        }
        for object in &self.objects {
            (&object.value, object.holder).hash(&mut hasher);
        }
        hasher.finish()
    }
}

//! The operations of threads in the instrumented world, and what is known of threads and objects.

use std::panic::Location;

/// A line of the code.
pub(super) type Place = &'static Location<'static>;

/// The file from the crate's folder on, and the line. (A file that an example mounts has its path
/// from there: `crates/locks/examples/../src/race.rs`.)
pub(super) fn place(at: Place) -> (String, u32) {
    let path = at.file().replace('\\', "/");
    let name = path.rsplit("../").next().unwrap_or_default();
    (name.to_owned(), at.line())
}

/// The kinds of operations. Only those that a scheduler must tell apart have a name of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Verb {
    /// The thread has not run yet.
    Start,
    Spawn,
    /// Waits for the end of this thread.
    Join(usize),
    Lock,
    Unlock,
    /// Releases this lock and sleeps until a call, then locks again.
    Wait(usize),
    Notify,
    Other,
}

/// An operation that a thread is about to do.
#[derive(Debug, Clone)]
pub(super) struct Op {
    pub(super) verb: Verb,
    pub(super) object: Option<usize>,
    pub(super) text: String,
    pub(super) at: Option<Place>,
    /// How often the thread was chosen since it announced the operation.
    pub(super) tries: usize,
    /// Whether the thread waits in the object's queue.
    pub(super) queued: bool,
}

impl Verb {
    /// Whether it only brings threads to life or waits for their ends.
    pub(super) fn serves(self) -> bool {
        matches!(self, Self::Start | Self::Spawn | Self::Join(_))
    }
}

impl Op {
    pub(super) fn new(verb: Verb, object: Option<usize>, text: String, at: Option<Place>) -> Self {
        Self {
            verb,
            object,
            text,
            at,
            tries: 0,
            queued: false,
        }
    }

    /// Whether the thread may wait for this object.
    pub(super) fn concerns(&self, object: usize) -> bool {
        self.object == Some(object) || self.verb == Verb::Wait(object)
    }

    /// How far the thread is: a wait at a condition variable has three stages.
    pub(super) fn stage(&self) -> Stage {
        match (self.verb, self.tries, self.object) {
            (Verb::Wait(lock), 0, _) => Stage::Releases(lock),
            (Verb::Wait(_), 1, _) => Stage::Sleeps,
            (Verb::Wait(lock), ..) | (Verb::Lock, _, Some(lock)) => Stage::Locks(lock),
            _ => Stage::Other,
        }
    }
}

/// How far a thread is in an operation that may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// About to release this lock and to sleep.
    Releases(usize),
    /// Asleep, or just called.
    Sleeps,
    /// About to take this lock.
    Locks(usize),
    Other,
}

#[derive(Debug, Clone)]
pub(super) struct Thread {
    pub(super) name: String,
    /// `None` while it runs, and after its end.
    pub(super) pending: Option<Op>,
    pub(super) done: bool,
    /// A hash of all that it did, and of what came of it.
    pub(super) history: u64,
    /// Whether it was woken since it last went to sleep. shuttle keeps that until the next time,
    /// when the thread then does not sleep at once.
    pub(super) woken: bool,
}

impl Thread {
    pub(super) fn new(name: String, at: Option<Place>) -> Self {
        Self {
            name,
            pending: Some(Op::new(Verb::Start, None, "begins".to_owned(), at)),
            done: false,
            history: 0,
            woken: false,
        }
    }

    pub(super) fn is_at(&self, verb: Verb) -> bool {
        self.pending.as_ref().is_some_and(|op| op.verb == verb)
    }

    pub(super) fn concerns(&self, object: usize) -> bool {
        self.pending.as_ref().is_some_and(|op| op.concerns(object))
    }

    /// Notes that a lock is released: if the thread waits for it, it is woken.
    pub(super) fn may_take(&mut self, lock: usize) {
        let op = self.pending.as_ref();
        self.woken |= op.is_some_and(|op| op.queued && op.stage() == Stage::Locks(lock));
    }

    /// Notes that the thread finds its lock held, and joins the queue. Returns whether it sleeps.
    pub(super) fn queues(&mut self) -> bool {
        if let Some(op) = &mut self.pending {
            op.queued = true;
        }
        !std::mem::take(&mut self.woken)
    }
}

/// A lock, an atomic, or a condition variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// What it is called.
    pub name: String,
    /// Its value as far as its users have shown it; empty if it has none.
    pub value: String,
    /// The thread that holds it, if it is a lock.
    pub holder: Option<usize>,
}

/// One choice of a thread, and what it did until the next choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The number of the thread that ran.
    pub thread: usize,
    /// What it did, in words; empty if it did nothing but begin to wait.
    pub text: String,
    /// The file and the line of the operation, if that is known.
    pub place: Option<(String, u32)>,
    /// For what the thread waits after the step.
    pub waits: Option<String>,
    /// Whether it only began, started a thread, or waited for a thread's end.
    pub serves: bool,
}

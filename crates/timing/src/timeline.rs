//! Recording: each lane belongs to one worker, so no worker waits for another to record a span.

use std::borrow::Cow;
use std::collections::HashMap;
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;

use crate::clock::{Clock, nanos};
use crate::recording::{Kind, LOST, Recording, Row, SpanRecord};
use crate::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What each worker did, and when. Cloning it gives another handle to the same timeline.
#[derive(Debug, Clone)]
pub struct Timeline {
    // `None` if the timeline is off.
    shared: Option<Arc<Shared>>,
}

#[derive(Debug)]
struct Shared {
    zero: Instant,
    clock: Clock,
    cpu: Cpu,
    state: Mutex<State>,
}

/// Which CPU time of this process belongs to the recording.
#[derive(Debug)]
enum Cpu {
    /// None of it: in the process that the user started, CPU time is measured around the run.
    None,
    /// All of it: in a child process, which does nothing else.
    Whole,
    /// What passed since then.
    Since(ProcessTime),
}

#[derive(Debug, Default)]
struct State {
    recording: Recording,
    /// The row of each name.
    rows: HashMap<String, usize>,
}

impl Timeline {
    /// A timeline whose time zero is now.
    #[allow(
        clippy::new_without_default,
        reason = "a default would hide that it starts a clock"
    )]
    pub fn new() -> Self {
        Self::starting(Instant::now(), Clock::now(), Cpu::None)
    }

    /// A timeline that records nothing, and costs next to nothing.
    pub fn off() -> Self {
        Self { shared: None }
    }

    /// A timeline of a child process, with its parent's time zero. Its recording has the CPU time
    /// of the whole process: a child makes one of these, and sends one recording, at its end.
    pub fn of_child(clock: Clock) -> Self {
        Self::starting(clock.zero(), clock, Cpu::Whole)
    }

    /// A timeline of one job of another process, with that process's time zero. Its recording has
    /// the CPU time that this process used since this call.
    pub fn on_clock(clock: Clock) -> Self {
        Self::starting(clock.zero(), clock, Cpu::Since(ProcessTime::now()))
    }

    /// Another, empty timeline with the same time zero; off if this one is.
    pub fn beside(&self) -> Self {
        self.shared.as_ref().map_or_else(Self::off, |shared| {
            Self::starting(shared.zero, shared.clock, Cpu::None)
        })
    }

    fn starting(zero: Instant, clock: Clock, cpu: Cpu) -> Self {
        let shared = Shared {
            zero,
            clock,
            cpu,
            state: Mutex::default(),
        };
        Self {
            shared: Some(Arc::new(shared)),
        }
    }

    /// Returns the time zero, for another process; `None` if the timeline is off.
    pub fn clock(&self) -> Option<Clock> {
        self.shared.as_ref().map(|shared| shared.clock)
    }

    /// Whether this timeline records.
    pub fn is_on(&self) -> bool {
        self.shared.is_some()
    }

    /// Makes a lane, to be owned by one worker. Lanes of one name are one row.
    pub fn lane(&self, name: impl Into<String>) -> Lane {
        let Some(shared) = &self.shared else {
            return Lane::off();
        };
        let row = shared.lock().row(name.into());
        let track = Track {
            shared: Arc::clone(shared),
            row,
            spans: Vec::new(),
            open: None,
        };
        Lane(Some(Box::new(track)))
    }

    /// Adds the recording of a child process on the same [`Clock`].
    pub fn absorb(&self, child: Recording) {
        let Some(shared) = &self.shared else { return };
        let mut state = shared.lock();
        state.recording.cpu += child.cpu;
        for row in child.rows {
            let index = state.row(row.name);
            state.recording.rows[index].spans.extend(row.spans);
        }
    }

    /// What the lanes recorded that are gone, and what was absorbed. The spans of a lane that is
    /// still in use are not in it.
    pub fn recording(&self) -> Recording {
        let Some(shared) = &self.shared else {
            return Recording::default();
        };
        let mut recording = shared.lock().recording.clone();
        recording.cpu += match shared.cpu {
            Cpu::None => Duration::ZERO,
            Cpu::Whole => ProcessTime::now().as_duration(),
            Cpu::Since(start) => start.elapsed(),
        };
        for row in &mut recording.rows {
            row.spans.sort_by_key(|span| (span.start_ns, span.end_ns));
        }
        recording
    }
}

impl Shared {
    /// Locks the state. A thread that panicked has left whole spans in it.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn row(&mut self, name: String) -> usize {
        let next = self.recording.rows.len();
        let row = *self.rows.entry(name.clone()).or_insert(next);
        if row == next {
            self.recording.rows.push(Row {
                name,
                spans: Vec::new(),
            });
        }
        row
    }
}

/// One worker's handle to the timeline. It writes to its own memory: the timeline's lock is taken
/// when the lane is made and when it is dropped, never for a span.
// `None` if it is off: then a span costs one look at a pointer, or nothing where the compiler can
// tell that the lane is off.
#[derive(Debug)]
pub struct Lane(Option<Box<Track>>);

#[derive(Debug)]
struct Track {
    shared: Arc<Shared>,
    row: usize,
    spans: Vec<SpanRecord>,
    /// The open span. There is one at most, since a [`Span`] borrows the lane.
    open: Option<(Kind, Cow<'static, str>, Instant)>,
}

impl Lane {
    /// Makes a lane that records nothing.
    #[inline]
    pub fn off() -> Self {
        Self(None)
    }

    /// Records work, until the guard is dropped. The guard borrows the lane mutably, so the
    /// compiler makes sure that a worker does one thing at a time.
    #[inline]
    pub fn work(&mut self, label: impl Into<Cow<'static, str>>) -> Span<'_> {
        self.span(Kind::Work, label)
    }

    /// Records a sleep that stands for work, until the guard is dropped. It has a look of its own:
    /// two such bars at the same time do not mean that two cores were at work.
    #[inline]
    pub fn act(&mut self, label: impl Into<Cow<'static, str>>) -> Span<'_> {
        self.span(Kind::Act, label)
    }

    /// Records waiting, until the guard is dropped.
    #[inline]
    pub fn wait(&mut self, label: impl Into<Cow<'static, str>>) -> Span<'_> {
        self.span(Kind::Wait, label)
    }

    /// Records that the worker is ready and not running, until the guard is dropped.
    #[inline]
    pub fn ready(&mut self, label: impl Into<Cow<'static, str>>) -> Span<'_> {
        self.span(Kind::Ready, label)
    }

    /// Records a span from `since` until now, for code that can't hold a guard.
    pub fn past(&mut self, kind: Kind, label: impl Into<Cow<'static, str>>, since: Instant) {
        self.between(kind, label, since, Instant::now());
    }

    /// Records a span that is over. A span that ended before it began, or before time zero, has no
    /// length.
    pub fn between(
        &mut self,
        kind: Kind,
        label: impl Into<Cow<'static, str>>,
        since: Instant,
        until: Instant,
    ) {
        if let Some(track) = &mut self.0 {
            track.record(kind, label.into(), since, until);
        }
    }

    #[inline]
    fn span(&mut self, kind: Kind, label: impl Into<Cow<'static, str>>) -> Span<'_> {
        if let Some(track) = &mut self.0 {
            track.open(kind, label.into());
        }
        Span(self)
    }
}

impl Track {
    // Not inlined: callers with recording off should stay small enough to be inlined themselves.
    #[inline(never)]
    fn open(&mut self, kind: Kind, label: Cow<'static, str>) {
        self.open = Some((kind, label, Instant::now()));
    }

    #[inline(never)]
    fn close(&mut self) {
        let now = Instant::now();
        if let Some((kind, label, since)) = self.open.take() {
            self.record(kind, label, since, now);
        }
    }

    #[inline(never)]
    fn lose(&mut self) {
        if let Some((_, label, _)) = &mut self.open {
            *label = format!("{LOST}{label}").into();
        }
    }

    fn record(&mut self, kind: Kind, label: Cow<'static, str>, since: Instant, until: Instant) {
        let zero = self.shared.zero;
        let start_ns = nanos(since.saturating_duration_since(zero));
        let end_ns = nanos(until.saturating_duration_since(zero));
        self.spans.push(SpanRecord {
            kind,
            label,
            start_ns,
            end_ns: end_ns.max(start_ns),
        });
    }
}

impl Drop for Track {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.recording.rows[self.row].spans.append(&mut self.spans);
    }
}

/// A span that is not over yet. It ends when it is dropped.
#[derive(Debug)]
#[must_use = "a span that is dropped at once has no length: bind it to a name, as in `let _span = ...`"]
pub struct Span<'a>(&'a mut Lane);

impl Span<'_> {
    /// Ends the span, and marks it as work that was thrown away.
    #[inline]
    pub fn lost(self) {
        if let Some(track) = &mut self.0.0 {
            track.lose();
        }
    }
}

impl Drop for Span<'_> {
    #[inline]
    fn drop(&mut self) {
        if let Some(track) = &mut self.0.0 {
            track.close();
        }
    }
}

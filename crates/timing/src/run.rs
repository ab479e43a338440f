//! The stopwatch: measures one run of one strategy.

use std::time::{Duration, Instant};

use cpu_time::ProcessTime;

use crate::recording::Recording;
use crate::timeline::Timeline;

/// One run of one strategy: the time that it took, and its recording.
#[derive(Debug, Clone)]
pub struct Run {
    /// The strategy's name.
    pub name: String,
    /// The number of workers.
    pub workers: usize,
    /// The wall-clock time.
    pub wall: Duration,
    /// The CPU time of this process (all its threads) and of the child processes whose recordings
    /// were absorbed.
    pub cpu: Duration,
    /// The outcome, in words.
    pub outcome: String,
    /// What each worker did, and when.
    pub recording: Recording,
}

impl Run {
    /// Runs `body` with a timeline whose time zero is its start.
    pub fn record<T>(name: &str, workers: usize, body: impl FnOnce(&Timeline) -> T) -> (T, Self) {
        let timeline = Timeline::new();
        let (start, cpu) = (Instant::now(), ProcessTime::now());
        let result = body(&timeline);
        let (wall, cpu) = (start.elapsed(), cpu.elapsed());
        let recording = timeline.recording();
        let run = Self {
            name: name.to_owned(),
            workers,
            wall,
            cpu: cpu + recording.cpu,
            outcome: String::new(),
            recording,
        };
        (result, run)
    }

    /// Returns the length of a time scale that shows all of the run: the wall time, or the end of
    /// the last span if a child's clock puts that later.
    pub fn length(&self) -> Duration {
        self.wall.max(self.recording.end())
    }

    /// Returns the run with its outcome in words.
    #[must_use]
    pub fn outcome(mut self, words: impl Into<String>) -> Self {
        self.outcome = words.into();
        self
    }
}

//! Executors: who works on the bands of a photo. One worker takes them in turn, a pool shares them.

use std::ops::DerefMut;

use anyhow::Result;
use rayon::prelude::*;
use timing::{Lane, Lanes};

/// One worker, or several that share the work on one photo.
pub trait Executor {
    /// The number of workers.
    fn workers(&self) -> usize;

    /// The lane of the worker that calls this.
    fn lane(&mut self) -> impl DerefMut<Target = Lane>;

    /// Calls `work` with each band, and returns the results in the order of the bands. `step` is
    /// the name of the work on the timeline.
    ///
    /// # Errors
    /// If `work` fails for a band.
    fn bands<B: Send, T: Send>(
        &mut self,
        step: &'static str,
        bands: Vec<B>,
        work: impl Fn(B) -> Result<T> + Sync,
    ) -> Result<Vec<T>>;

    /// Calls `work` with each band that `produce` passes on, as soon as it does: a pipeline of two
    /// stages. Nothing limits how far `produce` runs ahead, so all that it passes on must fit in
    /// memory. `step` is the name of this work on the timeline.
    ///
    /// # Errors
    /// If `produce` fails.
    fn stream<B: Send>(
        &mut self,
        step: &'static str,
        produce: impl FnOnce(&mut dyn FnMut(B)) -> Result<()> + Send,
        work: impl Fn(B) + Sync,
    ) -> Result<()>;
}

/// One worker, which owns this lane: one band after the other.
impl Executor for Lane {
    fn workers(&self) -> usize {
        1
    }

    fn lane(&mut self) -> impl DerefMut<Target = Lane> {
        self
    }

    fn bands<B: Send, T: Send>(
        &mut self,
        step: &'static str,
        bands: Vec<B>,
        work: impl Fn(B) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        let _span = self.work(step);
        bands.into_iter().map(work).collect()
    }

    fn stream<B: Send>(
        &mut self,
        step: &'static str,
        produce: impl FnOnce(&mut dyn FnMut(B)) -> Result<()> + Send,
        work: impl Fn(B) + Sync,
    ) -> Result<()> {
        let _span = self.work(step);
        produce(&mut |band| work(band))
    }
}

/// The threads of the rayon pool in which this is used, each with its lane.
#[derive(Debug)]
pub struct Pool<'a>(pub &'a Lanes);

impl Pool<'_> {
    /// Does this work on a band, and says so on the timeline.
    fn band<T>(&self, step: &str, work: impl FnOnce() -> T) -> T {
        let mut lane = self.0.get(worker());
        let _span = lane.work(format!("{step} a band"));
        work()
    }
}

impl Executor for Pool<'_> {
    fn workers(&self) -> usize {
        rayon::current_num_threads()
    }

    fn lane(&mut self) -> impl DerefMut<Target = Lane> {
        self.0.get(worker())
    }

    fn bands<B: Send, T: Send>(
        &mut self,
        step: &'static str,
        bands: Vec<B>,
        work: impl Fn(B) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        let one = |band| self.band(step, || work(band));
        bands.into_par_iter().map(one).collect()
    }

    fn stream<B: Send>(
        &mut self,
        step: &'static str,
        produce: impl FnOnce(&mut dyn FnMut(B)) -> Result<()> + Send,
        work: impl Fn(B) + Sync,
    ) -> Result<()> {
        let one = &|band| self.band(step, || work(band));
        // When all was produced, this worker helps with what is left of the work.
        rayon::scope(|scope| {
            let mut lane = self.0.get(worker());
            let _span = lane.work(step);
            produce(&mut |band| scope.spawn(move |_| one(band)))
        })
    }
}

fn worker() -> usize {
    rayon::current_thread_index().expect("inside the pool")
}

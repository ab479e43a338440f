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
        // By default some bands are one piece, of which nobody can take a part once it is begun. So
        // a worker could be left with several while the others have nothing to do.
        bands.into_par_iter().with_max_len(1).map(one).collect()
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

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use timing::Timeline;

    use super::*;

    /// The first band takes until all of the others are done, so another worker must do them.
    #[test]
    fn no_band_waits_for_a_worker_that_is_busy() {
        const OTHERS: usize = 31;
        let lanes = Lanes::new(&Timeline::off(), "worker", 2);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build();
        let (done, others) = mpsc::channel();
        let mut bands: Vec<_> = (0..OTHERS).map(|_| Work::Tell(done.clone())).collect();
        bands.insert(0, Work::Await(others));
        let work = |band| match band {
            Work::Tell(done) => Ok(done.send(())?),
            Work::Await(others) => {
                for _ in 0..OTHERS {
                    others.recv_timeout(Duration::from_secs(60))?;
                }
                Ok(())
            }
        };
        let ended = pool
            .unwrap()
            .install(|| Pool(&lanes).bands("test", bands, work));
        assert_eq!(ended.unwrap().len(), 1 + OTHERS);
    }

    /// The first band ends when the producer goes on, and the producer goes on when that has begun.
    #[test]
    fn a_band_is_worked_on_while_the_next_is_produced() {
        let minute = Duration::from_secs(60);
        let lanes = Lanes::new(&Timeline::off(), "worker", 2);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build();
        let (begin, has_begun) = mpsc::channel();
        let (go_on, may_go_on) = mpsc::channel();
        let produce = move |pass_on: &mut dyn FnMut(_)| {
            pass_on((begin, may_go_on));
            has_begun.recv_timeout(minute)?;
            Ok(go_on.send(())?)
        };
        let work = |(begin, may_go_on): (mpsc::Sender<()>, mpsc::Receiver<()>)| {
            begin.send(()).unwrap();
            may_go_on.recv_timeout(minute).unwrap();
        };
        pool.unwrap()
            .install(|| Pool(&lanes).stream("test", produce, work))
            .unwrap();
    }

    enum Work {
        Tell(mpsc::Sender<()>),
        Await(mpsc::Receiver<()>),
    }
}

//! Claims: what is said of a piece of code, over which schedules, and what has to come of it.

use std::fmt;
use std::sync::Arc;

use anyhow::Result;

use super::{Bound, Explored, Failure, Story, Verdict, explore, replay};
use crate::cli;

/// What has to come of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// No schedule fails.
    Holds,
    /// A schedule fails, and its message begins with these words. Code that is known to be wrong
    /// shows that the checker can see the mistake.
    Fails(&'static str),
}

/// A claim about a piece of code.
#[derive(Clone)]
pub struct Claim {
    /// What is claimed, in words.
    pub text: String,
    /// What has to come of it.
    pub expect: Expect,
    /// Which schedules are run.
    pub bound: Bound,
    /// How many schedules that are. The number is part of the claim: if it changes, something else
    /// was proven than before.
    pub schedules: usize,
    /// Whether the checker must see an operation of each thread.
    pub seen: bool,
    pub(super) body: Arc<dyn Fn(&Story) -> Verdict + Send + Sync>,
}

impl Claim {
    /// A claim that holds under all schedules within the bound.
    pub fn holds(
        text: impl Into<String>,
        bound: Bound,
        schedules: usize,
        body: impl Fn(&Story) -> Verdict + Send + Sync + 'static,
    ) -> Self {
        Self {
            text: text.into(),
            expect: Expect::Holds,
            bound,
            schedules,
            seen: true,
            body: Arc::new(body),
        }
    }

    /// A claim that is wrong: a schedule within the bound fails, with a message that begins with
    /// these words.
    pub fn fails(
        text: impl Into<String>,
        message: &'static str,
        bound: Bound,
        schedules: usize,
        body: impl Fn(&Story) -> Verdict + Send + Sync + 'static,
    ) -> Self {
        Self {
            expect: Expect::Fails(message),
            ..Self::holds(text, bound, schedules, body)
        }
    }

    /// Says that the threads share nothing, so that the checker sees no operation of theirs.
    /// Without this, a claim fails if there is a thread of which it saw none.
    #[must_use]
    pub fn sharing_nothing(self) -> Self {
        Self {
            seen: false,
            ..self
        }
    }

    /// Runs the claim's schedules.
    pub fn explore(&self) -> Explored {
        self.explore_within(self.bound)
    }

    fn explore_within(&self, bound: Bound) -> Explored {
        let body = Arc::clone(&self.body);
        explore(bound, move |story| body(story))
    }

    /// Runs one schedule again. `None` if it does not fail.
    ///
    /// # Panics
    /// If the schedule is one of other code.
    pub fn replay(&self, schedule: &[usize]) -> Option<Failure> {
        let body = Arc::clone(&self.body);
        replay(schedule, move |story| body(story))
    }

    /// Runs the claim's schedules, and compares what came of them with what has to come of them.
    /// If there are more than the claim says, it does not wait for the end of them.
    ///
    /// # Errors
    /// If the verdict, the failure's message or the number of schedules is another, if the failure
    /// that was found does not come again, or if there was a thread of which the checker saw no
    /// operation.
    pub fn check(&self) -> Result<Explored, String> {
        let explored = self.explore_within(Bound {
            schedules: self.bound.schedules.min(self.schedules + 1),
            ..self.bound
        });
        self.compare(&explored)?;
        Ok(explored)
    }

    fn compare(&self, explored: &Explored) -> Result<(), String> {
        let verdict = Self::verdict(explored);
        match (self.expect, &explored.shortest) {
            (Expect::Holds, None) if explored.complete || explored.schedules > self.schedules => {}
            (Expect::Fails(words), Some(failure)) => {
                if !failure.message.starts_with(words) {
                    return Err(format!(
                        "failed with {:?}, not with {words:?}",
                        failure.message
                    ));
                }
                if self.replay(&failure.schedule).as_ref() != Some(failure) {
                    return Err("the failure does not come again".to_owned());
                }
            }
            (Expect::Holds, failure) => {
                let story = failure.as_ref().map(told).unwrap_or_default();
                return Err(format!("{verdict}, and should be TRUE\n{story}"));
            }
            (Expect::Fails(_), None) => return Err(format!("{verdict}, and should be FALSE")),
        }
        match (self.seen, explored.blind) {
            (true, Some(thread)) => {
                return Err(format!(
                    "the checker saw no operation of thread {thread} between its begin and its \
                     end, so nothing is proven about it: are its locks, atomics and channels those \
                     of the checker?"
                ));
            }
            (false, None) => {
                return Err(
                    "the threads share nothing, says the claim, and the checker saw \
                            operations of each"
                        .to_owned(),
                );
            }
            _ => {}
        }
        match explored.schedules == self.schedules {
            true => Ok(()),
            false => Err(format!(
                "{}{} schedules were run, and the claim is about {}",
                if explored.complete { "" } else { "at least " },
                explored.schedules,
                self.schedules
            )),
        }
    }

    fn verdict(explored: &Explored) -> &'static str {
        match (explored.failing > 0, explored.complete) {
            (true, _) => "FALSE",
            (false, true) => "TRUE",
            // The limit on the number of schedules was reached: nothing is proven.
            (false, false) => "OPEN",
        }
    }
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:?})", self.text, self.bound)
    }
}

/// Checks the claims one by one, and prints of each whether it is true, its scope, and the story of
/// the schedule that refutes it. Returns whether all came out as they have to.
///
/// # Errors
/// If stdout can't be written.
pub fn report(claims: impl IntoIterator<Item = Claim>) -> Result<bool> {
    let mut well = true;
    for claim in claims {
        let explored = claim.explore();
        let verdict = Claim::verdict(&explored);
        cli::print(&format!(
            "{verdict:>5}  {}\n       {explored}\n",
            claim.text
        ))?;
        if let Some(failure) = &explored.shortest {
            cli::print(&told(failure))?;
        }
        if let Err(why) = claim.compare(&explored) {
            // Its story has just been told.
            let why = why.lines().next().unwrap_or_default();
            cli::complain(&format!("error: {}: {why}", claim.text));
            well = false;
        }
    }
    Ok(well)
}

fn told(failure: &Failure) -> String {
    let mut text = String::new();
    for (line, number) in failure.story.iter().zip(1..) {
        text += &format!("       {number:>3}. {line}\n");
    }
    let schedule: Vec<_> = failure.schedule.iter().map(usize::to_string).collect();
    text += &format!(
        "       {}\n       preemptions: {}, schedule: {}\n",
        failure.message.lines().next().unwrap_or_default(),
        failure.preemptions,
        schedule.join(" ")
    );
    text
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize as Unseen, Ordering::SeqCst};

    use shuttle::sync::atomic::AtomicUsize;
    use shuttle::sync::{Barrier, Mutex};
    use shuttle::thread;

    use super::*;

    /// Two threads, the second of which uses atomics of the standard library.
    fn one_unseen() -> Verdict {
        let (seen, unseen) = (Arc::new(AtomicUsize::new(0)), Arc::new(Unseen::new(0)));
        let first = thread::spawn({
            let seen = Arc::clone(&seen);
            move || seen.fetch_add(1, SeqCst)
        });
        let second = thread::spawn(move || unseen.fetch_add(1, SeqCst));
        for thread in [first, second] {
            thread.join().unwrap();
        }
        Ok(())
    }

    /// A thread that starts another one, which uses an atomic of the checker's or none at all.
    fn nested(seen: bool) -> Verdict {
        let outer = thread::spawn(move || {
            let counter = AtomicUsize::new(0);
            let inner = thread::spawn(move || seen.then(|| counter.fetch_add(1, SeqCst)));
            inner.join().unwrap();
        });
        outer.join().unwrap();
        Ok(())
    }

    /// A thread whose only operation is one at which it waits at once.
    fn waiting() -> Verdict {
        let met = Arc::new((Barrier::new(2), Mutex::new(())));
        let theirs = Arc::clone(&met);
        let waiter = thread::spawn(move || theirs.0.wait().is_leader());
        met.0.wait();
        waiter.join().unwrap();
        Ok(())
    }

    /// What a claim about this body says that has no schedules.
    fn refused(body: fn() -> Verdict) -> String {
        let claim = Claim::holds("a claim", Bound::all(), 0, move |_| body());
        claim.check().unwrap_err()
    }

    #[test]
    fn a_thread_whose_operations_the_checker_does_not_see_is_named() {
        let of = |thread| format!("the checker saw no operation of thread {thread} between");
        // Whatever the number of schedules: it is told before that.
        let found = refused(one_unseen);
        assert!(found.starts_with(&of(2)), "{found}");
        let found = refused(|| nested(false));
        assert!(found.starts_with(&of(2)), "{found}");
        // As if the code had its threads from the standard library, too.
        let found = refused(|| {
            let counter = Arc::new(Unseen::new(0));
            let theirs = Arc::clone(&counter);
            let thread = std::thread::spawn(move || theirs.fetch_add(1, SeqCst));
            thread.join().unwrap();
            Ok(())
        });
        assert!(found.starts_with(&of(0)), "{found}");
    }

    #[test]
    fn a_thread_that_comes_to_an_operation_is_seen() {
        let alone = || {
            AtomicUsize::new(0).fetch_add(1, SeqCst);
            Ok(())
        };
        for body in [waiting, alone, || nested(true)] {
            let found = refused(body);
            assert!(found.ends_with("and the claim is about 0"), "{found}");
        }
    }

    #[test]
    fn threads_that_share_nothing_need_a_word_and_only_they_have_it() {
        let apart = |shared: bool| {
            let body = move |_: &Story| nested(shared);
            let schedules = explore(Bound::all(), body).schedules;
            Claim::holds("apart", Bound::all(), schedules, body).sharing_nothing()
        };
        apart(false).check().unwrap();
        let found = apart(true).check().unwrap_err();
        assert!(
            found.contains("and the checker saw operations of each"),
            "{found}"
        );
    }
}

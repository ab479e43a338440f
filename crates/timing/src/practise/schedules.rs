//! Claims about all schedules of a student's code, and about at least one.
//!
//! `always` catches code that goes wrong in some schedule. `sometimes` catches code that is right
//! because it lets nothing happen at the same time: the state that it asks for must be possible.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use super::{Judgement, Mistake, world};
use crate::proof::{Bound, Verdict, explore};

/// No exercise needs so many. An answer that does is not judged.
const MOST: usize = 100_000;

/// Which schedules are run, and how a hang is told.
#[derive(Debug, Clone)]
pub struct Schedules {
    bound: Bound,
    stuck: String,
}

impl Schedules {
    /// All schedules with at most so many preemptions.
    pub fn preemptions(most: usize) -> Self {
        Self {
            bound: Bound {
                schedules: MOST,
                ..Bound::preemptions(most)
            },
            stuck: "deadlock: every thread waits, and nobody is left to wake one up.".to_owned(),
        }
    }

    /// The sentence for a schedule in which no thread can go on.
    #[must_use]
    pub fn stuck(self, sentence: impl Into<String>) -> Self {
        Self {
            stuck: sentence.into(),
            ..self
        }
    }

    /// Claims that the body, which runs the student's code and looks at what came of it, returns no
    /// error in any schedule. The error is the sentence that the student reads.
    ///
    /// # Errors
    /// The first of the failing schedules, with its story.
    pub fn always(&self, body: impl Fn() -> Verdict + Send + Sync + 'static) -> Judgement {
        let explored = explore(self.bound.first(), move |story| {
            world::begin(story);
            body()
        });
        if let Some(failure) = explored.shortest {
            let message = failure.message.lines().next().unwrap_or_default();
            let sentence = if message.starts_with("deadlock!") {
                self.stuck.clone()
            } else if message.contains("exceeded max_steps") {
                "it does not end: a thread goes round a loop and nothing can stop it.".to_owned()
            } else {
                message.to_owned()
            };
            return Err(Mistake {
                sentence,
                story: failure.story,
            });
        }
        match explored.complete {
            true => Ok(format!("right in {explored}")),
            false => Err(Mistake::new(format!(
                "your code has more than {MOST} schedules, too many to check; write it with fewer \
                 operations on what is shared."
            ))),
        }
    }

    /// Claims that the body, which runs the student's code, returns true in at least one schedule.
    /// It is made after [`Self::always`], as a schedule that ends in a panic ends it, too.
    ///
    /// # Errors
    /// This sentence, if it never does.
    pub fn sometimes(
        &self,
        sentence: impl Into<String>,
        body: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Judgement {
        let seen = Arc::new(AtomicBool::new(false));
        let found = Arc::clone(&seen);
        explore(self.bound.first(), move |story| {
            world::begin(story);
            if body() {
                found.store(true, SeqCst);
                return Err("seen".to_owned());
            }
            Ok(())
        });
        match seen.load(SeqCst) {
            true => Ok("it is possible".to_owned()),
            false => Err(Mistake::new(sentence)),
        }
    }
}

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
            let mut story = failure.story;
            let sentence = if message.starts_with("deadlock!") {
                story.extend(world::untold());
                self.stuck.clone()
            } else if message.contains("exceeded max_steps") {
                world::ENDLESS.to_owned()
            } else {
                message.to_owned()
            };
            return Err(Mistake {
                sentence,
                story: shortened(story),
            });
        }
        match explored.complete {
            true => Ok(format!("right in {explored}")),
            false => Err(Mistake::new(format!(
                "your code has more than {} schedules, too many to check; write it with fewer \
                 operations on what is shared.",
                self.bound.schedules
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

/// The begin of a story, if it is longer than anybody reads.
fn shortened(mut story: Vec<String>) -> Vec<String> {
    let steps = story.len();
    if steps > 60 {
        story.truncate(40);
        story.push(format!("... and so on, for {steps} steps"));
    }
    story
}

#[cfg(test)]
mod tests {
    use shuttle::sync::atomic::{AtomicU64, Ordering::SeqCst};

    use super::super::world::{Arc, Mutex, note, peak, threads, verbs};
    use super::*;

    /// Two threads count up, with a lock around it or without one.
    fn count(locked: bool) -> u64 {
        let shared = Arc::new((AtomicU64::new(0), Mutex::new(())));
        let theirs = Arc::clone(&shared);
        threads(2, move |_| {
            let _held = locked.then(|| theirs.1.lock().unwrap());
            let value = theirs.0.load(SeqCst);
            note("reads", value);
            theirs.0.store(value + 1, SeqCst);
            note("writes", value + 1);
        });
        shared.0.load(SeqCst)
    }

    fn is_two(value: u64) -> Verdict {
        (value == 2).then_some(()).ok_or(format!("it is {value}"))
    }

    #[test]
    fn what_holds_in_all_schedules_comes_with_its_scope() {
        let scope = Schedules::preemptions(1).always(|| is_two(count(true)));
        let scope = scope.unwrap();
        assert!(
            scope.ends_with("(all with at most 1 preemption), 0 failed"),
            "{scope}"
        );
    }

    #[test]
    fn the_schedule_that_fails_is_told_by_what_its_threads_noted() {
        let wrong = Schedules::preemptions(1).always(|| is_two(count(false)));
        let mistake = wrong.unwrap_err();
        assert_eq!(mistake.sentence, "it is 1");
        let story = ["0 reads 0", "1 reads 0", "1 writes 1", "0 writes 1"];
        assert_eq!(mistake.story, story.map(|step| format!("thread {step}")));
        // The notes are still those of that schedule: a check looks at them.
        assert_eq!(verbs(), [["reads", "writes"], ["reads", "writes"]]);
    }

    #[test]
    fn what_is_possible_in_one_schedule_is_found_and_what_in_none_is_told() {
        let both = |locked| {
            let inside = move || {
                count(locked);
                peak("reads", "writes") == 2
            };
            Schedules::preemptions(1).sometimes("never two at a time", inside)
        };
        assert!(both(false).is_ok());
        assert_eq!(both(true), Err(Mistake::new("never two at a time")));
    }

    #[test]
    fn a_deadlock_has_its_own_sentence_and_names_the_holder() {
        let schedules = Schedules::preemptions(1).stuck("each waits for the other");
        let wrong = schedules.always(|| {
            let locks = [Mutex::new(()), Mutex::new(())];
            threads(2, move |first| {
                let _first = locks[first].lock().unwrap();
                drop(locks[1 - first].lock().unwrap());
            });
            Ok(())
        });
        let mistake = wrong.unwrap_err();
        assert_eq!(mistake.sentence, "each waits for the other");
        let waits = |thread, lock| {
            format!("thread {thread} waits for lock {lock}, which thread {lock} holds")
        };
        // One has asked for a lock that was free, and the other one was faster.
        assert!(mistake.story.ends_with(&[waits(1, 0), waits(0, 1)]));
    }

    #[test]
    fn what_does_not_end_and_what_has_too_many_schedules_is_no_pass() {
        let endless = Schedules::preemptions(0).always(|| {
            let never = AtomicU64::new(0);
            while never.load(SeqCst) == 0 {}
            Ok(())
        });
        let sentence = endless.unwrap_err().sentence;
        assert!(sentence.starts_with("it does not end"), "{sentence}");
        // Without a step that the checker sees.
        let looking = Schedules::preemptions(0).always(|| {
            loop {
                note("looks", "again");
            }
        });
        let mistake = looking.unwrap_err();
        assert_eq!(mistake.sentence, world::ENDLESS);
        assert_eq!(mistake.story.len(), 41);
        let few = Schedules {
            bound: Bound {
                schedules: 3,
                ..Bound::preemptions(2)
            },
            ..Schedules::preemptions(2)
        };
        let sentence = few.always(|| is_two(count(true))).unwrap_err().sentence;
        assert!(sentence.contains("too many to check"), "{sentence}");
    }
}

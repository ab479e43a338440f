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
    /// If the verdict, the failure's message or the number of schedules is another, or if the
    /// failure that was found does not come again.
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
            (Expect::Holds, _) => return Err(format!("{verdict}, and should be TRUE")),
            (Expect::Fails(_), None) => return Err(format!("{verdict}, and should be FALSE")),
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

//! A search among the schedules that begin with a prefix, for programs with too many states to
//! examine them all ([`graph`](super::graph)).

use std::sync::{Arc, Mutex};

use shuttle::scheduler::{Schedule, Scheduler, Task, TaskId};

use super::search::Search;
use super::step::{Body, Program};
use super::{Bound, Explored, Failure, Run, Story, guarded, lock, record};

/// Runs the program under all schedules that begin with this prefix, within a bound on the
/// preemptions after it.
pub fn below(program: &Program, prefix: &[usize], bound: Bound) -> Explored {
    let search = Search::new(bound.preemptions, bound.schedules);
    let story = Story::default();
    let below = Below {
        search: search.clone(),
        program: program.clone(),
        prefix: prefix.to_vec(),
        depth: 0,
        failures: bound.failures,
        found: Arc::default(),
    };
    let run: Run = {
        let (body, below): (Body, _) = (Arc::clone(&program.body), below.clone());
        Arc::new(move || {
            record::end("");
            story.take();
            let verdict = body(&story);
            record::stop();
            if let Err(message) = verdict {
                below.failed(message);
            }
        })
    };
    // A panic ends shuttle's run, but not the search: the next run goes on with the next schedule.
    loop {
        match guarded(below.clone(), &run) {
            Ok(()) => break,
            Err(message) => below.failed(message),
        }
    }
    record::stop();
    let (schedules, complete) = search.progress();
    let (failing, shortest) = lock(&below.found).clone();
    Explored {
        bound,
        schedules,
        complete,
        failing,
        shortest,
        blind: None,
    }
}

/// Follows the prefix, and searches from there on.
#[derive(Clone)]
struct Below {
    search: Search,
    program: Program,
    prefix: Vec<usize>,
    depth: usize,
    failures: usize,
    found: Arc<Mutex<(usize, Option<Failure>)>>,
}

impl Below {
    fn failed(&self, message: String) {
        let (path, preemptions) = self.search.path();
        let failure = Failure {
            message,
            story: Vec::new(),
            schedule: [&self.prefix[..], &path].concat(),
            preemptions,
        };
        let mut found = lock(&self.found);
        found.0 += 1;
        if found.0 >= self.failures {
            self.search.stop();
        }
        let length = |failure: &Failure| (failure.preemptions, failure.schedule.len());
        if found
            .1
            .as_ref()
            .is_none_or(|best| length(&failure) < length(best))
        {
            found.1 = Some(failure);
        }
    }
}

impl Scheduler for Below {
    fn new_execution(&mut self) -> Option<Schedule> {
        self.depth = 0;
        let schedule = self.search.new_execution()?;
        record::start(&self.program.main, &self.program.objects);
        Some(schedule)
    }

    fn next_task(
        &mut self,
        runnable: &[&Task],
        current: Option<TaskId>,
        yields: bool,
    ) -> Option<TaskId> {
        let numbers: Vec<usize> = runnable.iter().map(|task| task.id().into()).collect();
        let mut stuck = record::with(|record| record.stuck)?;
        let next = match self.prefix.get(self.depth) {
            _ if stuck => return self.deadlock(),
            Some(next) => (*next).into(),
            None => self.search.next_task(runnable, current, yields)?,
        };
        self.depth += 1;
        stuck |= !record::with(|record| record.chosen(next.into(), &numbers))?;
        match stuck {
            true => self.deadlock(),
            false => Some(next),
        }
    }

    fn next_u64(&mut self) -> u64 {
        self.search.next_u64()
    }
}

impl Below {
    fn deadlock(&self) -> Option<TaskId> {
        record::stop();
        self.failed("deadlock".to_owned());
        None
    }
}

//! The tree of schedules, searched depth first. Each choice of the next thread is a node, and each
//! run takes a path that no run has taken before.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shuttle::scheduler::{Schedule, Scheduler, Task, TaskId};

/// A handle to a search. shuttle takes a handle for each of its runs, and the search outlives them.
#[derive(Debug, Clone)]
pub(super) struct Search(Arc<Mutex<Tree>>);

#[derive(Debug)]
struct Tree {
    /// The most preemptions on a path; `None` is any number.
    preemptions: Option<usize>,
    /// The most paths to run.
    most: usize,
    /// The path of the current run.
    path: Vec<Node>,
    /// The number of choices that the current run has made.
    depth: usize,
    schedules: usize,
    stopped: bool,
    /// Whether the script does not fit the code.
    misfit: bool,
    /// The choice at which other threads could run than in the run before.
    diverged: Option<usize>,
    /// A path that is given, and not searched for.
    script: Option<Vec<usize>>,
    /// What was seen of each thread in the current run, by its number.
    threads: Vec<Seen>,
    /// The first thread that ended a run that did not fail, and never came to an operation.
    blind: Option<usize>,
}

/// What was seen of a thread in one run.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    has_begun: bool,
    /// Whether it stopped between its begin and its end: at an operation, before which another
    /// thread could have run.
    has_stopped: bool,
    /// Whether it started another thread: then it also stops to start it, and to wait for its end.
    has_children: bool,
}

/// A choice of the next thread.
#[derive(Debug)]
struct Node {
    /// The threads that could run, as shuttle listed them.
    runnable: Vec<usize>,
    /// The threads that may run next. The one that needs no preemption comes first.
    options: Vec<usize>,
    /// The index of the thread that runs next in this run.
    chosen: usize,
    /// The number of preemptions on the path before this choice.
    before: usize,
    /// Whether to choose any but the first is a preemption.
    preempts: bool,
}

impl Node {
    fn spent(&self) -> usize {
        self.before + usize::from(self.preempts && self.chosen > 0)
    }
}

impl Search {
    /// Searches all paths with at most so many preemptions, but runs no more than `most` of them.
    pub(super) fn new(preemptions: Option<usize>, most: usize) -> Self {
        Self::with(preemptions, most, None)
    }

    /// Runs the one path on which these threads are chosen.
    pub(super) fn along(script: &[usize]) -> Self {
        Self::with(None, 1, Some(script.to_vec()))
    }

    fn with(preemptions: Option<usize>, most: usize, script: Option<Vec<usize>>) -> Self {
        Self(Arc::new(Mutex::new(Tree {
            preemptions,
            most,
            path: Vec::new(),
            depth: 0,
            schedules: 0,
            stopped: false,
            misfit: false,
            diverged: None,
            script,
            threads: Vec::new(),
            blind: None,
        })))
    }

    /// The number of paths that were begun, and whether these are all paths.
    pub(super) fn progress(&self) -> (usize, bool) {
        let tree = self.lock();
        let is_done = |node: &Node| node.chosen + 1 == node.options.len();
        let complete = tree.schedules > 0 && tree.path.iter().all(is_done);
        (tree.schedules, complete)
    }

    /// The threads that were chosen in this run so far, and the number of preemptions.
    pub(super) fn path(&self) -> (Vec<usize>, usize) {
        let tree = self.lock();
        let path = &tree.path[..tree.depth];
        let tasks = path.iter().map(|node| node.options[node.chosen]);
        (tasks.collect(), path.last().map_or(0, Node::spent))
    }

    /// Whether the code can take the path that was given.
    pub(super) fn fits(&self) -> bool {
        !self.lock().misfit
    }

    /// The choice at which other threads could run than in an earlier run with the same choices
    /// before: then the code is not deterministic.
    pub(super) fn diverged(&self) -> Option<usize> {
        self.lock().diverged
    }

    /// Notes that the current run did not fail. Then each thread in it must have come to an
    /// operation that the checker sees, or the run says nothing about that thread.
    ///
    /// A thread that starts others is not looked at, as it stops at these operations anyhow. The
    /// first thread is looked at if it is alone.
    pub(super) fn passed(&self) {
        let mut tree = self.lock();
        let is_blind = |seen: &Seen| seen.has_begun && !seen.has_stopped && !seen.has_children;
        let blind = tree.threads.iter().position(is_blind);
        tree.blind = tree.blind.or(blind);
    }

    /// A thread that came to no operation that the checker sees, in a run that did not fail.
    pub(super) fn blind(&self) -> Option<usize> {
        self.lock().blind
    }

    /// Ends the search: no more runs are begun.
    pub(super) fn stop(&self) {
        self.lock().stopped = true;
    }

    /// A panic of the searched code leaves the tree whole.
    fn lock(&self) -> MutexGuard<'_, Tree> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tree {
    /// Goes to the next path: the deepest choice that has another option takes it, and all choices
    /// below it are forgotten.
    fn advance(&mut self) -> bool {
        while let Some(node) = self.path.last_mut() {
            if node.chosen + 1 < node.options.len() {
                node.chosen += 1;
                return true;
            }
            self.path.pop();
        }
        false
    }

    /// Notes which threads there are, and that the current one has come to a choice.
    fn see(&mut self, runnable: &[&Task], current: Option<usize>) {
        for task in runnable {
            let number = usize::from(task.id());
            if number >= self.threads.len() {
                self.threads.resize(number + 1, Seen::default());
                if let Some(parent) = task.parent_task_id() {
                    self.threads[usize::from(parent)].has_children = true;
                }
            }
            // It could go on, so it has not ended: it stopped. If nobody waits for its end, it may
            // never be chosen again.
            self.threads[number].has_stopped |= Some(number) == current;
        }
    }

    fn choose(&mut self, runnable: &[usize], current: Option<usize>, yields: bool) -> usize {
        if self.depth == self.path.len() {
            let before = self.path.last().map_or(0, Node::spent);
            let goes_on = current.filter(|task| runnable.contains(task));
            let others = runnable
                .iter()
                .copied()
                .filter(|task| Some(*task) != goes_on);
            let mut options: Vec<_> = goes_on.into_iter().chain(others).collect();
            // A thread that yields is not preempted. It must not run again at once, or it would
            // spin for ever.
            if yields && goes_on.is_some() && options.len() > 1 {
                options.remove(0);
            }
            let preempts = goes_on.is_some() && !yields;
            if preempts && self.preemptions.is_some_and(|most| before >= most) {
                options.truncate(1);
            }
            let mut chosen = 0;
            if let Some(script) = &self.script {
                let next = script.get(self.depth);
                let place = options.iter().position(|task| Some(task) == next);
                // Steps that come after the failure are not in the script.
                self.misfit |= next.is_some() && place.is_none();
                chosen = place.unwrap_or(0);
            }
            self.path.push(Node {
                runnable: runnable.to_vec(),
                options,
                chosen,
                before,
                preempts,
            });
        }
        let node = &self.path[self.depth];
        self.depth += 1;
        if node.runnable != runnable {
            // The path so far is that of an earlier run, so the same threads should be able to run.
            self.diverged.get_or_insert(self.depth - 1);
            self.stopped = true;
        }
        let next = match self.diverged {
            None => node.options[node.chosen],
            // The path means nothing any more. In turns, all threads come to their ends.
            Some(_) => runnable[self.depth % runnable.len()],
        };
        let seen = &mut self.threads[next];
        // It may have stopped without being able to go on, at a lock that was held.
        seen.has_stopped |= std::mem::replace(&mut seen.has_begun, true);
        next
    }
}

impl Scheduler for Search {
    fn new_execution(&mut self) -> Option<Schedule> {
        let mut tree = self.lock();
        let enough = tree.stopped || tree.schedules >= tree.most;
        if enough || tree.schedules > 0 && !tree.advance() {
            return None;
        }
        tree.depth = 0;
        tree.threads.clear();
        tree.schedules += 1;
        Some(Schedule::new(0))
    }

    fn next_task(
        &mut self,
        runnable: &[&Task],
        current: Option<TaskId>,
        yields: bool,
    ) -> Option<TaskId> {
        let current = current.map(usize::from);
        let numbers: Vec<usize> = runnable.iter().map(|task| task.id().into()).collect();
        let mut tree = self.lock();
        tree.see(runnable, current);
        Some(tree.choose(&numbers, current, yields).into())
    }

    fn next_u64(&mut self) -> u64 {
        panic!("code to be proven must not be random: give it its choices");
    }
}

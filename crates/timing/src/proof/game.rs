//! Be the scheduler: a puzzle, and a game of it as far as it was played.

use super::below::below;
use super::graph::{Count, Graph};
use super::step::{End, Program, Seen, View, at};
use super::{Bound, Explored};

mod book;
mod play;
mod screen;

pub use book::export;
pub use play::{Options, main, play};

/// The most states that are examined before a game begins. It takes some seconds.
const MOST_STATES: usize = 20_000;
/// The most states below a choice that are examined where there are more than that in all.
const MOST_BELOW: usize = 2_000;
/// The most schedules that are run where there are more states.
const MOST_SCHEDULES: usize = 20_000;

/// A program to step through, and what its player should reach.
#[derive(Debug, Clone)]
pub struct Puzzle {
    /// What it is called on the command line.
    pub name: String,
    /// What the player should reach, in words.
    pub goal: String,
    /// What that is.
    pub wanted: Wanted,
    /// The program.
    pub program: Program,
}

/// What a puzzle's player should reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A mistake whose message begins with these words; a deadlock's is `deadlock`.
    Wrong(&'static str),
    /// The same with at most so many preemptions.
    Within(&'static str, usize),
    /// Any mistake, and there is none.
    Nothing,
}

impl Wanted {
    /// Whether this end is what the player should reach.
    pub fn is(self, end: &End) -> bool {
        match self {
            Self::Wrong(words) | Self::Within(words, _) => {
                *end != End::Right && end.to_string().starts_with(words)
            }
            Self::Nothing => *end != End::Right,
        }
    }
}

/// A game as far as it was played. It begins when there is the first choice.
#[derive(Debug)]
pub struct Game<'a> {
    puzzle: &'a Puzzle,
    /// All states, if they are not too many.
    graph: Option<Graph>,
    /// The result of a search in place of that.
    explored: Option<Explored>,
    /// All states from here on, where there are too many in all.
    below: Option<Graph>,
    prefix: Vec<usize>,
    /// The lengths of the prefix before each of the player's choices.
    marks: Vec<usize>,
    view: View,
}

impl<'a> Game<'a> {
    /// Begins a game.
    ///
    /// # Panics
    /// If the program is not deterministic.
    pub fn new(puzzle: &'a Puzzle) -> Self {
        let graph = Graph::of(&puzzle.program, MOST_STATES);
        let explored = graph.is_none().then(|| search(&puzzle.program, &[]));
        let mut game = Self {
            puzzle,
            graph,
            explored,
            below: None,
            prefix: Vec::new(),
            marks: Vec::new(),
            view: at(&puzzle.program, &[]).expect("every program can begin"),
        };
        game.settle();
        game
    }

    /// Runs this thread next.
    ///
    /// # Errors
    /// If it can't run.
    pub fn choose(&mut self, thread: usize) -> Result<(), String> {
        if !self.view.options.contains(&thread) {
            return Err(self.refusal(thread));
        }
        self.marks.push(self.prefix.len());
        let is_new = self.view.threads[thread].is_new;
        self.go(thread);
        // A thread's beginning is not worth a choice of its own.
        if is_new && self.view.options.contains(&thread) {
            self.go(thread);
        }
        self.settle();
        Ok(())
    }

    /// Takes the last choice back. `false` if there was none.
    pub fn undo(&mut self) -> bool {
        let Some(length) = self.marks.pop() else {
            return false;
        };
        self.prefix.truncate(length);
        self.look();
        self.settle();
        true
    }

    /// Takes all choices back.
    pub fn restart(&mut self) {
        self.prefix.clear();
        self.marks.clear();
        self.look();
        self.settle();
    }

    /// Plays a schedule as a proof prints it, from the beginning, up to the program's end. Returns
    /// how many of its steps were taken: a proof's program may go on after a deadlock, which it
    /// notices, to tell of it.
    ///
    /// # Errors
    /// If a step does not fit the program before its end.
    pub fn replay(&mut self, schedule: &[usize]) -> Result<usize, String> {
        self.restart();
        let mut marks = Vec::new();
        let mut taken = 0;
        for thread in schedule {
            let view = at(&self.puzzle.program, &schedule[..taken]).expect("it was looked at");
            if !view.options.contains(thread) {
                break;
            }
            if forced(&view) != Some(*thread) {
                marks.push(taken);
            }
            taken += 1;
        }
        (self.prefix, self.marks) = (schedule[..taken].to_vec(), marks);
        self.look();
        self.settle();
        match schedule.get(taken) {
            Some(thread) if self.view.end.is_none() => {
                let step = taken + 1;
                self.restart();
                Err(format!(
                    "step {step} is of thread {thread}, which can't run there"
                ))
            }
            _ => Ok(taken),
        }
    }

    /// Lets the checker go on: to what is wanted, or else to any mistake, with as few more
    /// preemptions as there can be. `false` if none was found.
    pub fn check(&mut self) -> bool {
        let Some(schedule) = self.shortest() else {
            return false;
        };
        self.marks.push(self.prefix.len());
        self.prefix = schedule;
        self.look();
        true
    }

    /// The schedule that goes on from here to the mistake with the fewest preemptions.
    fn shortest(&self) -> Option<Vec<usize>> {
        if let Some((graph, node)) = self.node() {
            let last = self.prefix.last().copied();
            let wanted = graph.shortest(node, last, |end| self.puzzle.wanted.is(end));
            let any = || graph.shortest(node, last, |end| *end != End::Right);
            let (way, _) = wanted.or_else(any)?;
            return Some([&self.prefix[..], &way].concat());
        }
        let found = search(&self.puzzle.program, &self.prefix);
        found.shortest.map(|failure| failure.schedule)
    }

    /// How the schedules from here on end, if that can be counted.
    pub fn count(&self) -> Option<Count> {
        let (graph, node) = self.node()?;
        Some(graph.nodes[node].count)
    }

    /// What there is to see now.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// The schedule so far.
    pub fn schedule(&self) -> &[usize] {
        &self.prefix
    }

    /// This state among all those that were examined.
    fn node(&self) -> Option<(&Graph, usize)> {
        let graph = self.graph.as_ref().or(self.below.as_ref())?;
        Some((graph, graph.find(&self.view)?))
    }

    /// A thread as it is shown: one that has not begun would do its first operation next.
    fn seen(&self, thread: usize) -> Seen {
        let seen = self.view.threads[thread].clone();
        if !seen.is_new {
            return seen;
        }
        let after = at(
            &self.puzzle.program,
            &[&self.prefix[..], &[thread]].concat(),
        );
        let mut next = after.map_or(seen.clone(), |mut view| view.threads.swap_remove(thread));
        next.state = seen.state;
        next
    }

    fn refusal(&self, thread: usize) -> String {
        let Some(seen) = self.view.threads.get(thread) else {
            return format!("there is no thread {thread}");
        };
        match &self.view.end {
            Some(_) => "this is the end: u takes a choice back".to_owned(),
            None => format!("{} can't run: it {}", seen.name, seen.does),
        }
    }

    /// Begins anew, and takes these steps.
    fn go_to(&mut self, prefix: &[usize]) {
        self.prefix = prefix.to_vec();
        self.look();
    }

    fn go(&mut self, thread: usize) {
        self.prefix.push(thread);
        self.look();
    }

    fn look(&mut self) {
        let view = at(&self.puzzle.program, &self.prefix);
        self.view = view.expect("the program does the same in each run");
    }

    /// Takes the steps that need no choice.
    fn settle(&mut self) {
        while let Some(thread) = forced(&self.view) {
            self.go(thread);
        }
        if self.graph.is_none() && self.node().is_none() {
            self.below = Graph::below(&self.puzzle.program, &self.prefix, MOST_BELOW);
        }
    }
}

/// The thread that runs next if there is nothing to choose: the only one that can, or thread 0
/// while it only starts the others or waits for their ends.
pub(super) fn forced(view: &View) -> Option<usize> {
    let serves = view.options.contains(&0) && view.threads[0].serves;
    match view.options[..] {
        _ if serves => Some(0),
        [only] => Some(only),
        _ => None,
    }
}

/// Looks for a mistake with no more preemptions, then with one, and so on, until there are too many
/// schedules.
fn search(program: &Program, prefix: &[usize]) -> Explored {
    let most = |preemptions| Bound {
        schedules: MOST_SCHEDULES,
        ..Bound::preemptions(preemptions).first()
    };
    let mut found = below(program, prefix, most(0));
    for preemptions in 1.. {
        if found.failing > 0 || !found.complete {
            break;
        }
        let more = below(program, prefix, most(preemptions));
        let is_all = more.schedules == found.schedules;
        // A search that was not complete says less than the one before.
        if more.failing == 0 && !more.complete {
            break;
        }
        found = more;
        if is_all {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests;

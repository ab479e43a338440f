//! All states of a rule's model, and what can go on for ever in them.
//!
//! A run is *weakly fair* if no seat that can go on from some instant on, without a break, is
//! passed over for ever. It is *strongly fair* if no seat that can go on again and again, with
//! breaks, is passed over for ever. No scheduler can save a seat that starves under strong
//! fairness. (The two terms: Lamport, "What good is temporal logic?", 1983. The search for fair
//! cycles takes states out of strongly connected components: Emerson and Lei, "Modalities for model
//! checking", 1987.)

use std::collections::{HashMap, HashSet, VecDeque};

use crate::rule::{Rule, Step};

/// A rule's model, whatever the type of its states.
pub trait AnyRule: Sync {
    /// Examines all states of the model.
    fn check(&self, seats: usize) -> Verdict;

    /// Whether these steps, in this order, are steps of the model. What comes after somebody has
    /// left the table is not compared: no model has an end.
    ///
    /// # Errors
    /// Names the first step that is not the model's, and the model's own.
    fn follows(&self, seats: usize, steps: &[(usize, Step)]) -> Result<(), String>;

    /// The steps of the model that are in none of these runs. Each is told with the shortest way to
    /// it.
    fn untaken(&self, seats: usize, runs: &HashSet<Vec<(usize, Step)>>) -> Vec<String>;
}

/// What is true of a rule at a table of one size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// How many states the table can be in.
    pub states: usize,
    /// There is a state in which no seat can go on.
    pub deadlock: bool,
    /// There is a weakly fair run that goes on for ever and has no meal.
    pub livelock: bool,
    /// There is a weakly fair run that goes on for ever, in which some seat never eats again. (A
    /// deadlock is counted on its own.)
    pub starvation_weak: bool,
    /// There is a strongly fair run that goes on for ever, in which some seat never eats again.
    pub starvation_strong: bool,
}

impl Verdict {
    /// Its four answers: deadlock, livelock, starvation under weak and under strong fairness.
    pub fn answers(&self) -> [bool; 4] {
        [
            self.deadlock,
            self.livelock,
            self.starvation_weak,
            self.starvation_strong,
        ]
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fairness {
    Weak,
    Strong,
}

/// The graph of all states that can be reached from the first one.
struct Graph {
    seats: usize,
    /// For each state and seat: whether the step is a meal, and where it leads; `None` if the seat
    /// has to wait.
    next: Vec<Vec<Option<(bool, usize)>>>,
}

impl<R: Rule + Sync> AnyRule for R {
    fn check(&self, seats: usize) -> Verdict {
        let graph = Graph::new(self, seats);
        let all: Vec<usize> = (0..graph.next.len()).collect();
        let nobody_eats = |_: usize, eats: bool| !eats;
        let starves = |fairness| {
            (0..seats).any(|victim| {
                let never = |seat: usize, eats: bool| !(eats && seat == victim);
                graph.has_fair_cycle(all.clone(), &never, fairness)
            })
        };
        let is_stuck = |seats: &Vec<Option<_>>| seats.iter().all(Option::is_none);
        Verdict {
            states: graph.next.len(),
            deadlock: graph.next.iter().any(is_stuck),
            livelock: graph.has_fair_cycle(all.clone(), &nobody_eats, Fairness::Weak),
            starvation_weak: starves(Fairness::Weak),
            starvation_strong: starves(Fairness::Strong),
        }
    }

    fn untaken(&self, seats: usize, runs: &HashSet<Vec<(usize, Step)>>) -> Vec<String> {
        untaken(self, seats, runs)
    }

    fn follows(&self, seats: usize, steps: &[(usize, Step)]) -> Result<(), String> {
        follow(self, seats, steps, |_, _| ())
    }
}

/// Follows the steps in the model, until somebody leaves. `seen` is told, before each step of the
/// model, the state and the seat.
fn follow<R: Rule>(
    rule: &R,
    seats: usize,
    steps: &[(usize, Step)],
    mut seen: impl FnMut(R::State, usize),
) -> Result<(), String> {
    let mut state = rule.start(seats);
    for (index, (seat, step)) in steps.iter().enumerate() {
        if *step == Step::Leaves {
            break;
        }
        match rule.next(&state, *seat) {
            Some((expected, next)) if expected == *step => {
                seen(std::mem::replace(&mut state, next), *seat);
            }
            other => {
                let other = other.map_or("waits".to_owned(), |(step, _)| step.to_string());
                let steps = &steps[..=index];
                return Err(format!(
                    "step {index}: seat {seat} {step}, where the model {other}: {steps:?}"
                ));
            }
        }
    }
    Ok(())
}

/// The steps of the model that no run takes.
fn untaken<R: Rule>(rule: &R, seats: usize, runs: &HashSet<Vec<(usize, Step)>>) -> Vec<String> {
    let mut taken = HashSet::new();
    for run in runs {
        // A run that is not the model's counts up to its first other step.
        let _ = follow(rule, seats, run, |state, seat| {
            taken.insert((state, seat));
        });
    }
    let start = rule.start(seats);
    let mut found = VecDeque::from([(start.clone(), String::new())]);
    let (mut seen, mut untaken) = (HashSet::from([start]), Vec::new());
    while let Some((state, way)) = found.pop_front() {
        for seat in 0..seats {
            if let Some((step, to)) = rule.next(&state, seat) {
                let way = format!("{way}seat {seat} {step}; ");
                if !taken.contains(&(state.clone(), seat)) {
                    untaken.push(way.clone());
                }
                if seen.insert(to.clone()) {
                    found.push_back((to, way));
                }
            }
        }
    }
    untaken
}

impl Graph {
    fn new<R: Rule>(rule: &R, seats: usize) -> Self {
        let start = rule.start(seats);
        let mut numbers = HashMap::from([(start.clone(), 0)]);
        // States that were found, and whose steps were not yet looked at: in the order of their
        // numbers.
        let mut found = VecDeque::from([start]);
        let mut next = Vec::new();
        while let Some(state) = found.pop_front() {
            let mut row = Vec::new();
            for seat in 0..seats {
                let step = rule.next(&state, seat).map(|(step, to)| {
                    let new = numbers.len();
                    let number = *numbers.entry(to.clone()).or_insert(new);
                    if number == new {
                        found.push_back(to);
                    }
                    (step == Step::Eats, number)
                });
                row.push(step);
            }
            next.push(row);
        }
        Self { seats, next }
    }

    /// Whether a fair run can stay for ever among these states, by allowed steps only.
    fn has_fair_cycle(
        &self,
        among: Vec<usize>,
        allowed: &dyn Fn(usize, bool) -> bool,
        fairness: Fairness,
    ) -> bool {
        let mut work = vec![among];
        while let Some(states) = work.pop() {
            for component in self.components(&states, allowed) {
                // The seats that do a step within the component.
                let mut goes = vec![false; self.seats];
                let inside: HashSet<_> = component.iter().copied().collect();
                for &state in &component {
                    for (seat, step) in self.next[state].iter().enumerate() {
                        if let Some((eats, to)) = step {
                            goes[seat] |= allowed(seat, *eats) && inside.contains(to);
                        }
                    }
                }
                if !goes.contains(&true) {
                    continue;
                }
                let can = |state: usize, seat: usize| self.next[state][seat].is_some();
                let idle: Vec<usize> = (0..self.seats).filter(|seat| !goes[*seat]).collect();
                match fairness {
                    Fairness::Weak => {
                        let passed_over =
                            |seat: &usize| component.iter().all(|state| can(*state, *seat));
                        if !idle.iter().any(passed_over) {
                            return true;
                        }
                    }
                    Fairness::Strong => {
                        let rest: Vec<usize> = component
                            .iter()
                            .copied()
                            .filter(|state| !idle.iter().any(|seat| can(*state, *seat)))
                            .collect();
                        if rest.len() == component.len() {
                            return true;
                        }
                        // A fair run has to avoid the states in which a seat could go
                        // that never does.
                        work.push(rest);
                    }
                }
            }
        }
        false
    }

    /// The strongly connected components among these states, by allowed steps (Tarjan, 1972). It
    /// keeps a stack of its own: recursion would overflow the thread's.
    fn components(
        &self,
        states: &[usize],
        allowed: &dyn Fn(usize, bool) -> bool,
    ) -> Vec<Vec<usize>> {
        const NEW: usize = usize::MAX;
        let mut is_in = vec![false; self.next.len()];
        for &state in states {
            is_in[state] = true;
        }
        let mut order = vec![NEW; self.next.len()];
        let mut low = vec![NEW; self.next.len()];
        let mut on_stack = vec![false; self.next.len()];
        let (mut stack, mut found, mut count) = (Vec::new(), Vec::new(), 0);
        for &root in states {
            if order[root] != NEW {
                continue;
            }
            let mut calls = vec![(root, 0)];
            while let Some((state, seat)) = calls.pop() {
                if seat == 0 {
                    (order[state], low[state]) = (count, count);
                    count += 1;
                    stack.push(state);
                    on_stack[state] = true;
                }
                if seat < self.seats {
                    calls.push((state, seat + 1));
                    if let Some((eats, to)) = self.next[state][seat]
                        && is_in[to]
                        && allowed(seat, eats)
                    {
                        if order[to] == NEW {
                            calls.push((to, 0));
                        } else if on_stack[to] {
                            low[state] = low[state].min(order[to]);
                        }
                    }
                    continue;
                }
                if let Some((parent, _)) = calls.last() {
                    low[*parent] = low[*parent].min(low[state]);
                }
                if low[state] == order[state] {
                    let mut component = Vec::new();
                    while let Some(member) = stack.pop() {
                        on_stack[member] = false;
                        component.push(member);
                        if member == state {
                            break;
                        }
                    }
                    found.push(component);
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A rule whose states are numbers, and whose steps are written down: from, seat, whether it is
    /// a meal, to.
    struct Drawn(&'static [(u8, usize, bool, u8)]);

    impl Rule for Drawn {
        type State = u8;

        fn start(&self, _: usize) -> u8 {
            0
        }

        fn next(&self, state: &u8, seat: usize) -> Option<(Step, u8)> {
            let step = self.0.iter().find(|it| it.0 == *state && it.1 == seat)?;
            let does = if step.2 { Step::Eats } else { Step::Sits };
            Some((does, step.3))
        }
    }

    /// Graphs that are small enough to find the answers on paper: for each answer one in which it
    /// is the only difference to its neighbour.
    #[test]
    fn small_graphs_have_the_answers_that_were_found_by_hand() {
        const EATS: bool = true;
        const GOES: bool = false;
        for (what, steps, expected) in [
            //       deadlock, livelock, starvation weak, strong
            (
                "both eat whenever they like",
                &[(0, 0, EATS, 0), (0, 1, EATS, 0)][..],
                [false, false, false, false],
            ),
            (
                "after a meal nobody can go on",
                &[(0, 0, EATS, 1), (0, 1, EATS, 1)],
                [true, false, false, false],
            ),
            (
                "both go in a circle, and nobody ever can eat",
                &[
                    (0, 0, GOES, 1),
                    (0, 1, GOES, 1),
                    (1, 0, GOES, 0),
                    (1, 1, GOES, 0),
                ],
                [false, true, true, true],
            ),
            (
                "seat 0 goes in a circle, and seat 1 could eat all the time",
                &[
                    (0, 0, GOES, 1),
                    (1, 0, GOES, 0),
                    (0, 1, EATS, 0),
                    (1, 1, EATS, 1),
                ],
                // Seat 0 never eats, whatever seat 1 does.
                [false, false, true, true],
            ),
            (
                "seat 0 goes in a circle, and seat 1 could eat again and again",
                &[(0, 0, GOES, 1), (1, 0, GOES, 0), (1, 1, EATS, 0)],
                // Weakly fair without a meal: seat 1 has to wait in state 0.
                [false, true, true, true],
            ),
            (
                "seat 0 eats in a circle, and seat 1 could eat again and again",
                &[(0, 0, EATS, 1), (1, 0, GOES, 0), (1, 1, EATS, 0)],
                [false, false, true, false],
            ),
            (
                "seat 0 eats in a circle, and seat 1 could eat all the time",
                &[
                    (0, 0, EATS, 1),
                    (1, 0, GOES, 0),
                    (0, 1, EATS, 0),
                    (1, 1, EATS, 1),
                ],
                [false, false, false, false],
            ),
            (
                "they eat in turns",
                &[(0, 0, EATS, 1), (1, 1, EATS, 0)],
                [false, false, false, false],
            ),
        ] {
            assert_eq!(Drawn(steps).check(2).answers(), expected, "{what}");
        }
    }

    #[test]
    fn steps_are_compared_after_a_meal_too_and_until_somebody_leaves() {
        let turns = Drawn(&[(0, 0, true, 1), (1, 1, true, 0)]);
        let (first, second) = ((0, Step::Eats), (1, Step::Eats));
        assert_eq!(turns.follows(2, &[first, second, first]), Ok(()));
        let error = turns.follows(2, &[first, first]).unwrap_err();
        assert!(error.starts_with("step 1: seat 0 "), "{error}");
        let leaves = (0, Step::Leaves);
        assert_eq!(turns.follows(2, &[first, leaves, first]), Ok(()));
    }
}

//! All states of a rule's model, and what can go on for ever in them.
//!
//! A run is *weakly fair* if nobody who can go on from some instant on, without a break, is passed over for ever; and *strongly fair*
//! if nobody is who can go on again and again, breaks or not. What starves under strong fairness no scheduler can save. (Lamport,
//! "What good is temporal logic?", 1983, for the two words; the search for fair cycles by taking states out of strongly
//! connected components is that of Emerson and Lei, "Modalities for model checking", 1987.)

use std::collections::HashMap;

use crate::rule::{Rule, State, Step};

/// What is true of a rule with so many seats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// How many states the table can be in.
    pub states: usize,
    /// In some state nobody can go on.
    pub deadlock: bool,
    /// All can go on for ever, weakly fairly, without anybody eating.
    pub livelock: bool,
    /// Somebody may never eat again in a weakly fair run that goes on for ever: a deadlock is counted on its own.
    pub starvation_weak: bool,
    /// The same in a strongly fair one.
    pub starvation_strong: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fairness {
    Weak,
    Strong,
}

/// The graph of all states that can be reached.
struct Graph {
    seats: usize,
    /// For each state and seat: whether the step is a meal, and where it leads; `None` if the seat has to wait.
    next: Vec<Vec<Option<(bool, usize)>>>,
}

/// Looks at all states of a rule.
pub fn check(rule: &dyn Rule, seats: usize) -> Verdict {
    let graph = Graph::new(rule, seats);
    let all: Vec<usize> = (0..graph.next.len()).collect();
    let nobody_eats = |_: usize, eats: bool| !eats;
    let starves = |fairness| {
        (0..seats).any(|victim| {
            let never = |seat: usize, eats: bool| !(eats && seat == victim);
            graph.has_fair_cycle(all.clone(), &never, fairness)
        })
    };
    Verdict {
        states: graph.next.len(),
        deadlock: graph
            .next
            .iter()
            .any(|seats| seats.iter().all(Option::is_none)),
        livelock: graph.has_fair_cycle(all.clone(), &nobody_eats, Fairness::Weak),
        starvation_weak: starves(Fairness::Weak),
        starvation_strong: starves(Fairness::Strong),
    }
}

/// Whether these steps, in this order, are steps of the model.
///
/// # Errors
/// The first that is none, and what the model has in its place. What comes after somebody has left is not looked at.
pub fn follows(rule: &dyn Rule, seats: usize, steps: &[(usize, Step)]) -> Result<(), String> {
    let mut state = rule.start(seats);
    for (index, (seat, step)) in steps.iter().enumerate() {
        if *step == Step::Leaves {
            break;
        }
        match rule.next(&state, *seat) {
            Some((expected, next)) if expected == *step => state = next,
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

impl Graph {
    fn new(rule: &dyn Rule, seats: usize) -> Self {
        let mut numbers: HashMap<State, usize> = HashMap::new();
        let mut states = vec![rule.start(seats)];
        numbers.insert(states[0].clone(), 0);
        let mut next = Vec::new();
        while let Some(state) = states.get(next.len()).cloned() {
            let mut row = Vec::new();
            for seat in 0..seats {
                let step = rule.next(&state, seat).map(|(step, to)| {
                    let number = *numbers.entry(to.clone()).or_insert_with(|| {
                        states.push(to);
                        states.len() - 1
                    });
                    (step == Step::Eats, number)
                });
                row.push(step);
            }
            next.push(row);
        }
        Self { seats, next }
    }

    /// Whether a fair run can stay for ever among these states, with these steps only.
    fn has_fair_cycle(
        &self,
        among: Vec<usize>,
        allowed: &dyn Fn(usize, bool) -> bool,
        fairness: Fairness,
    ) -> bool {
        let mut work = vec![among];
        while let Some(states) = work.pop() {
            for component in self.components(&states, allowed) {
                // Who goes within it, and who could.
                let mut goes = vec![false; self.seats];
                let inside: std::collections::HashSet<_> = component.iter().copied().collect();
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
                        // A fair run has to keep out of the states in which somebody who never goes could.
                        work.push(rest);
                    }
                }
            }
        }
        false
    }

    /// Strongly connected components (Tarjan, 1972), with a stack of its own instead of recursion.
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

//! All states of the student's rule are examined, at tables of three to five seats.

use std::collections::{HashMap, HashSet};

use philosophers::ladder::AnyRule;
use philosophers::rule::{Rule, Step};
use timing::practise::{Judgement, Mistake};
use world::Table;

pub mod world {
    #[derive(Debug, Clone, PartialEq, Eq, Hash)]
    pub struct Table {
        /// Which seats eat.
        pub eats: Vec<bool>,
        /// A number for each fork.
        pub turn: Vec<usize>,
        pub(super) full: Vec<bool>,
    }

    impl Table {
        /// The seats before and behind this one.
        pub fn neighbours(&self, seat: usize) -> (usize, usize) {
            let seats = self.eats.len();
            ((seat + seats - 1) % seats, (seat + 1) % seats)
        }

        /// The left and the right fork of a seat.
        #[allow(dead_code)] // Not in every answer.
        pub fn forks(&self, seat: usize) -> (usize, usize) {
            (seat, (seat + 1) % self.eats.len())
        }
    }
}

type Start = fn(usize) -> Vec<usize>;
type MayEat = fn(&Table, usize) -> bool;
type After = fn(&mut Table, usize);

struct Student {
    start: Start,
    may_eat: MayEat,
    after: After,
}

impl Rule for Student {
    type State = Table;

    fn start(&self, seats: usize) -> Table {
        Table {
            eats: vec![false; seats],
            turn: (self.start)(seats),
            full: vec![false; seats],
        }
    }

    fn next(&self, table: &Table, seat: usize) -> Option<(Step, Table)> {
        let mut next = table.clone();
        Some(if table.full[seat] {
            (next.eats[seat], next.full[seat]) = (false, false);
            (self.after)(&mut next, seat);
            (Step::PutsBoth, next)
        } else if table.eats[seat] {
            next.full[seat] = true;
            (Step::Eats, next)
        } else if (self.may_eat)(table, seat) {
            next.eats[seat] = true;
            (Step::TakesBoth, next)
        } else {
            return None;
        })
    }
}

pub fn check(start: Start, may_eat: MayEat, after: After) -> Judgement {
    let rule = Student {
        start,
        may_eat,
        after,
    };
    let mut states = 0;
    for seats in 3..=5 {
        // What ladder has no question for: who eats at the same time.
        let most = together(&rule, seats)?;
        let verdict = rule.check(seats);
        if verdict.deadlock {
            let initial = rule.start(seats);
            let begins = (0..seats).any(|seat| rule.next(&initial, seat).is_some());
            return Err(Mistake::known(match begins {
                true => timing::known!(e4, kept),
                false => timing::known!(e4, circle),
            }));
        }
        if verdict.starvation_strong {
            return Err(Mistake::known(timing::known!(e4, monitor)));
        }
        if seats > 3 && most < 2 {
            let turn = rule.start(seats).turn;
            let by_fork =
                |(fork, turn): (usize, &usize)| *turn == fork || (*turn + 1) % seats == fork;
            return Err(Mistake::known(match turn.iter().enumerate().all(by_fork) {
                true => timing::known!(e4, one_meal),
                false => timing::known!(e4, queue),
            }));
        }
        states += verdict.states;
    }
    Ok(format!(
        "right in all {states} states of tables with 3, 4 and 5 seats"
    ))
}

/// The most seats that eat at the same time in any state.
///
/// # Errors
/// If two neighbours do, with the steps that lead there.
fn together(rule: &Student, seats: usize) -> Result<usize, Mistake> {
    let mut most = 0;
    let initial = rule.start(seats);
    let mut from: HashMap<Table, Option<(Table, usize, Step)>> =
        HashMap::from([(initial.clone(), None)]);
    let (mut found, mut seen) = (vec![initial], HashSet::new());
    while let Some(table) = found.pop() {
        let eat: Vec<_> = (0..seats).filter(|seat| table.eats[*seat]).collect();
        most = most.max(eat.len());
        if let Some(seat) = eat
            .iter()
            .find(|seat| table.eats[table.neighbours(**seat).1])
        {
            let mut story = Vec::new();
            let mut at = &table;
            while let Some((before, seat, step)) = &from[at] {
                story.insert(0, format!("seat {seat} {step}"));
                at = before;
            }
            let neighbour = table.neighbours(*seat).1;
            return Err(Mistake {
                story,
                ..Mistake::new(format!(
                    "the neighbours {seat} and {neighbour} eat at the same time."
                ))
            });
        }
        for seat in 0..seats {
            let Some((step, next)) = rule.next(&table, seat) else {
                continue;
            };
            if seen.insert(next.clone()) {
                from.entry(next.clone())
                    .or_insert(Some((table.clone(), seat, step)));
                found.push(next);
            }
            if seen.len() > 1_000_000 {
                let words = "the rule has more than a million states: let `turn` remember less.";
                return Err(Mistake::new(words));
            }
        }
    }
    Ok(most)
}

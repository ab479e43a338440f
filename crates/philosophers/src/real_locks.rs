//! Models in which mutex and condition variable are what they are, for the rules that use both.
//!
//! In the model of `monitor`, to look at the forks and to take them is one step, and who can take
//! them can go on. In the program a philosopher who is called has to lock the mutex first, and
//! finds the forks taken again if another was quicker. That philosopher has gone on, so even a
//! strongly fair scheduler owes it nothing. The same is true of `waiter` and the chair.

use crate::hand_over::Line;
use crate::rule::{Rule, Step};

/// A mutex.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Mutex {
    holder: Option<usize>,
    /// Those who were told to wait, if they are let in in this order; `None` if whoever comes at
    /// the right moment gets it.
    line: Option<Vec<usize>>,
}

impl Mutex {
    fn new(first_come: bool) -> Self {
        Self {
            holder: None,
            line: first_come.then(Vec::new),
        }
    }

    /// Locks it, or joins the line. `None` if the seat has to wait. The second value tells whether
    /// it has the lock.
    fn lock(&self, seat: usize) -> Option<(Self, bool)> {
        let mut next = self.clone();
        if let Some(line) = &mut next.line {
            match line.iter().position(|it| *it == seat) {
                None if self.holder.is_some() || !line.is_empty() => {
                    line.push(seat);
                    return Some((next, false));
                }
                None => (),
                Some(0) => drop(line.remove(0)),
                Some(_) => return None,
            }
        }
        next.holder = Some(seat);
        self.holder.is_none().then_some((next, true))
    }
}

/// What a call by the condition variable finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `monitor`: the forks lie on the table, for whoever looks first.
    Monitor,
    /// `waiter`: the chair is free, for whoever looks first.
    Waiter,
    /// `hand_over`: the forks belong to the one who is called.
    HandOver,
}

/// A rule with real locks.
#[derive(Debug, Clone, Copy)]
pub struct Model {
    /// Which rule.
    pub kind: Kind,
    /// Whether the mutex lets those in who wait for it in the order in which they came.
    pub first_come: bool,
}

/// How far a seat is in its round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// It wants the mutex, to look for the first time.
    Hungry,
    /// It holds the mutex, and looks for the first time.
    Looks,
    /// It waits for a call.
    Asleep,
    /// It was called, and wants the mutex.
    Called,
    /// It holds the mutex, and looks again.
    LooksAgain,
    /// It has a chair, and this many forks (only `waiter`).
    Sits(usize),
    /// It holds both forks, and has not eaten.
    HasBoth,
    /// It has eaten. It wants the mutex, to give back what it has.
    HasEaten,
    /// It holds the mutex, to give back what it has.
    GivesBack,
}

/// The table at one instant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    places: Vec<Place>,
    mutex: Mutex,
    /// Who holds each fork.
    forks: Vec<Option<usize>>,
    /// Chairs that are free.
    chairs: usize,
    /// Who sleeps, in the order in which they fell asleep.
    asleep: Vec<usize>,
    /// The line of `hand_over`.
    line: Line,
}

impl State {
    fn both(&self, seat: usize) -> [usize; 2] {
        [seat, (seat + 1) % self.places.len()]
    }

    /// From now on, this seat or nobody holds these forks.
    fn lay(&mut self, forks: [usize; 2], holder: Option<usize>) {
        for fork in forks {
            self.forks[fork] = holder;
        }
    }

    /// Takes what the rule asks for, if it is there.
    fn get(&mut self, kind: Kind, seat: usize, first: bool) -> Option<(Step, Place)> {
        match kind {
            Kind::Monitor => {
                let forks = self.both(seat);
                if forks.iter().any(|fork| self.forks[*fork].is_some()) {
                    return None;
                }
                self.lay(forks, Some(seat));
                Some((Step::TakesBoth, Place::HasBoth))
            }
            Kind::Waiter => {
                self.chairs = self.chairs.checked_sub(1)?;
                Some((Step::Sits, Place::Sits(0)))
            }
            Kind::HandOver => {
                if first {
                    self.line.join(seat);
                }
                (!self.line.has(seat)).then_some((Step::TakesBoth, Place::HasBoth))
            }
        }
    }

    /// Gives it back, and calls: one who sleeps, or all.
    fn give_back(&mut self, kind: Kind, seat: usize) -> Step {
        let called = match kind {
            Kind::Monitor | Kind::HandOver => self.asleep.len(),
            Kind::Waiter => 1.min(self.asleep.len()),
        };
        for one in self.asleep.drain(..called) {
            self.places[one] = Place::Called;
        }
        match kind {
            Kind::Monitor => {
                self.lay(self.both(seat), None);
                Step::PutsBoth
            }
            Kind::HandOver => {
                self.line.put_both(seat);
                Step::PutsBoth
            }
            Kind::Waiter => {
                self.chairs += 1;
                Step::Rises
            }
        }
    }
}

impl Rule for Model {
    type State = State;

    fn start(&self, seats: usize) -> State {
        State {
            places: vec![Place::Hungry; seats],
            mutex: Mutex::new(self.first_come),
            forks: vec![None; seats],
            chairs: seats - 1,
            asleep: Vec::new(),
            line: Line::new(seats),
        }
    }

    fn next(&self, state: &State, seat: usize) -> Option<(Step, State)> {
        use Place::*;
        let mut next = state.clone();
        let place = state.places[seat];
        let (step, to) = match place {
            Hungry | Called | HasEaten => {
                let (mutex, locked) = state.mutex.lock(seat)?;
                next.mutex = mutex;
                match (locked, place) {
                    (false, _) => (Step::Queues, place),
                    (true, Hungry) => (Step::Locks, Looks),
                    (true, Called) => (Step::Locks, LooksAgain),
                    (true, _) => (Step::Locks, GivesBack),
                }
            }
            Looks | LooksAgain => {
                next.mutex.holder = None;
                let got = next.get(self.kind, seat, place == Looks);
                got.unwrap_or_else(|| {
                    next.asleep.push(seat);
                    (Step::Sleeps, Asleep)
                })
            }
            Asleep => return None,
            Sits(held) => {
                let fork = state.both(seat)[held];
                if state.forks[fork].is_some() {
                    return None;
                }
                next.forks[fork] = Some(seat);
                let to = [Sits(1), HasBoth][held];
                (Step::Takes(fork), to)
            }
            HasBoth => {
                // The waiter's guests put back their forks before they get up, here in one step
                // with the meal: nobody who waits for a chair could notice more.
                if self.kind == Kind::Waiter {
                    next.lay(state.both(seat), None);
                }
                (Step::Eats, HasEaten)
            }
            GivesBack => {
                next.mutex.holder = None;
                (next.give_back(self.kind, seat), Hungry)
            }
        };
        next.places[seat] = to;
        Some((step, next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ladder::AnyRule;

    #[test]
    fn who_is_called_may_find_it_taken_again_unless_it_is_handed_over() {
        // The number of states tells of a call that is forgotten: it ends in no deadlock, as long
        // as one of them goes on.
        for (kind, first_come, states) in [
            (Kind::Monitor, false, [35, 190]),
            (Kind::Monitor, true, [71, 790]),
            (Kind::Waiter, false, [55, 415]),
            (Kind::Waiter, true, [99, 1_384]),
            (Kind::HandOver, false, [29, 259]),
            (Kind::HandOver, true, [53, 901]),
        ] {
            for (seats, states) in (2..).zip(states) {
                let verdict = Model { kind, first_come }.check(seats);
                assert_eq!(verdict.states, states, "{kind:?} {first_come} {seats}");
                let starves = kind != Kind::HandOver;
                // Nobody has to be let in by a mutex that keeps no order, unless the scheduler is
                // strongly fair.
                let weak = starves || !first_come;
                assert_eq!(
                    verdict.answers(),
                    [false, false, weak, starves],
                    "{kind:?} {first_come} {seats}"
                );
            }
        }
    }
}

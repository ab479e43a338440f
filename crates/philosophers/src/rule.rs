//! A rule as a model: what a philosopher may do in each state of the table. The models are so small
//! that all their states can be examined ([`crate::ladder`]).

use std::fmt;
use std::hash::Hash;

/// What a philosopher does. The real program reports the same steps that the models have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// Takes this fork.
    Takes(usize),
    /// Finds that this fork is taken.
    Finds(usize),
    /// Puts this fork back.
    Puts(usize),
    /// Sits down, with the waiter's permission.
    Sits,
    /// Gets up.
    Rises,
    /// Takes both forks at once.
    TakesBoth,
    /// Puts both forks back at once.
    PutsBoth,
    /// Asks the neighbour for this fork.
    Asks(usize),
    /// Hears that the neighbour asks for this fork.
    Hears(usize),
    /// Cleans this fork and gives it to the neighbour.
    Gives(usize),
    /// Gets this fork, clean.
    Gets(usize),
    /// Joins the line of those who wait to be served.
    Queues,
    /// Locks a mutex that the rule needs besides the forks.
    Locks,
    /// Unlocks it, and sleeps until it is called.
    Sleeps,
    /// Eats.
    Eats,
    /// Would wait for this fork for ever: the wait would close a cycle. No model has this step: a
    /// model's philosopher waits.
    Deadlocks(usize),
    /// Leaves the table, and its forks to the neighbours. No model has this step: a model's dinner
    /// goes on for ever.
    Leaves,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Takes(fork) => write!(f, "takes fork {fork}"),
            Self::Finds(fork) => write!(f, "finds fork {fork} taken"),
            Self::Puts(fork) => write!(f, "puts fork {fork} back"),
            Self::Sits => f.write_str("sits down"),
            Self::Rises => f.write_str("gets up"),
            Self::TakesBoth => f.write_str("takes both forks"),
            Self::PutsBoth => f.write_str("puts both forks back"),
            Self::Asks(fork) => write!(f, "asks for fork {fork}"),
            Self::Hears(fork) => write!(f, "is asked for fork {fork}"),
            Self::Gives(fork) => write!(f, "cleans fork {fork} and gives it away"),
            Self::Gets(fork) => write!(f, "gets fork {fork}"),
            Self::Queues => f.write_str("joins the line"),
            Self::Locks => f.write_str("locks the mutex"),
            Self::Sleeps => f.write_str("sleeps until it is called"),
            Self::Eats => f.write_str("eats"),
            Self::Deadlocks(fork) => write!(f, "would wait for fork {fork} for ever"),
            Self::Leaves => f.write_str("leaves"),
        }
    }
}

/// A rule's model. A philosopher who has put the forks back is hungry again at once: one who is
/// never hungry needs no rule.
pub trait Rule {
    /// The table at one instant.
    type State: Clone + Eq + Hash;

    /// The table before the first step.
    fn start(&self, seats: usize) -> Self::State;

    /// What this seat can do next, and the table after it; `None` if it has to wait for others.
    /// Each seat has one next step at most: the only choice is which seat goes.
    fn next(&self, state: &Self::State, seat: usize) -> Option<(Step, Self::State)>;
}

/// A table whose forks are locks. `P` is the rule's own type: how far a seat is in its round.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Locks<P> {
    /// How far each seat is in its round.
    pub places: Vec<P>,
    /// Which seat holds each fork.
    pub holders: Vec<Option<usize>>,
}

impl<P: Copy> Locks<P> {
    /// All forks lie on the table, and all seats are at the same place.
    pub fn new(seats: usize, place: P) -> Self {
        Self {
            places: vec![place; seats],
            holders: vec![None; seats],
        }
    }

    /// The fork to the left of a seat, and the fork to its right.
    pub fn forks(&self, seat: usize) -> (usize, usize) {
        (seat, (seat + 1) % self.places.len())
    }

    /// The table after this seat came to another place in its round.
    #[must_use]
    pub fn at(&self, seat: usize, place: P) -> Self {
        let mut next = self.clone();
        next.places[seat] = place;
        next
    }

    /// The table with the fork in the seat's hand; `None` if somebody has it.
    pub fn take(&self, seat: usize, fork: usize) -> Option<Self> {
        self.holders[fork].is_none().then(|| {
            let mut next = self.clone();
            next.holders[fork] = Some(seat);
            next
        })
    }

    /// The table with the fork back on it.
    #[must_use]
    pub fn put(&self, fork: usize) -> Self {
        let mut next = self.clone();
        next.holders[fork] = None;
        next
    }
}

/// How far a seat is that takes two forks one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TwoLocks {
    /// It holds nothing.
    Hungry,
    /// It holds its first fork.
    HasFirst,
    /// It holds both, and has not eaten.
    HasBoth,
    /// It holds both, and has eaten.
    HasEaten,
    /// It has put back the second fork, and holds the first.
    PutSecond,
}

/// One fork, the other fork, eat, and both back.
pub fn two_locks(
    state: &Locks<TwoLocks>,
    seat: usize,
    (first, second): (usize, usize),
) -> Option<(Step, Locks<TwoLocks>)> {
    use TwoLocks::*;
    Some(match state.places[seat] {
        Hungry => (
            Step::Takes(first),
            state.take(seat, first)?.at(seat, HasFirst),
        ),
        HasFirst => (
            Step::Takes(second),
            state.take(seat, second)?.at(seat, HasBoth),
        ),
        HasBoth => (Step::Eats, state.at(seat, HasEaten)),
        // Rust drops what a scope holds in reverse order: the second fork is put back first.
        HasEaten => (Step::Puts(second), state.put(second).at(seat, PutSecond)),
        PutSecond => (Step::Puts(first), state.put(first).at(seat, Hungry)),
    })
}

//! A rule as a model: what a philosopher may do in each state of the table. So small that all states can be looked at.

use std::fmt;

/// What somebody does. The real program tells the same steps that the models have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// Takes this fork.
    Takes(usize),
    /// Finds that this fork is taken.
    Finds(usize),
    /// Puts this fork back.
    Puts(usize),
    /// Sits down, with the waiter's leave.
    Sits,
    /// Gets up.
    Rises,
    /// Takes both forks at once.
    TakesBoth,
    /// Puts both back at once.
    PutsBoth,
    /// Asks the neighbour for this fork.
    Asks(usize),
    /// Hears that the neighbour asks for this fork.
    Hears(usize),
    /// Cleans this fork and gives it to the neighbour.
    Gives(usize),
    /// Gets this fork, clean.
    Gets(usize),
    /// Eats.
    Eats,
    /// Would wait for this fork for ever.
    Sticks(usize),
    /// Leaves the table, and its forks to the neighbours. No model has this one, nor the one before: there they dine, or wait, for ever.
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
            Self::Eats => f.write_str("eats"),
            Self::Sticks(fork) => write!(f, "would wait for fork {fork} for ever"),
            Self::Leaves => f.write_str("leaves"),
        }
    }
}

/// A table at one instant. What the numbers mean is the rule's business.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct State {
    /// How far each seat is in its round; 0 is hungry with nothing in its hands.
    pub seats: Vec<u8>,
    /// What the forks are like; for most rules 0 is free, 1 is held by seat 0 and so on.
    pub forks: Vec<u8>,
    /// What else there is.
    pub more: Vec<Vec<u8>>,
}

impl State {
    /// Everybody is hungry, and all forks lie on the table.
    pub fn new(seats: usize) -> Self {
        Self {
            seats: vec![0; seats],
            forks: vec![0; seats],
            more: Vec::new(),
        }
    }

    /// The same, with a seat at this place in its round.
    #[must_use]
    pub fn at(&self, seat: usize, place: u8) -> Self {
        let mut next = self.clone();
        next.seats[seat] = place;
        next
    }

    /// The same, with the fork in the seat's hand; `None` if it is in somebody's already.
    pub fn take(&self, seat: usize, fork: usize) -> Option<Self> {
        (self.forks[fork] == 0).then(|| {
            let mut next = self.clone();
            next.forks[fork] = seat as u8 + 1;
            next
        })
    }

    /// The same, with the fork on the table.
    #[must_use]
    pub fn put(&self, fork: usize) -> Self {
        let mut next = self.clone();
        next.forks[fork] = 0;
        next
    }
}

/// What may happen. Everybody is hungry again as soon as the forks are back: who is never hungry needs no rule.
pub trait Rule {
    /// How it begins.
    fn start(&self, seats: usize) -> State {
        State::new(seats)
    }

    /// What this seat can do next, and what the table is like then; `None` if it has to wait for others. There is never a choice
    /// but in who goes.
    fn next(&self, state: &State, seat: usize) -> Option<(Step, State)>;
}

//! The protocol as a state machine: what a philosopher knows, and which message is due. It has no
//! threads and no channels, so the real program and the model can share it.

use crate::rule::Step;

/// One of the two neighbours, and the fork that is shared with that neighbour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// The neighbour to the left, and the left fork.
    Left,
    /// The neighbour to the right, and the right fork.
    Right,
}

/// Both sides, the left one first.
pub const SIDES: [Side; 2] = [Side::Left, Side::Right];

/// A message between neighbours. The side is the receiver's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Message {
    /// "I would like this fork."
    Request(Side),
    /// Here it is, clean.
    Fork(Side),
}

/// Where a fork is, as far as one of its two users knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fork {
    /// This philosopher has it.
    Here {
        /// It was eaten with.
        dirty: bool,
        /// The neighbour has requested it.
        requested: bool,
    },
    /// The neighbour has it, or it is on its way.
    Away {
        /// It has been requested from the neighbour.
        requested: bool,
    },
}

/// What a philosopher knows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Protocol {
    /// By side.
    pub forks: [Fork; 2],
    /// It wants to eat.
    pub hungry: bool,
}

/// Decides whether a requested fork is given away, by a philosopher who is `hungry` or is not.
pub type Gives = fn(dirty: bool, hungry: bool) -> bool;

/// The rule of Chandy and Misra: a dirty fork is always given away.
pub const IF_DIRTY: Gives = |dirty, _| dirty;

impl Side {
    /// The side on which the neighbour has the same fork.
    pub fn opposite(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }

    /// The seat on this side.
    pub fn neighbour(self, seat: usize, seats: usize) -> usize {
        match self {
            Self::Left => (seat + seats - 1) % seats,
            Self::Right => (seat + 1) % seats,
        }
    }

    /// Of a seat's two forks, the one on this side.
    pub fn of(self, left: usize, right: usize) -> usize {
        match self {
            Self::Left => left,
            Self::Right => right,
        }
    }
}

impl Message {
    /// The step of a receiver with these forks.
    pub fn heard(self, left: usize, right: usize) -> Step {
        match self {
            Self::Request(side) => Step::Hears(side.of(left, right)),
            Self::Fork(side) => Step::Gets(side.of(left, right)),
        }
    }

    /// The step of a sender with these forks.
    pub fn sent(self, left: usize, right: usize) -> Step {
        match self {
            Self::Request(side) => Step::Asks(side.opposite().of(left, right)),
            Self::Fork(side) => Step::Gives(side.opposite().of(left, right)),
        }
    }
}

impl Protocol {
    /// All forks begin dirty, and at the lower of their two neighbours: seat 0 has two, the last
    /// seat none. So there is no cycle in who yields to whom.
    pub fn new(seat: usize, seats: usize) -> Self {
        let fork = |side: Side| match seat < side.neighbour(seat, seats) {
            true => Fork::Here {
                dirty: true,
                requested: false,
            },
            false => Fork::Away { requested: false },
        };
        Self {
            forks: SIDES.map(fork),
            hungry: false,
        }
    }

    /// Whether it can eat.
    pub fn has_both(&self) -> bool {
        let is_here = |fork: &Fork| matches!(fork, Fork::Here { .. });
        self.forks.iter().all(is_here)
    }

    /// The next message that is due, and to whom: a fork to be given away, or a request for one
    /// that is missing. It counts as sent.
    pub fn next_message(&mut self, gives: Gives) -> Option<(Side, Message)> {
        for side in SIDES {
            let fork = &mut self.forks[side as usize];
            match *fork {
                Fork::Here {
                    dirty,
                    requested: true,
                } if gives(dirty, self.hungry) => {
                    *fork = Fork::Away { requested: false };
                    return Some((side, Message::Fork(side.opposite())));
                }
                Fork::Away { requested: false } if self.hungry => {
                    *fork = Fork::Away { requested: true };
                    return Some((side, Message::Request(side.opposite())));
                }
                Fork::Here { .. } | Fork::Away { .. } => {}
            }
        }
        None
    }

    /// Notes what a neighbour says.
    ///
    /// # Panics
    /// If a fork is requested that is not here: the protocol never does that.
    pub fn hear(&mut self, message: Message) {
        match message {
            Message::Request(side) => match &mut self.forks[side as usize] {
                Fork::Here { requested, .. } => *requested = true,
                // Messages between two neighbours arrive in the order in which they were sent.
                Fork::Away { .. } => panic!("a fork is requested from a philosopher without it"),
            },
            Message::Fork(side) => {
                self.forks[side as usize] = Fork::Here {
                    dirty: false,
                    requested: false,
                };
            }
        }
    }

    /// Ends a meal: both forks are dirty.
    pub fn eat(&mut self) {
        self.hungry = false;
        for fork in &mut self.forks {
            if let Fork::Here { dirty, .. } = fork {
                *dirty = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a seat with fork 3 to its left and fork 4 to its right.
    #[test]
    fn a_message_is_about_the_fork_between_the_two() {
        for (side, heard, sent) in [(Side::Left, 3, 4), (Side::Right, 4, 3)] {
            let (request, fork) = (Message::Request(side), Message::Fork(side));
            assert_eq!(request.heard(3, 4), Step::Hears(heard));
            assert_eq!(fork.heard(3, 4), Step::Gets(heard));
            assert_eq!(request.sent(3, 4), Step::Asks(sent));
            assert_eq!(fork.sent(3, 4), Step::Gives(sent));
        }
    }
}

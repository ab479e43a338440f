//! No lock at all: forks are sent as messages, and a philosopher keeps a fork until a neighbour
//! requests it. A fork that was eaten with is *dirty*. A request for a dirty fork is granted at
//! once: the fork is cleaned and given away, even by a hungry philosopher. A request for a clean
//! fork waits until the meal is over. So a philosopher who has just eaten yields to a hungry
//! neighbour, and nobody starves.
//!
//! Chandy and Misra, "The drinking philosophers problem", ACM TOPLAS 6(4), 1984.

use std::time::{Duration, Instant};

use anyhow::Result;
use timing::Timeline;

use crate::outcome::{Dinner, End};
use crate::rule::{Rule, Step};
use crate::seat::{NAP, Seat};
use crate::sync::channel::{Receiver, Sender, unbounded};
use crate::{Job, dine};
use protocol::{Fork, Gives, IF_DIRTY, Message, Protocol, SIDES};

mod protocol;

/// Seats the philosophers.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Dinner> {
    giving(IF_DIRTY, job, timeline)
}

/// Seats philosophers who give their forks away by another rule.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn giving(gives: Gives, job: &Job, timeline: &Timeline) -> Result<Dinner> {
    let n = job.seats;
    let (senders, inboxes): (Vec<_>, Vec<_>) = (0..n).map(|_| unbounded()).unzip();
    let mut inboxes = inboxes.into_iter();
    dine::dine(job, timeline, |seat| {
        let mut philosopher = Philosopher {
            protocol: Protocol::new(seat, n),
            gives,
            neighbours: SIDES.map(|side| senders[side.neighbour(seat, n)].clone()),
            inbox: inboxes.next().expect("one for each"),
        };
        move |seat| philosopher.dine(seat)
    })
}

struct Philosopher {
    protocol: Protocol,
    gives: Gives,
    /// By side.
    neighbours: [Sender<Message>; 2],
    inbox: Receiver<Message>,
}

impl Philosopher {
    fn dine(&mut self, seat: &mut Seat) -> Result<(), End> {
        while let Some(think) = seat.next_round() {
            self.think(think, seat);
            seat.get_hungry();
            self.protocol.hungry = true;
            loop {
                self.send_what_is_due(seat);
                // First the inbox, even with both forks here: a neighbour may have requested a
                // dirty one, which must not be used for a second meal.
                if let Ok(message) = self.inbox.try_recv() {
                    self.hear(message, seat);
                } else if self.protocol.has_both() {
                    break;
                } else {
                    let message = self.inbox.recv().expect("the senders outlive the dinner");
                    self.hear(message, seat);
                }
            }
            seat.eat();
            self.protocol.eat();
            self.send_what_is_due(seat);
        }
        self.leave(seat);
        Ok(())
    }

    /// Thinks, and answers the neighbours meanwhile.
    fn think(&mut self, time: Duration, seat: &Seat) {
        let end = Instant::now() + time;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || seat.is_over() {
                break;
            }
            if let Ok(message) = self.inbox.recv_timeout(left.min(NAP)) {
                self.hear(message, seat);
                self.send_what_is_due(seat);
            }
        }
    }

    fn hear(&mut self, message: Message, seat: &Seat) {
        seat.tell(message.heard(seat.left(), seat.right()));
        self.protocol.hear(message);
    }

    fn send_what_is_due(&mut self, seat: &Seat) {
        while let Some((to, message)) = self.protocol.next_message(self.gives) {
            // A neighbour who has left needs no message.
            let _ = self.neighbours[to as usize].send(message);
            seat.tell(message.sent(seat.left(), seat.right()));
        }
    }

    /// The philosopher will not eat again: its forks are the neighbours' from now on.
    fn leave(&mut self, seat: &Seat) {
        seat.tell(Step::Leaves);
        for side in SIDES {
            if let Fork::Here { .. } = self.protocol.forks[side as usize] {
                let _ = self.neighbours[side as usize].send(Message::Fork(side.opposite()));
            }
        }
    }
}

/// The rule as a model.
pub struct Model;

/// A seat of the model.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Knows {
    protocol: Protocol,
    /// In the order in which they were sent.
    inbox: Vec<Message>,
}

impl Rule for Model {
    type State = Vec<Knows>;

    fn start(&self, seats: usize) -> Self::State {
        let knows = |seat| Knows {
            protocol: Protocol {
                hungry: true,
                ..Protocol::new(seat, seats)
            },
            inbox: Vec::new(),
        };
        (0..seats).map(knows).collect()
    }

    fn next(&self, state: &Self::State, seat: usize) -> Option<(Step, Self::State)> {
        let (left, right) = (seat, (seat + 1) % state.len());
        let mut next = state.clone();
        if let Some((to, message)) = next[seat].protocol.next_message(IF_DIRTY) {
            next[to.neighbour(seat, state.len())].inbox.push(message);
            return Some((message.sent(left, right), next));
        }
        let Knows { protocol, inbox } = &mut next[seat];
        if !protocol.hungry {
            protocol.hungry = true;
            return self.next(&next, seat);
        }
        if !inbox.is_empty() {
            let message = inbox.remove(0);
            protocol.hear(message);
            return Some((message.heard(left, right), next));
        }
        if !protocol.has_both() {
            return None;
        }
        protocol.eat();
        Some((Step::Eats, next))
    }
}

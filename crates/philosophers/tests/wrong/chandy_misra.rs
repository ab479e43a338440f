//! `src/chandy_misra.rs` with a hungry philosopher who keeps a dirty fork that it is asked for: known to be wrong, and kept so
//! that a checker must find it. All else is the same.

use anyhow::Result;
use timing::Timeline;

use crate::outcome::{Dinner, End};
use crate::rule::Step;
use crate::seat::Seat;
use crate::sync::channel::{Receiver, Sender, unbounded};
use crate::{Job, dine, seat};

/// What neighbours send each other. It names the fork: two who dine alone share both.
#[derive(Debug, Clone, Copy)]
enum Message {
    /// "I would like this fork."
    Ask(usize),
    /// Here it is, clean.
    Fork(usize),
}

/// One of the two forks that a philosopher eats with, as far as this one knows.
#[derive(Debug, Clone, Copy, Default)]
struct Side {
    fork: usize,
    /// It is here.
    here: bool,
    /// It was eaten with.
    dirty: bool,
    /// The neighbour has asked for it.
    wanted: bool,
    /// The neighbour was asked for it.
    asked: bool,
}

struct Philosopher {
    sides: [Side; 2],
    neighbours: [Sender<Message>; 2],
    inbox: Receiver<Message>,
    hungry: bool,
}

/// Seats them.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Dinner> {
    let n = job.seats;
    let (senders, inboxes): (Vec<_>, Vec<_>) = (0..n).map(|_| unbounded()).unzip();
    let mut inboxes = inboxes.into_iter();
    dine::dine(job, timeline, |number| {
        let right = (number + 1) % n;
        // All begin dirty, with the lower of the two neighbours: seat 0 has both of its forks, the last one none. So there is no circle
        // in who stands back behind whom.
        let side = |fork, other| Side {
            fork,
            here: number < other,
            dirty: true,
            ..Side::default()
        };
        let left = (number + n - 1) % n;
        let mut philosopher = Philosopher {
            sides: [side(number, left), side(right, right)],
            neighbours: [senders[left].clone(), senders[right].clone()],
            inbox: inboxes.next().expect("one for each"),
            hungry: false,
        };
        move |seat| philosopher.dine(seat)
    })
}

impl Philosopher {
    fn dine(&mut self, seat: &mut Seat) -> Result<(), End> {
        while let Some(think) = seat.next_round() {
            self.think(think, seat);
            seat.get_hungry();
            self.hungry = true;
            loop {
                self.do_duties(seat);
                // Also when both are here: a neighbour may have asked for a dirty one, and then it must not be eaten with again.
                if let Ok(message) = self.inbox.try_recv() {
                    self.hear(message, seat);
                } else if self.sides.iter().all(|side| side.here) {
                    break;
                } else {
                    let message = self.inbox.recv().expect("the senders outlive the dinner");
                    self.hear(message, seat);
                }
            }
            seat.eat();
            self.hungry = false;
            for side in &mut self.sides {
                side.dirty = true;
            }
            self.do_duties(seat);
        }
        self.leave(seat);
        Ok(())
    }

    /// Thinks, and answers the neighbours meanwhile.
    fn think(&mut self, time: std::time::Duration, seat: &Seat) {
        let end = std::time::Instant::now() + time;
        loop {
            let left = end.saturating_duration_since(std::time::Instant::now());
            if left.is_zero() || seat.is_over() {
                break;
            }
            if let Ok(message) = self.inbox.recv_timeout(left.min(seat::NAP)) {
                self.hear(message, seat);
                self.do_duties(seat);
            }
        }
    }

    fn hear(&mut self, message: Message, seat: &Seat) {
        match message {
            Message::Ask(fork) => {
                seat.tell(Step::Hears(fork));
                self.side(fork).wanted = true;
            }
            Message::Fork(fork) => {
                seat.tell(Step::Gets(fork));
                let side = self.side(fork);
                (side.here, side.dirty, side.asked) = (true, false, false);
            }
        }
    }

    fn side(&mut self, fork: usize) -> &mut Side {
        let side = self.sides.iter_mut().find(|side| side.fork == fork);
        side.expect("neighbours share the forks they write of")
    }

    /// Gives what must be given, and asks for what is missing.
    fn do_duties(&mut self, seat: &Seat) {
        while let Some((index, gives)) = duty(&self.sides, self.hungry) {
            let side = &mut self.sides[index];
            let (message, step) = match gives {
                true => {
                    (side.here, side.wanted) = (false, false);
                    (Message::Fork(side.fork), Step::Gives(side.fork))
                }
                false => {
                    side.asked = true;
                    (Message::Ask(side.fork), Step::Asks(side.fork))
                }
            };
            // A neighbour who has left needs neither.
            let _ = self.neighbours[index].send(message);
            seat.tell(step);
        }
    }

    /// It will not eat again: the forks are the neighbours' from now on.
    fn leave(&mut self, seat: &Seat) {
        seat.tell(Step::Leaves);
        for (side, neighbour) in self.sides.iter().zip(&self.neighbours) {
            if side.here {
                let _ = neighbour.send(Message::Fork(side.fork));
            }
        }
    }
}

/// The next thing to do for a side, and whether that is to give its fork away; otherwise it is to ask for it.
fn duty(sides: &[Side; 2], hungry: bool) -> Option<(usize, bool)> {
    for (index, side) in sides.iter().enumerate() {
        if side.here && side.dirty && side.wanted && !hungry {
            return Some((index, true));
        }
        if hungry && !side.here && !side.asked {
            return Some((index, false));
        }
    }
    None
}

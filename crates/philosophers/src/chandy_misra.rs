//! No lock at all: a fork is a message, and who has it has it until it is asked for. A fork that was eaten with is dirty. Who is
//! asked for a dirty fork cleans it and gives it away, hungry or not; who is asked for a clean one keeps it until the meal is over. So who
//! has eaten stands back behind who has not, and nobody starves.
//!
//! Chandy and Misra, "The drinking philosophers problem", ACM TOPLAS 6(4), 1984.

use anyhow::Result;
use timing::Timeline;

use crate::outcome::{Dinner, End};
use crate::rule::{Rule, State, Step};
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
        if side.here && side.dirty && side.wanted {
            return Some((index, true));
        }
        if hungry && !side.here && !side.asked {
            return Some((index, false));
        }
    }
    None
}

/// The rule as a model. A seat's place is 0 hungry, 1 done eating with duties left; `forks` is not used, and `more` has for each
/// seat what it knows of its two forks, and then what waits in its inbox.
pub struct Model;

/// Bits of what a seat knows of a fork.
const HERE: u8 = 1;
const DIRTY: u8 = 2;
const WANTED: u8 = 4;
const ASKED: u8 = 8;

impl Rule for Model {
    fn start(&self, seats: usize) -> State {
        let mut state = State::new(seats);
        for seat in 0..seats {
            let (left, right) = ((seat + seats - 1) % seats, (seat + 1) % seats);
            let side = |other| DIRTY | if seat < other { HERE } else { 0 };
            state.more.push(vec![side(left), side(right)]);
        }
        state
    }

    fn next(&self, state: &State, seat: usize) -> Option<(Step, State)> {
        let n = state.seats.len();
        let forks = [seat, (seat + 1) % n];
        let neighbours = [(seat + n - 1) % n, (seat + 1) % n];
        let knows = |index: usize| {
            let bits = state.more[seat][index];
            Side {
                fork: forks[index],
                here: bits & HERE != 0,
                dirty: bits & DIRTY != 0,
                wanted: bits & WANTED != 0,
                asked: bits & ASKED != 0,
            }
        };
        let hungry = state.seats[seat] == 0;
        let mut next = state.clone();
        if let Some((index, gives)) = duty(&[knows(0), knows(1)], hungry) {
            let bits = &mut next.more[seat][index];
            *bits = if gives {
                *bits & !(HERE | WANTED)
            } else {
                *bits | ASKED
            };
            // In an inbox a fork is 2 more than twice its number, a question one less.
            let message = 2 * forks[index] as u8 + if gives { 2 } else { 1 };
            next.more[neighbours[index]].push(message);
            let step = if gives {
                Step::Gives(forks[index])
            } else {
                Step::Asks(forks[index])
            };
            return Some((step, next));
        }
        if !hungry {
            return self.next(&state.at(seat, 0), seat);
        }
        if state.more[seat].len() == 2 {
            if !(0..2).all(|index| knows(index).here) {
                return None;
            }
            next.seats[seat] = 1;
            for bits in &mut next.more[seat] {
                *bits |= DIRTY;
            }
            return Some((Step::Eats, next));
        }
        let message = usize::from(next.more[seat].remove(2)) - 1;
        let fork = message / 2;
        let index = forks.iter().position(|mine| *mine == fork)?;
        let bits = &mut next.more[seat][index];
        match message % 2 {
            0 => {
                *bits |= WANTED;
                Some((Step::Hears(fork), next))
            }
            _ => {
                *bits = (*bits | HERE) & !(DIRTY | ASKED);
                Some((Step::Gets(fork), next))
            }
        }
    }
}

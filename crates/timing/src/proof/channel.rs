//! A channel for proofs with any number of receivers, as crossbeam's has.
//!
//! shuttle's own channels have one receiver. Here each operation is a single step of the schedule,
//! so nothing is proven about the inside of a real channel, and there are few schedules.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

pub use std::sync::mpsc::{RecvError, SendError};

use shuttle::future::block_on;

use super::{lock, moment};

/// Returns a channel that holds any number of messages.
pub fn unbounded<T>() -> (Sender<T>, Receiver<T>) {
    bounded(usize::MAX)
}

/// Returns a channel that holds at most so many messages. A sender waits while it is full. A
/// channel without room hands a message over when a receiver waits for it.
pub fn bounded<T>(room: usize) -> (Sender<T>, Receiver<T>) {
    let state = State {
        messages: VecDeque::new(),
        room,
        senders: 1,
        receivers: 1,
        ready: 0,
        waiting: Vec::new(),
    };
    // A lock of the standard library, held within a step only.
    let shared = Arc::new(Mutex::new(state));
    (Sender(Arc::clone(&shared)), Receiver(shared))
}

#[derive(Debug)]
struct State<T> {
    messages: VecDeque<T>,
    room: usize,
    senders: usize,
    receivers: usize,
    /// How many receivers wait for a message. None of them does anything else before it has one.
    ready: usize,
    /// The threads that wait for a message, or for room.
    waiting: Vec<Waker>,
}

impl<T> State<T> {
    fn is_full(&self) -> bool {
        let room = if self.room == 0 {
            self.ready
        } else {
            self.room
        };
        self.messages.len() >= room
    }

    fn wait<R>(&mut self, context: &Context<'_>) -> Poll<R> {
        self.waiting.push(context.waker().clone());
        Poll::Pending
    }

    fn wake(&mut self) {
        self.waiting.drain(..).for_each(Waker::wake);
    }
}

/// A step of its own: a thread that unwinds makes none, as it could not be stopped there.
fn step() {
    if !std::thread::panicking() {
        moment();
    }
}

/// The end of a channel that messages go into. Cloning it makes another sender.
#[derive(Debug)]
pub struct Sender<T>(Arc<Mutex<State<T>>>);

impl<T> Sender<T> {
    /// Waits until there is room, and puts a message into the channel.
    ///
    /// # Errors
    /// If all receivers are gone. The error has the message.
    pub fn send(&self, message: T) -> Result<(), SendError<T>> {
        step();
        let mut message = Some(message);
        block_on(poll_fn(|context| {
            let mut state = lock(&self.0);
            if state.receivers > 0 && state.is_full() {
                return state.wait(context);
            }
            let message = message.take().expect("it is sent once");
            if state.receivers == 0 {
                return Poll::Ready(Err(SendError(message)));
            }
            state.messages.push_back(message);
            state.wake();
            Poll::Ready(Ok(()))
        }))
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        lock(&self.0).senders += 1;
        Self(Arc::clone(&self.0))
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        step();
        let mut state = lock(&self.0);
        state.senders -= 1;
        if state.senders == 0 {
            state.wake();
        }
    }
}

/// The end of a channel that messages come out of. Cloning it makes another receiver: each message
/// goes to one of them.
#[derive(Debug)]
pub struct Receiver<T>(Arc<Mutex<State<T>>>);

impl<T> Receiver<T> {
    /// Waits for the next message.
    ///
    /// # Errors
    /// If there is none, and all senders are gone.
    pub fn recv(&self) -> Result<T, RecvError> {
        step();
        let mut is_ready = false;
        block_on(poll_fn(|context| {
            let mut state = lock(&self.0);
            let found = match state.messages.pop_front() {
                Some(message) => Ok(message),
                None if state.senders == 0 => Err(RecvError),
                None => {
                    if !std::mem::replace(&mut is_ready, true) {
                        state.ready += 1;
                        if state.room == 0 {
                            state.wake();
                        }
                    }
                    return state.wait(context);
                }
            };
            state.ready -= usize::from(is_ready);
            if found.is_ok() {
                state.wake();
            }
            Poll::Ready(found)
        }))
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        lock(&self.0).receivers += 1;
        Self(Arc::clone(&self.0))
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        step();
        let mut state = lock(&self.0);
        state.receivers -= 1;
        if state.receivers == 0 {
            state.wake();
            let lost = std::mem::take(&mut state.messages);
            // A message may have a destructor with steps of its own.
            drop(state);
            drop(lost);
        }
    }
}

impl<T> Iterator for Receiver<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.recv().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proof::{Bound, Verdict, explore};
    use shuttle::thread;

    fn check(body: fn() -> Verdict) {
        let explored = explore(Bound::preemptions(2), move |_| body());
        assert!(explored.complete && explored.schedules > 1, "{explored}");
        assert_eq!(explored.shortest, None);
    }

    #[test]
    fn each_message_goes_to_one_receiver_and_the_end_to_all() {
        check(|| {
            let (sender, receiver) = unbounded();
            let receivers = [receiver.clone(), receiver];
            let all = receivers.map(|it| thread::spawn(move || it.collect::<Vec<_>>()));
            for message in 1..=2 {
                sender.send(message).unwrap();
            }
            drop(sender);
            let mut found = all.map(|thread| thread.join().unwrap()).concat();
            found.sort_unstable();
            (found == [1, 2]).then_some(()).ok_or(format!("{found:?}"))
        });
    }

    #[test]
    fn the_end_comes_with_the_last_sender() {
        check(|| {
            let (sender, receiver) = unbounded();
            let other = sender.clone();
            let thread = thread::spawn(move || other.send(1).is_ok());
            drop(sender);
            let found = (receiver.recv(), receiver.recv());
            assert!(thread.join().unwrap());
            (found == (Ok(1), Err(RecvError)))
                .then_some(())
                .ok_or(format!("{found:?}"))
        });
    }

    /// Without room, a message that was sent is in the hands of a receiver.
    #[test]
    fn without_room_a_message_is_handed_over() {
        check(|| {
            let (sender, receiver) = bounded(0);
            let thread = thread::spawn(move || [1, 2].map(|message| sender.send(message).is_ok()));
            let first = receiver.recv();
            drop(receiver);
            match (first, thread.join().unwrap()) {
                (Ok(1), [true, false]) => Ok(()),
                other => Err(format!("{other:?}")),
            }
        });
    }

    #[test]
    fn a_sender_waits_for_room_and_learns_that_nobody_listens() {
        check(|| {
            let (sender, receiver) = bounded(1);
            let thread =
                thread::spawn(move || [1, 2, 3].map(|message| sender.send(message).is_ok()));
            let first = receiver.recv();
            drop(receiver);
            let sent = thread.join().unwrap();
            // The first has been received, and of the others at most one had room.
            match (first, sent) {
                (Ok(1), [true, _, false]) => Ok(()),
                other => Err(format!("{other:?}")),
            }
        });
    }
}

//! No fork is in two hands, all eat, and nobody has to wait for one who is no neighbour.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use timing::practise::schedules::Schedules;
use timing::practise::{Judgement, Mistake, misconception};
use world::{Arc, Condvar, Mutex, Table, moment, note, threads};

pub mod world {
    pub use timing::practise::world::*;

    pub struct Table {
        pub taken: Mutex<Vec<bool>>,
        pub changed: Condvar,
    }
}

type Both = fn(&Table, usize, usize);

pub fn check(take_both: Both, put_both: Both) -> Judgement {
    let schedules = Schedules::preemptions(2);
    let silent = misconception(timing::known!(e3, silent));
    let whole = |seats| {
        let claim = schedules.clone().stuck(silent.clone());
        claim.always(move || eaten_whole(seats, take_both, put_both))
    };
    let scope = whole(3).map_err(|mistake| {
        let slept = mistake.story.iter().any(|line| line.contains("sleeps"));
        // With two seats, each wants just the two forks of the other.
        let known = match whole(2) {
            Ok(_) if !slept => Some(timing::known!(e3, one_fork)),
            _ if slept && mistake.sentence != silent => Some(timing::known!(e3, once)),
            _ => None,
        };
        let notified = mistake.story.iter().any(|line| line.contains("notifies"));
        match notified && mistake.sentence == silent {
            true => Mistake {
                sentence: "a philosopher sleeps for ever, though there was a notification."
                    .to_owned(),
                ..mistake
            },
            false => mistake.explained(known),
        }
    })?;
    // Seat 0 eats until seat 3 has eaten. No fork of one is a fork of the other.
    let one_call = misconception(timing::known!(e3, one_call));
    Schedules::preemptions(1).stuck(one_call).always(move || {
        let eaten = Arc::new((
            shuttle::sync::Mutex::new(false),
            shuttle::sync::Condvar::new(),
        ));
        run(5, 4, take_both, put_both, move |seat| {
            if seat == 3 {
                *eaten.0.lock().unwrap() = true;
                eaten.1.notify_all();
            } else if seat == 0 {
                let guard = eaten.0.lock().unwrap();
                drop(eaten.1.wait_while(guard, |eaten| !*eaten).unwrap());
            }
            Ok(())
        })
    })?;
    Ok(scope)
}

/// All eat once, and no fork is in two hands.
fn eaten_whole(seats: usize, take_both: Both, put_both: Both) -> Result<(), String> {
    let in_hand: Vec<_> = (0..seats).map(|_| AtomicBool::new(false)).collect();
    run(seats, seats, take_both, put_both, move |seat| {
        // No step of the schedule.
        let forks = [seat, (seat + 1) % seats].map(|fork| &in_hand[fork]);
        let taken = forks.map(|fork| fork.swap(true, Relaxed));
        moment();
        for fork in forks {
            fork.store(false, Relaxed);
        }
        match taken.contains(&true) {
            false => Ok(()),
            true => Err(format!(
                "seat {seat} eats with a fork that a neighbour has in hand."
            )),
        }
    })
}

/// A table with so many forks, at which the first seats are taken.
fn run(
    forks: usize,
    seats: usize,
    take_both: Both,
    put_both: Both,
    eat: impl Fn(usize) -> Result<(), String> + Send + Sync + 'static,
) -> Result<(), String> {
    let table = Table {
        taken: Mutex::new(vec![false; forks]),
        changed: Condvar::new(),
    };
    let wrong = Arc::new(std::sync::Mutex::new(Ok(())));
    let first = Arc::clone(&wrong);
    threads(seats, move |seat| {
        let (left, right) = (seat, (seat + 1) % forks);
        take_both(&table, left, right);
        note("eats", format!("at seat {seat}"));
        if let Err(error) = eat(seat) {
            first.lock().unwrap().clone_from(&Err(error));
        }
        note("finishes", "eating");
        put_both(&table, left, right);
    });
    wrong.lock().unwrap().clone()
}

//! All eat with both forks in every schedule, and two can eat at the same time.

use timing::practise::schedules::Schedules;
use timing::practise::{Judgement, Mistake, misconception};
use world::{Arc, Table, notes, peak, threads};

pub mod world {
    pub use timing::practise::world::*;

    pub struct Table {
        forks: Vec<Mutex<()>>,
        #[allow(dead_code)] // Only who is wrong locks it.
        pub whole: Mutex<()>,
    }

    impl Table {
        pub fn new(seats: usize) -> Self {
            Self {
                forks: (0..seats).map(|_| Mutex::new(())).collect(),
                whole: Mutex::new(()),
            }
        }

        pub fn seats(&self) -> usize {
            self.forks.len()
        }

        pub fn fork(&self, number: usize) -> MutexGuard<'_, ()> {
            self.forks[number].lock().unwrap()
        }

        #[allow(dead_code)] // Only by some who are wrong.
        pub fn try_fork(&self, number: usize) -> Option<MutexGuard<'_, ()>> {
            self.forks[number].try_lock().ok()
        }
    }

    pub fn eat(seat: usize) {
        note("eats", format!("at seat {seat}"));
        moment();
        note("finishes", "eating");
    }
}

type Dine = fn(&Table, usize);

pub fn check(dine: Dine) -> Judgement {
    let schedules = Schedules::preemptions(2);
    let scope = schedules
        .clone()
        .stuck(misconception(timing::known!(e1, all_left)))
        .always(move || {
            run(dine, 3, &[0, 1, 2]);
            let notes = notes();
            match notes.iter().filter(|note| note.verb == "eats").count() {
                3 => Ok(()),
                _ if notes.iter().any(|note| note.verb == "finds") => {
                    Err(misconception(timing::known!(e1, gives_up)))
                }
                meals => Err(format!("of 3 philosophers {meals} ate.")),
            }
        })
        .map_err(|mistake| match waits_for_itself(&mistake) {
            true => Mistake {
                sentence: "a philosopher waits for a fork that is in the own hand.".to_owned(),
                ..mistake
            },
            false => mistake,
        })?;
    schedules.always(move || {
        run(dine, 3, &[0, 1]);
        match (1..=2).all(eats_with_two) {
            true => Ok(()),
            false => Err(misconception(timing::known!(e1, lets_go))),
        }
    })?;
    let never = "two philosophers who are no neighbours never eat at the same time.";
    let at_once = schedules.sometimes(never, move || {
        run(dine, 4, &[0, 2]);
        peak("eats", "finishes") == 2
    });
    at_once.map_err(|mistake| {
        // The lock after those of the four forks.
        let whole = notes().iter().any(|note| note.what.starts_with("lock 4"));
        mistake.explained(whole.then_some(timing::known!(e1, table_lock)))
    })?;
    Ok(scope)
}

fn waits_for_itself(mistake: &Mistake) -> bool {
    mistake.story.iter().any(|line| {
        let mut parts = line.split(" waits for ");
        let (Some(waits), Some(held)) = (parts.next(), parts.next()) else {
            return false;
        };
        held.ends_with(&format!("which {waits} holds"))
    })
}

/// A table with so many forks, at which these seats are taken.
fn run(dine: Dine, forks: usize, seats: &'static [usize]) {
    let table = Arc::new(Table::new(forks));
    threads(seats.len(), move |number| dine(&table, seats[number]));
}

/// Whether a thread holds two forks, and not only the whole table, from the begin to the end of its
/// meal. The locks of the three forks are the first ones.
fn eats_with_two(thread: usize) -> bool {
    let mut held = 0;
    for note in notes().iter().filter(|note| note.thread == thread) {
        match note.verb {
            "locks" if note.what != "lock 3" => held += 1,
            "unlocks" if note.what != "lock 3" => held -= 1,
            "eats" | "finishes" if held < 2 => return false,
            _ => {}
        }
    }
    true
}

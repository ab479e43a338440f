//! All eat in every schedule, and two can eat at the same time.

use timing::practise::schedules::Schedules;
use timing::practise::{Judgement, Mistake, misconception};
use world::{Arc, Table, notes, peak, threads, verbs};

pub mod world {
    use shuttle::future::batch_semaphore::{BatchSemaphore, Fairness};
    pub use timing::practise::world::*;

    pub struct Table {
        forks: Vec<Mutex<()>>,
        chairs: BatchSemaphore,
    }

    pub struct Chair<'a>(&'a Table);

    impl Table {
        pub fn new(seats: usize, chairs: usize) -> Self {
            Self {
                forks: (0..seats).map(|_| Mutex::new(())).collect(),
                chairs: BatchSemaphore::new(chairs, Fairness::Unfair),
            }
        }

        pub fn fork(&self, number: usize) -> MutexGuard<'_, ()> {
            self.forks[number % self.forks.len()].lock().unwrap()
        }

        pub fn sit(&self) -> Chair<'_> {
            if self.chairs.available_permits() == 0 {
                note("waits", "for a chair");
            }
            self.chairs.acquire_blocking(1).unwrap();
            note("sits", "down");
            Chair(self)
        }
    }

    impl Drop for Chair<'_> {
        fn drop(&mut self) {
            // A schedule that has failed is not cleaned up.
            if !std::thread::panicking() {
                note("gets", "up");
                self.0.chairs.release(1);
            }
        }
    }

    pub fn eat(seat: usize) {
        note("eats", format!("at seat {seat}"));
        moment();
        note("finishes", "eating");
    }
}

type Dine = fn(&Table, usize);

pub fn check(chairs: fn(usize) -> usize, dine: Dine) -> Judgement {
    let schedules = Schedules::preemptions(2);
    let scope = schedules
        .always(move || {
            run(3, chairs(3), dine, &[0, 1, 2]);
            let notes = notes();
            match notes.iter().filter(|note| note.verb == "eats").count() {
                3 => Ok(()),
                meals => Err(format!("of 3 philosophers {meals} ate.")),
            }
        })
        .map_err(|mistake| mistake.explained(known(chairs)))?;
    if (2..6).any(|seats| chairs(seats) >= seats) {
        return Err(Mistake::known(timing::known!(e2, all_chairs)));
    }
    schedules.sometimes(misconception(timing::known!(e2, one_chair)), move || {
        run(5, chairs(5), dine, &[0, 2]);
        peak("eats", "finishes") == 2
    })?;
    match (3..9).find(|seats| chairs(*seats) < seats - 1) {
        None => Ok(scope),
        Some(_) => Err(Mistake::known(timing::known!(e2, one_chair))),
    }
}

fn run(forks: usize, chairs: usize, dine: Dine, seats: &'static [usize]) {
    let table = Arc::new(Table::new(forks, chairs));
    threads(seats.len(), move |number| dine(&table, seats[number]));
}

fn known(chairs: fn(usize) -> usize) -> Option<&'static str> {
    let all = verbs();
    let sits = |verbs: &&Vec<&str>| verbs.iter().filter(|verb| **verb == "sits").count();
    // Up again, and not yet eaten.
    let early = |verbs: &&Vec<&str>| verbs.contains(&"gets") && !verbs.contains(&"eats");
    if chairs(3) >= 3 {
        Some(timing::known!(e2, all_chairs))
    } else if all.iter().any(|verbs| early(&verbs)) {
        Some(timing::known!(e2, early))
    } else if all
        .iter()
        .any(|verbs| sits(&verbs) > 1 || verbs.ends_with(&["locks", "waits"]))
    {
        Some(timing::known!(e2, by_fork))
    } else {
        None
    }
}

//! Nobody takes from the empty buffer or puts into the full one, and nobody sleeps for ever.

use timing::practise::Judgement;
use timing::practise::schedules::Schedules;
use world::{Arc, Buffer, notes, threads, verbs};

pub mod world {
    pub use timing::practise::world::*;

    /// Room for one item.
    #[derive(Default)]
    pub struct Buffer {
        pub items: Mutex<Items>,
        pub not_full: Condvar,
        pub not_empty: Condvar,
    }

    #[derive(Default)]
    pub struct Items(Option<u32>);

    impl Items {
        pub fn is_empty(&self) -> bool {
            note("looks", "whether the buffer is empty");
            self.0.is_none()
        }

        pub fn is_full(&self) -> bool {
            note("looks", "whether the buffer is full");
            self.0.is_some()
        }

        pub fn push(&mut self, item: u32) {
            note("puts", item);
            let before = self.0.replace(item);
            assert!(before.is_none(), "an item was put into the full buffer.");
        }

        pub fn pop(&mut self) -> u32 {
            let item = self.0.take();
            note(
                "takes",
                item.map_or("nothing".to_owned(), |item| item.to_string()),
            );
            item.expect("something was taken from the empty buffer.")
        }
    }
}

type Put = fn(&Buffer, u32);
type Take = fn(&Buffer) -> u32;

pub fn check(put: Put, take: Take) -> Judgement {
    let schedules = Schedules::preemptions(2);
    // Thread 0 puts two items, and thread 1 takes two.
    schedules
        .always(move || {
            run(put, take, vec![vec![1, 2]], vec![2]);
            let takes = notes().into_iter().filter(|note| note.verb == "takes");
            match takes.map(|note| note.what).collect::<Vec<_>>().join(", ") {
                all if all == "1, 2" => Ok(()),
                all => Err(format!("of the items 1 and 2 these were taken: {all}.")),
            }
        })
        .map_err(|mistake| mistake.explained(known(timing::known!(e4, silent))))?;
    let scope = schedules
        .always(move || {
            run(put, take, vec![vec![1, 2]], vec![1, 1]);
            Ok(())
        })
        .map_err(|mistake| mistake.explained(known(timing::known!(e4, one_bell))))?;
    Schedules::preemptions(1)
        .always(move || {
            // The second item of the first thread can come before the one that waited for room.
            run(put, take, vec![vec![1, 3], vec![2]], vec![3]);
            Ok(())
        })
        .map_err(|mistake| mistake.explained(known(timing::known!(e4, one_bell))))?;
    Ok(scope)
}

/// A thread for each list of items to put, and one for each number of items to take.
fn run(put: Put, take: Take, puts: Vec<Vec<u32>>, takes: Vec<usize>) {
    let buffer = Arc::new(Buffer::default());
    threads(puts.len() + takes.len(), move |number| {
        match puts.get(number) {
            Some(items) => items.iter().for_each(|item| put(&buffer, *item)),
            None => {
                for _ in 0..takes[number - puts.len()] {
                    take(&buffer);
                }
            }
        }
    });
}

/// The misconception behind the schedule that failed. `asleep` is that of a schedule whose threads
/// all sleep, without a gap.
fn known(asleep: &'static str) -> Option<&'static str> {
    let all = verbs();
    let slept = all.iter().any(|verbs| verbs.contains(&"sleeps"));
    // In the gap, a thread locks once more after its look.
    let in_gap = |verbs: &[&str]| verbs.ends_with(&["looks", "unlocks", "locks", "sleeps"]);
    // Or it has not looked at all.
    let blindly = |verbs: &[&str]| verbs.windows(2).any(|two| two == ["locks", "sleeps"]);
    if !slept {
        None
    } else if all.iter().any(|verbs| in_gap(verbs)) {
        Some(timing::known!(e4, gap))
    } else if all.iter().any(|verbs| blindly(verbs)) {
        None
    } else if let Some("takes" | "puts") = notes().last().map(|note| note.verb) {
        Some(timing::known!(e4, once))
    } else {
        Some(asleep)
    }
}

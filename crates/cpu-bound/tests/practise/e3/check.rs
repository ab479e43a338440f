//! Each part is computed once, and a part that takes for ever holds up no other one.

use timing::practise::schedules::Schedules;
use timing::practise::{Judgement, misconception};
use world::{Next, Parts, notes, threads};

pub mod world {
    use std::sync::atomic::Ordering::SeqCst;

    use shuttle::sync::{Condvar, Mutex as Plain};
    pub use timing::practise::world::{atomic, note, notes, threads};

    /// A number that workers share.
    #[derive(Default)]
    pub struct Next(atomic::AtomicUsize);

    #[allow(dead_code)] // Not all in every answer.
    impl Next {
        pub fn get(&self) -> usize {
            let number = self.0.load(SeqCst);
            note("reads", number);
            number
        }

        pub fn set(&self, number: usize) {
            self.0.store(number, SeqCst);
            note("writes", number);
        }

        pub fn fetch_add(&self, more: usize) -> usize {
            let number = self.0.fetch_add(more, SeqCst);
            note("gets", number);
            number
        }
    }

    /// Four parts. Part 0 may take until all others are done.
    pub struct Parts {
        done: Plain<usize>,
        others: Condvar,
        endless: bool,
    }

    impl Parts {
        pub fn new(endless: bool) -> Self {
            let (done, others) = (Plain::new(0), Condvar::new());
            Self {
                done,
                others,
                endless,
            }
        }

        pub fn len(&self) -> usize {
            4
        }

        pub fn compute(&self, part: usize) {
            note("computes", format!("part {part}"));
            let mut done = self.done.lock().unwrap();
            if part == 0 && self.endless {
                drop(self.others.wait_while(done, |done| *done < 3).unwrap());
            } else {
                *done += 1;
                self.others.notify_all();
            }
        }
    }
}

type Work = fn(&Next, usize, usize, &Parts);

pub fn check(work: Work) -> Judgement {
    let schedules = Schedules::preemptions(2);
    let scope = schedules.always(move || {
        run(work, false);
        let computed = notes().into_iter().filter(|note| note.verb == "computes");
        let mut computed: Vec<String> = computed.map(|note| note.what).collect();
        computed.sort();
        let right = [0, 1, 2, 3].map(|part| format!("part {part}"));
        let twice = computed.windows(2).any(|two| two[0] == two[1]);
        if computed == right {
            Ok(())
        } else if twice && notes().iter().any(|note| note.verb == "writes") {
            Err(misconception(timing::known!(e3, load_store)))
        } else if computed.iter().any(|part| !right.contains(part)) {
            Err(misconception(timing::known!(e3, one_too_many)))
        } else if computed == right[..2] {
            Err(misconception(timing::known!(e3, only_one)))
        } else {
            Err(format!(
                "of the parts 0 to 3 these were computed: {}.",
                computed.join(", ")
            ))
        }
    })?;
    let dealt = misconception(timing::known!(e3, static_split));
    schedules.stuck(dealt).always(move || {
        run(work, true);
        Ok(())
    })?;
    Ok(scope)
}

fn run(work: Work, endless: bool) {
    let shared = (Next::default(), Parts::new(endless));
    threads(2, move |worker| work(&shared.0, worker, 2, &shared.1));
}

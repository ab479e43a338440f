//! One thread at a time holds the lock, and one that was asked for it is not the next to hold it.

use timing::practise::Judgement;
use timing::practise::schedules::Schedules;
use world::{Arc, Lock, note, notes, peak, threads, verbs};

pub mod world {
    pub use timing::practise::world::*;

    #[derive(Default)]
    pub struct Lock {
        pub state: Mutex<State>,
        pub freed: Condvar,
        pub switched: Condvar,
    }

    #[derive(Default)]
    pub struct State {
        pub held: bool,
        pub wanted: bool,
        pub taken: u64,
    }
}

type Step = fn(&Lock);

pub fn check(take: Step, release: Step) -> Judgement {
    let hold = move |lock: &Lock| {
        take(lock);
        note("holds", "the lock");
        world::moment();
        // Asked before it lets go: the answer is what the claim is about.
        let (wanted, taken) = {
            let state = lock.state.lock().unwrap();
            (state.wanted, state.taken)
        };
        let unasked = !wanted && sleeps_since_the_first();
        let words = if wanted {
            "of it, as it was asked to"
        } else {
            "of it"
        };
        note("lets go", words);
        release(lock);
        let passed_on = lock.state.lock().unwrap().taken > taken;
        if unasked {
            return Err("a thread waits for the lock, and has not asked for it.".to_owned());
        }
        match wanted && !passed_on {
            true => Err("the lock was asked for, and not passed on.".to_owned()),
            false => Ok(()),
        }
    };
    let run = move |count| {
        let lock = Arc::new(Lock::default());
        let wrong = Arc::new(std::sync::Mutex::new(Ok(())));
        let first = Arc::clone(&wrong);
        threads(count, move |_| {
            if let Err(error) = hold(&lock) {
                first.lock().unwrap().clone_from(&Err(error));
            }
        });
        if peak("holds", "lets go") > 1 {
            return Err("two threads held the lock at the same time.".to_owned());
        }
        wrong.lock().unwrap().clone()
    };
    let schedules = Schedules::preemptions(2);
    let two = schedules.always(move || run(2));
    two.map_err(|mistake| mistake.explained(known()))?;
    let three = schedules.always(move || run(3));
    let scope = three.map_err(|mistake| mistake.explained(known()))?;
    // All else is right. So what fails now fails because a wait ended by itself.
    let by_itself = schedules.always(move || world::spuriously(|| run(2)));
    by_itself.map_err(|mistake| mistake.explained(Some(timing::known!(e4, by_itself))))?;
    Ok(scope)
}

/// Whether a thread sleeps that has not had the lock, while the first one has it. (After that, one
/// that was notified may not have run yet.)
fn sleeps_since_the_first() -> bool {
    let held = notes().iter().filter(|note| note.verb == "holds").count();
    let mut all = verbs().into_iter();
    held == 1 && all.any(|verbs| verbs.last() == Some(&"sleeps") && !verbs.contains(&"holds"))
}

/// The misconception behind the schedule that failed.
fn known() -> Option<&'static str> {
    let (all, notes) = (verbs(), notes());
    let two = |first, second| {
        let follow = |verbs: &Vec<&str>| verbs.windows(2).any(|two| two == [first, second]);
        all.iter().any(follow)
    };
    // The last one to let go, if it sleeps now, and if it was asked.
    let last = notes.iter().rfind(|note| note.verb == "lets go")?;
    let sleeps = all[last.thread - 1].last() == Some(&"sleeps");
    let asked = last.what.contains("asked");
    let own = |note: &&world::Note| note.thread == last.thread;
    let after = notes
        .iter()
        .rev()
        .filter(own)
        .take_while(|note| note.verb != "lets go");
    let notified = after.into_iter().any(|note| note.verb == "notifies");
    if peak("holds", "lets go") > 1 {
        Some(timing::known!(e4, once))
    } else if two("lets go", "notifies") {
        Some(timing::known!(e4, late))
    } else if sleeps && !asked && notified {
        Some(timing::known!(e4, always_waits))
    } else if notes.iter().any(|note| note.what.contains("asked")) && !sleeps {
        Some(timing::known!(e4, no_switch))
    } else {
        None
    }
}

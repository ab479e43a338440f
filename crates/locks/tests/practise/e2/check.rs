//! Nothing is lost in any schedule, and in some schedule two threads think at the same time.

use timing::practise::schedules::Schedules;
use timing::practise::{Judgement, misconception};
use world::{Arc, Mutex, peak, threads, verbs};

pub mod world {
    pub use timing::practise::world::*;

    /// Takes long. The other thread may run in between.
    pub fn think() -> u64 {
        note("starts", "to think");
        moment();
        note("ends", "its thinking");
        1
    }
}

pub fn check(count: fn(&Mutex<u64>)) -> Judgement {
    let run = move || {
        let counter = Arc::new(Mutex::new(0));
        let theirs = Arc::clone(&counter);
        threads(2, move |_| count(&theirs));
        *counter.lock().unwrap()
    };
    let schedules = Schedules::preemptions(2);
    let scope = schedules
        .always(move || match run() {
            2 => Ok(()),
            value => Err(format!("the counter shows {value} in the end, and not 2.")),
        })
        .map_err(|mistake| mistake.explained(known()))?;
    schedules.always(move || {
        run();
        match verbs().iter().all(|verbs| verbs.contains(&"starts")) {
            true => Ok(()),
            false => Err("a thread did not call `think`.".to_owned()),
        }
    })?;
    schedules.sometimes(misconception(timing::known!(e2, inside)), move || {
        run();
        peak("starts", "ends") == 2
    })?;
    Ok(scope)
}

fn known() -> Option<&'static str> {
    let all = verbs();
    let any = |wanted: &[&str]| all.iter().any(|verbs| verbs.starts_with(wanted));
    if all.iter().any(|verbs| verbs.contains(&"finds")) {
        Some(timing::known!(e2, skips))
    } else if any(&["locks", "unlocks", "starts"]) {
        Some(timing::known!(e2, stale))
    } else {
        None
    }
}

//! The function returns 2 in every schedule.

use timing::practise::Judgement;
use timing::practise::schedules::Schedules;
use world::notes;

pub mod world {
    #[allow(unused_imports)] // No answer that compiles uses it.
    pub use std::rc::Rc;

    pub use timing::practise::world::*;

    #[derive(Debug, Clone, Default)]
    pub struct Counter(u64);

    impl Counter {
        pub fn add(&mut self, more: u64) {
            self.0 += more;
            note("counts", format!("up to {}", self.0));
        }

        pub fn value(&self) -> u64 {
            note("looks", format!("at the counter, which shows {}", self.0));
            self.0
        }
    }
}

pub fn check(count: fn() -> u64) -> Judgement {
    Schedules::preemptions(2)
        .always(move || match count() {
            2 => Ok(()),
            value => Err(format!("the counter shows {value} in the end, and not 2.")),
        })
        .map_err(|mistake| mistake.explained(known()))
}

fn known() -> Option<&'static str> {
    let notes = notes();
    let looked = notes.iter().position(|note| note.verb == "looks")?;
    let counted = |notes: &[world::Note]| notes.iter().filter(|n| n.verb == "counts").count();
    let locked = |note: &world::Note| note.thread > 0 && note.verb == "locks";
    if counted(&notes[..looked]) < 2 {
        Some(timing::known!(e6, early))
    } else if notes.iter().any(|note| note.what == "up to 2") {
        None
    } else if notes.iter().any(locked) {
        Some(timing::known!(e6, new_lock))
    } else {
        Some(timing::known!(e6, copies))
    }
}

//! All counts have ended in every schedule, and in some schedule two run at the same time.

use timing::practise::schedules::Schedules;
use timing::practise::{Judgement, Mistake, misconception};
use world::{Count, notes, peak};

pub mod world {
    pub use timing::practise::world::*;

    pub struct Count(pub &'static str);

    impl Count {
        pub fn down(&self) {
            note("starts", format!("the count of {}", self.0));
            moment();
            note("ends", format!("the count of {}", self.0));
        }
    }
}

pub fn check(all: fn(Vec<Count>)) -> Judgement {
    let run = move || {
        all(["Alice", "Bob"].map(Count).into());
        notes().iter().filter(|note| note.verb == "ends").count()
    };
    let schedules = Schedules::preemptions(2);
    schedules.always(move || {
        run();
        let started = notes().into_iter().filter(|note| note.verb == "starts");
        match started.filter(|note| note.thread == 0).count() {
            0 => Ok(()),
            _ => Err("no thread was started: `main` counted by itself.".to_owned()),
        }
    })?;
    let scope = schedules.always(move || match run() {
        2 => Ok(()),
        1 => Err("`all` returned when one count had ended, and not both.".to_owned()),
        _ => Err("`all` returned before the counts had ended.".to_owned()),
    });
    let scope = scope.map_err(|mistake| {
        let joins_none = schedules.sometimes("", move || run() == 0).is_ok();
        Mistake {
            sentence: misconception(match joins_none {
                true => timing::known!(e1, no_join),
                false => timing::known!(e1, only_last),
            }),
            ..mistake
        }
    })?;
    schedules.sometimes(misconception(timing::known!(e1, join_inside)), move || {
        run();
        peak("starts", "ends") == 2
    })?;
    Ok(scope)
}

//! Each URL is pinged once, by no more threads than there may be, and one that does not answer
//! holds up no other one.

use timing::practise::schedules::Schedules;
use timing::practise::{Judgement, misconception};
use world::{Arc, Net, notes, peak, verbs};

pub mod world {
    use shuttle::sync::{Condvar, Mutex as Plain};
    pub use timing::practise::world::*;

    /// A network in which all URLs answer; but one of them may do so only after all
    /// others.
    pub struct Net {
        answered: Plain<usize>,
        others: Condvar,
        slow: Option<&'static str>,
    }

    impl Net {
        pub fn new(slow: Option<&'static str>) -> Arc<Self> {
            let (answered, others) = (Plain::new(0), Condvar::new());
            Arc::new(Self {
                answered,
                others,
                slow,
            })
        }

        pub fn ping(&self, url: &str) {
            note("pings", url);
            let mut answered = self.answered.lock().unwrap();
            if self.slow == Some(url) {
                drop(
                    self.others
                        .wait_while(answered, |answered| *answered < 3)
                        .unwrap(),
                );
            } else {
                *answered += 1;
                self.others.notify_all();
                drop(answered);
            }
            note("hears", format!("from {url}"));
        }
    }
}

const URLS: [&str; 4] = ["a", "b", "c", "d"];

type All = fn(Arc<Net>, Vec<&'static str>, usize);

pub fn check(all: All) -> Judgement {
    let schedules = Schedules::preemptions(1);
    let scope = schedules
        .always(move || {
            all(Net::new(None), URLS.into(), 2);
            let mut pinged: Vec<_> = notes().into_iter().filter(|n| n.verb == "pings").collect();
            pinged.sort_by_key(|note| note.what.clone());
            let same = pinged.iter().map(|note| note.what.as_str()).eq(URLS);
            if !same {
                let urls: Vec<_> = pinged.into_iter().map(|note| note.what).collect();
                return Err(format!(
                    "of {URLS:?} these were pinged when `all` returned: {}.",
                    urls.join(", ")
                ));
            }
            let answers = notes().iter().filter(|note| note.verb == "hears").count();
            if answers < URLS.len() {
                return Err(
                    "`all` returned before all answers were there: join each thread.".into(),
                );
            }
            match pinged.iter().all(|note| note.thread == 0) {
                true => Err("no thread was started: `main` pinged all URLs.".to_owned()),
                false => Ok(()),
            }
        })
        .map_err(|mistake| {
            // Nothing else panics in a thread.
            let panicked = mistake.sentence.contains("`None`");
            mistake.explained(panicked.then_some(timing::known!(e1, look_then_take)))
        })?;
    schedules.always(move || {
        all(Net::new(None), URLS.into(), 2);
        match peak("pings", "hears") > 2 {
            true => Err(misconception(timing::known!(e1, thread_each))),
            false => Ok(()),
        }
    })?;
    let never = "in no order did two threads ping at the same time: there is one thread, or one waits \
                 for another.";
    let at_once = schedules.sometimes(never, move || {
        all(Net::new(None), URLS.into(), 2);
        peak("pings", "hears") == 2
    });
    at_once.map_err(|mistake| {
        let holds = |verbs: &Vec<&str>| verbs.windows(2).any(|two| two == ["locks", "pings"]);
        let is_locked = verbs().iter().any(holds);
        mistake.explained(is_locked.then_some(timing::known!(e1, guard_lives)))
    })?;
    let stuck = schedules.stuck(misconception(timing::known!(e1, chunks)));
    for slow in URLS {
        stuck.always(move || {
            all(Net::new(Some(slow)), URLS.into(), 2);
            Ok(())
        })?;
    }
    Ok(scope)
}

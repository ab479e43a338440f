//! Every photo has an outcome, both stages work at the same time, and no more images are in flight
//! than there is room for.

use timing::practise::schedules::Schedules;
use timing::practise::{Judgement, misconception};
use world::{Outcome, note, notes};

pub mod world {
    pub use timing::practise::world::*;

    /// A photo that was written, or why it could not be read.
    pub type Outcome = Result<u32, String>;

    pub struct Image(u32);

    /// Photo 2 can't be read.
    pub fn read(photo: u32) -> Result<Image, String> {
        note("begins", format!("to read photo {photo}"));
        moment();
        match photo {
            2 => {
                note("can't", "read photo 2");
                Err("photo 2 is no photo".to_owned())
            }
            _ => {
                note("has read", format!("photo {photo}"));
                Ok(Image(photo))
            }
        }
    }

    pub fn write(image: Image) -> u32 {
        note("writes", format!("photo {}", image.0));
        moment();
        note("has written", format!("photo {}", image.0));
        image.0
    }
}

const ROOM: usize = 1;

pub fn check(line: fn(Vec<u32>, usize) -> Vec<Outcome>) -> Judgement {
    let run = move || {
        let mut outcomes = line((1..=5).collect(), ROOM);
        note("has", format!("{} outcomes", outcomes.len()));
        outcomes.sort();
        outcomes
    };
    let schedules = Schedules::preemptions(2);
    let stuck = "deadlock";
    let whole = schedules.clone().stuck(stuck).always(move || {
        let failed = Err("photo 2 is no photo".to_owned());
        match run() {
            all if all == [Ok(1), Ok(3), Ok(4), Ok(5), failed] => Ok(()),
            all if all == [1, 3, 4, 5].map(Ok) => {
                Err(misconception(timing::known!(e2, unreported)))
            }
            all => Err(format!("the outcomes of the photos 1 to 5 are {all:?}.")),
        }
    });
    let scope = whole.map_err(|mistake| match mistake.sentence == stuck {
        true => mistake.explained(Some(known_deadlock())),
        false => mistake,
    })?;
    schedules.always(move || {
        run();
        if notes().iter().all(|note| note.thread == 0) {
            return Err("no thread was started: `main` reads and writes in turns.".into());
        }
        // Besides those in the channel, each of the two stages has one in hand.
        match most_images() > ROOM + 2 {
            true => Err(misconception(timing::known!(e2, unbounded))),
            false => Ok(()),
        }
    })?;
    schedules.sometimes(misconception(timing::known!(e2, in_turns)), move || {
        run();
        both_work()
    })?;
    Ok(scope)
}

/// The misconception behind a schedule in which nothing goes on: either all photos have been read,
/// or the channel is full.
fn known_deadlock() -> &'static str {
    let begun = notes().iter().filter(|note| note.verb == "begins").count();
    match begun {
        5 => timing::known!(e2, kept_open),
        _ => timing::known!(e2, join_first),
    }
}

/// The most images at a time that were read, and not yet written.
fn most_images() -> usize {
    timing::practise::world::peak("has read", "has written")
}

/// Whether one stage began while the other one was at work.
fn both_work() -> bool {
    let (mut reads, mut writes) = (false, false);
    notes().iter().any(|note| {
        match note.verb {
            "begins" => reads = true,
            "has read" | "can't" => reads = false,
            "writes" => writes = true,
            "has written" => writes = false,
            _ => {}
        }
        reads && writes
    })
}

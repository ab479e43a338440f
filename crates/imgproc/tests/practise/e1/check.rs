//! The bytes are those of one loop, for bands of each number of rows, and each band has a thread.

use std::panic;

use timing::practise::{Judgement, Mistake};
use world::Event;

pub mod world {
    use std::cell::RefCell;

    /// What the thread that cuts the bands did.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Event {
        Spawns,
        /// Joins a thread, or is at the end of a scope, which joins all of its threads.
        Joins,
    }

    thread_local! {
        static EVENTS: RefCell<Vec<Event>> = const { RefCell::new(Vec::new()) };
    }

    /// What was done since the last call.
    pub fn events() -> Vec<Event> {
        EVENTS.take()
    }

    fn note(event: Event) {
        EVENTS.with_borrow_mut(|events| events.push(event));
    }

    /// `std::thread`, as far as it is needed here. It notes what is started and joined.
    pub mod thread {
        use super::{Event, note};

        pub struct Scope<'scope, 'env>(&'scope std::thread::Scope<'scope, 'env>);

        pub struct ScopedJoinHandle<'scope, T>(std::thread::ScopedJoinHandle<'scope, T>);

        pub fn scope<'env, T>(body: impl for<'scope> FnOnce(&Scope<'scope, 'env>) -> T) -> T {
            let result = std::thread::scope(|scope| body(&Scope(scope)));
            note(Event::Joins);
            result
        }

        impl<'scope> Scope<'scope, '_> {
            pub fn spawn<T: Send + 'scope>(
                &self,
                run: impl FnOnce() -> T + Send + 'scope,
            ) -> ScopedJoinHandle<'scope, T> {
                note(Event::Spawns);
                ScopedJoinHandle(self.0.spawn(run))
            }
        }

        impl<T> ScopedJoinHandle<'_, T> {
            #[allow(dead_code)] // Not in every answer.
            pub fn join(self) -> std::thread::Result<T> {
                note(Event::Joins);
                self.0.join()
            }
        }
    }
}

type Luma = fn(&[[u8; 3]], &mut [u8], usize, usize);

const WIDTH: usize = 7;
const ROWS: usize = 11;

pub fn check(luma: Luma) -> Judgement {
    // All of one colour: no band can be a wrong one.
    let dark = vec![[9, 8, 7]; WIDTH * ROWS];
    let bright = vec![[250, 251, 255]; WIDTH * ROWS];
    judge(luma, &dark, ROWS, timing::known!(e1, truncates))?;
    judge(luma, &bright, ROWS, timing::known!(e1, overflow))?;
    let colours = |i: usize| [i * 37, i * 101 + 5, i * 59 + 11].map(|value| (value % 256) as u8);
    let photo: Vec<_> = (0..WIDTH * ROWS).map(colours).collect();
    judge(luma, &photo, ROWS, timing::known!(e1, truncates))?;
    // 499 and 500 of 1000.
    let halves: Vec<_> = [[0, 1, 8], [0, 0, 250]].repeat(WIDTH * ROWS);
    judge_rounding(luma, &halves)?;
    // One row a band fills all bands; then the last one has fewer rows.
    judge(luma, &photo, 1, timing::known!(e1, offset))?;
    for rows in 2..=ROWS + 2 {
        judge(luma, &photo, rows, timing::known!(e1, rest))?;
    }
    Ok(format!("the same bytes in bands of 1 to {} rows", ROWS + 2))
}

/// A half is rounded up, and anything less is rounded down.
fn judge_rounding(luma: Luma, halves: &[[u8; 3]]) -> Result<(), Mistake> {
    let truncates = timing::known!(e1, truncates);
    judge(luma, halves, 2 * ROWS, truncates).map_err(|mistake| Mistake {
        sentence: match mistake.story[..] {
            [] => mistake.sentence,
            _ => "the bytes are not rounded as they should be: a half up, and anything less down."
                .to_owned(),
        },
        ..mistake
    })
}

/// Compares the bytes with those of one loop. If they are others, it is with this misconception.
fn judge(luma: Luma, photo: &[[u8; 3]], rows: usize, known: &str) -> Result<(), Mistake> {
    let right = photo.iter().map(|[r, g, b]| {
        let sum = 299 * u32::from(*r) + 587 * u32::from(*g) + 114 * u32::from(*b);
        ((sum + 500) / 1000) as u8
    });
    world::events();
    let found = panic::catch_unwind(|| {
        let mut grey = vec![0; photo.len()];
        luma(photo, &mut grey, WIDTH, rows);
        grey
    });
    let Ok(found) = found else {
        // Numbers that are too large are a panic, or wrap around: both are the same mistake.
        let is_bright = photo.iter().flatten().all(|value| *value >= 250);
        return Err(match is_bright {
            true => Mistake::known(timing::known!(e1, overflow)),
            false => Mistake::new("a thread panicked, at an index that is too large, for example."),
        });
    };
    let different = found
        .iter()
        .zip(right)
        .position(|(found, right)| *found != right);
    match different {
        None => judge_threads(photo.len().div_ceil(WIDTH * rows)),
        Some(at) => Err(Mistake {
            story: vec![format!(
                "in bands of {rows} rows, row {} column {} is {}, of {:?}",
                at / WIDTH,
                at % WIDTH,
                found[at],
                photo[at]
            )],
            ..Mistake::known(known)
        }),
    }
}

/// Whether each of so many bands had a thread, and all were started before one was waited for.
fn judge_threads(bands: usize) -> Result<(), Mistake> {
    let events = world::events();
    let spawned = events
        .iter()
        .filter(|event| **event == Event::Spawns)
        .count();
    let before = events
        .iter()
        .take_while(|event| **event == Event::Spawns)
        .count();
    match spawned {
        0 => Err(Mistake::known(timing::known!(e1, alone))),
        _ if before < spawned => Err(Mistake::known(timing::known!(e1, in_turns))),
        _ if spawned == bands => Ok(()),
        _ => Err(Mistake::new(format!(
            "{spawned} threads were started for {bands} bands."
        ))),
    }
}

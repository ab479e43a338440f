//! One of six photos kills its worker, another time two of them: those alone have failed.

use timing::practise::{Judgement, Mistake};
use world::story;

pub mod world {
    use std::cell::RefCell;

    thread_local! {
        static STORY: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
        static WORKERS: RefCell<usize> = const { RefCell::new(0) };
    }

    /// What has happened since the last call.
    pub fn story() -> Vec<String> {
        WORKERS.set(0);
        STORY.take()
    }

    fn note(line: String) {
        STORY.with_borrow_mut(|story| story.push(line));
    }

    pub struct Worker {
        number: usize,
        dead: bool,
    }

    impl Worker {
        pub fn start() -> Self {
            WORKERS.with_borrow_mut(|number| *number += 1);
            let number = WORKERS.with_borrow(Clone::clone);
            note(format!("worker {number} starts"));
            Self {
                number,
                dead: false,
            }
        }

        /// A photo whose number is a multiple of 10 kills its worker.
        pub fn process(&mut self, photo: u32) -> Result<u32, String> {
            if self.dead {
                note(format!(
                    "worker {} is dead, and can't process photo {photo}",
                    self.number
                ));
                return Err("the worker is dead".to_owned());
            }
            self.dead = photo.is_multiple_of(10);
            let number = self.number;
            match self.dead {
                true => {
                    note(format!("worker {number} dies of photo {photo}"));
                    Err(format!("the worker died of photo {photo}"))
                }
                false => {
                    note(format!("worker {number} processes photo {photo}"));
                    Ok(photo)
                }
            }
        }
    }
}

pub fn check(all: fn(&[u32]) -> Vec<Result<u32, String>>) -> Judgement {
    for photos in [[1, 2, 10, 3, 4, 5], [10, 1, 20, 30, 2, 3]] {
        story();
        let outcomes = all(&photos);
        let story = story();
        let wrong = |source| {
            let story = story.clone();
            Err(Mistake {
                story,
                ..Mistake::known(source)
            })
        };
        let deaths = |photo: u32| {
            let line = format!("dies of photo {photo}");
            story.iter().filter(|told| told.ends_with(&line)).count()
        };
        if photos.iter().any(|photo| deaths(*photo) > 1) {
            return wrong(timing::known!(e3, again));
        }
        if story.iter().any(|line| line.contains("is dead")) {
            return wrong(timing::known!(e3, not_replaced));
        }
        if outcomes.len() < photos.len() {
            return match outcomes.iter().any(Result::is_err) {
                true => wrong(timing::known!(e3, stops)),
                false => wrong(timing::known!(e3, left_out)),
            };
        }
        let expected = photos.map(|photo| match photo % 10 {
            0 => Err(format!("the worker died of photo {photo}")),
            _ => Ok(photo),
        });
        if outcomes != expected {
            let words = format!("the outcomes are {outcomes:?}, and not {expected:?}.");
            return Err(Mistake {
                story,
                ..Mistake::new(words)
            });
        }
        let starts = story.iter().filter(|line| line.ends_with("starts")).count();
        let needed = 1 + photos
            .iter()
            .filter(|photo| photo.is_multiple_of(10))
            .count();
        if starts > needed {
            let words = format!("{starts} workers were started, where {needed} are enough.");
            return Err(Mistake {
                story,
                ..Mistake::new(words)
            });
        }
    }
    Ok("six photos, one or three of which kill their worker".to_owned())
}

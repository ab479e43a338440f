//! The future is dropped after each number of polls, and each write may fail. No half file is left.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use timing::practise::{Judgement, Mistake};
use world::Disk;

pub mod world {
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeMap;
    use std::future::poll_fn;
    use std::task::Poll;

    /// A disk in memory. Appending to a file takes two polls.
    #[derive(Default)]
    pub struct Disk {
        pub files: RefCell<BTreeMap<String, String>>,
        pub story: RefCell<Vec<String>>,
        /// How many chunks can be written until one fails.
        pub room: Cell<usize>,
    }

    impl Disk {
        fn note(&self, what: String) {
            self.story.borrow_mut().push(what);
        }

        pub fn create(&self, name: &str) {
            self.note(format!("create {name}"));
            self.files
                .borrow_mut()
                .insert(name.to_owned(), String::new());
        }

        pub async fn append(&self, name: &str, chunk: &str) -> Result<(), ()> {
            let mut polled = false;
            poll_fn(|_| match std::mem::replace(&mut polled, true) {
                true => Poll::Ready(()),
                false => Poll::Pending,
            })
            .await;
            let room = self.room.get();
            self.room.set(room.saturating_sub(1));
            match self.files.borrow_mut().get_mut(name) {
                Some(file) if room > 0 => *file += chunk,
                _ => {
                    self.note(format!("cannot append {chunk} to {name}"));
                    return Err(());
                }
            }
            self.note(format!("append {chunk} to {name}"));
            Ok(())
        }

        pub fn rename(&self, from: &str, to: &str) {
            self.note(format!("rename {from} to {to}"));
            let file = self.files.borrow_mut().remove(from);
            if let Some(file) = file {
                self.files.borrow_mut().insert(to.to_owned(), file);
            }
        }

        pub fn remove(&self, name: &str) {
            let removed = self.files.borrow_mut().remove(name);
            self.note(match removed {
                Some(_) => format!("remove {name}"),
                None => format!("remove {name}, which is not there"),
            });
        }
    }

    /// Calls the function when it is dropped.
    pub struct OnDrop<F: FnMut()>(F);

    impl<F: FnMut()> Drop for OnDrop<F> {
        fn drop(&mut self) {
            (self.0)();
        }
    }

    #[allow(dead_code)] // Not in every answer.
    pub fn on_drop<F: FnMut()>(f: F) -> OnDrop<F> {
        OnDrop(f)
    }
}

const CHUNKS: &[&str] = &["one", "two", "three"];

pub fn check<S>(save: S) -> Judgement
where
    S: for<'a> AsyncFn(&'a Disk, &'a [&'a str]),
{
    let room = CHUNKS.len();
    // Not dropped, without a fault; then dropped after each number of polls; then each fault.
    let uncut = (room, usize::MAX);
    let cut = (0..=room).map(|polls| (room, polls));
    let faults = (0..room).map(|room| (room, usize::MAX));
    let mut cases = 0;
    for (room, polls) in std::iter::once(uncut).chain(cut).chain(faults) {
        let disk = Disk::default();
        disk.room.set(room);
        let ended = {
            let mut future = Box::pin(save(&disk, CHUNKS));
            poll(future.as_mut(), polls)
        };
        judge(&disk, room == CHUNKS.len() && polls == usize::MAX, ended)?;
        cases += 1;
    }
    Ok(format!(
        "in all {cases} cases: whole, dropped at each `.await`, and with each write failing"
    ))
}

/// Polls a future so many times at most, and says whether it has ended.
fn poll(mut future: Pin<&mut impl Future<Output = ()>>, most: usize) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    // One that is not ready after so many polls never will be.
    (0..most.min(100)).any(|_| future.as_mut().poll(&mut context) == Poll::Ready(()))
}

fn judge(disk: &Disk, uncut: bool, ended: bool) -> Result<(), Mistake> {
    let files = disk.files.borrow();
    let mut story = disk.story.borrow().clone();
    if !ended {
        story.push("here the future is dropped".to_owned());
    }
    let page = files.get("page").map(String::as_str);
    let created = story.iter().any(|line| line == "create page");
    let removed = story.iter().position(|line| line == "remove page.part");
    let at = |words: &str| story.iter().position(|line| line.starts_with(words));
    let at_once = at("remove page.part, which is not there") < at("create page.part");
    let at_once = at_once && at("remove page.part, which is not there").is_some();
    let appended = story.iter().rposition(|line| line.contains("append "));
    let sentence = if uncut && page != Some("onetwothree") {
        match removed < appended && removed.is_some() {
            true => timing::known!(e4, unnamed),
            false => {
                return Err(Mistake {
                    story,
                    ..Mistake::new("the page is not saved.")
                });
            }
        }
    } else if page.is_some_and(|page| page != "onetwothree") {
        match created {
            _ if at("cannot append") < at("rename") && at("cannot append").is_some() => {
                let words = "a chunk could not be written, and the page got its name all the same.";
                return Err(Mistake {
                    story,
                    ..Mistake::new(words)
                });
            }
            true => timing::known!(e4, in_place),
            false => timing::known!(e4, too_early),
        }
    } else if files.contains_key("page.part") {
        match at_once {
            true => timing::known!(e4, unnamed),
            false => timing::known!(e4, at_the_end),
        }
    } else {
        return Ok(());
    };
    Err(Mistake {
        story,
        ..Mistake::known(sentence)
    })
}

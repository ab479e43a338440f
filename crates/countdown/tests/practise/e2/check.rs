//! All children are started before one is heard, all lines are there, and all children are waited
//! for.

use timing::practise::{Judgement, Mistake};
use world::{Outcome, events, forget};

pub mod world {
    use std::cell::RefCell;

    /// All lines of a child, or why it failed.
    pub type Outcome = Result<Vec<String>, String>;

    thread_local! {
        static EVENTS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }

    pub fn events() -> Vec<String> {
        EVENTS.with_borrow(Vec::clone)
    }

    pub fn forget() {
        EVENTS.take();
    }

    fn note(event: String) {
        EVENTS.with_borrow_mut(|events| events.push(event));
    }

    /// A child process that says two lines. Bob's fails after that.
    pub struct Child {
        name: String,
        said: u32,
    }

    impl Child {
        pub fn start(name: &str) -> Self {
            note(format!("starts {name}"));
            Self {
                name: name.to_owned(),
                said: 0,
            }
        }

        pub fn hear(&mut self) -> Option<String> {
            if self.said == 2 {
                return None;
            }
            self.said += 1;
            let line = format!("{} {}", self.name, 3 - self.said);
            note(format!("hears {line}"));
            Some(line)
        }

        pub fn end(self) -> Result<(), String> {
            note(format!("waits for the end of {}", self.name));
            match self.name == "Bob" {
                true => Err("Bob failed".to_owned()),
                false => Ok(()),
            }
        }
    }
}

pub fn check(all: fn(&[&str]) -> Vec<Outcome>) -> Judgement {
    forget();
    let results = all(&["Alice", "Bob", "Carol"]);
    let story = events();
    let wrong = |source| {
        Err(Mistake {
            story: story.clone(),
            ..Mistake::known(source)
        })
    };
    let number = |word: &str| story.iter().filter(|event| event.starts_with(word)).count();
    let heard = story.iter().position(|event| event.starts_with("hears"));
    let started = story.iter().rposition(|event| event.starts_with("starts"));
    if heard.is_some() && heard < started {
        return wrong(timing::known!(e2, one_loop));
    }
    if results.len() < 3 {
        return match results.last() {
            Some(Err(_)) => wrong(timing::known!(e2, stops)),
            _ => Err(Mistake {
                story,
                ..Mistake::new(format!("{} results of three children.", results.len()))
            }),
        };
    }
    if number("hears") < 6 {
        return wrong(timing::known!(e2, first_line));
    }
    if number("waits") < 3 {
        return wrong(timing::known!(e2, zombies));
    }
    let lines = |name| Ok(vec![format!("{name} 2"), format!("{name} 1")]);
    let right = [lines("Alice"), Err("Bob failed".to_owned()), lines("Carol")];
    match results == right {
        true => Ok("with three children, one of which fails".to_owned()),
        false => Err(Mistake::new(format!(
            "what was returned is {results:?}, and not {right:?}."
        ))),
    }
}

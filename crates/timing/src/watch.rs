//! A wait-for graph: who holds what, and who waits for what. It detects a deadlock at the moment in
//! which its cycle would close, and names the members of the cycle.
//!
//! It knows only what it is told. Its own lock is held for a few instructions, never during a wait.
//! It is a plain `std` lock even where a checker explores schedules, so that it adds no steps to
//! them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A wait-for graph. Cloning it gives another handle to the same graph.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// The holder of each thing.
    holder: BTreeMap<String, String>,
    /// The thing that each waits for.
    wanted: BTreeMap<String, String>,
    /// Who first held the first thing while asking for the second.
    order: BTreeMap<(String, String), String>,
    /// How often a thing was taken or given back.
    moves: u64,
}

impl Watch {
    /// Notes that `who` is about to wait for `what`.
    ///
    /// # Errors
    /// If that would close a cycle. Then `who` must not wait, and is not noted as waiting.
    pub fn wants(&self, who: &str, what: &str) -> Result<(), Circle> {
        let mut state = self.lock();
        let held: Vec<_> = state.held_by(who).map(str::to_owned).collect();
        for thing in held {
            let edge = (thing, what.to_owned());
            state.order.entry(edge).or_insert_with(|| who.to_owned());
        }
        let circle = state.circle(who, what);
        if circle.is_none() {
            state.wanted.insert(who.to_owned(), what.to_owned());
        }
        circle.map_or(Ok(()), Err)
    }

    /// Notes that `who` now holds `what`.
    ///
    /// # Panics
    /// If somebody else holds it: then the watched lock does not exclude.
    pub fn has(&self, who: &str, what: &str) {
        let mut state = self.lock();
        state.wanted.remove(who);
        state.moves += 1;
        let before = state.holder.insert(what.to_owned(), who.to_owned());
        drop(state);
        if let Some(other) = before {
            panic!("{who} and {other} both have {what}");
        }
    }

    /// Notes that `who` is about to give `what` back. Call it before the lock is released.
    pub fn gives(&self, who: &str, what: &str) {
        let mut state = self.lock();
        state.moves += 1;
        if state.holder.get(what).is_some_and(|holder| holder == who) {
            state.holder.remove(what);
        }
    }

    /// Returns how often a thing was taken or given back so far. While this number stays the same,
    /// nothing moves.
    pub fn moves(&self) -> u64 {
        self.lock().moves
    }

    /// Returns a line for each who holds or waits for a thing.
    pub fn report(&self) -> Vec<String> {
        let state = self.lock();
        let holders = state.holder.values();
        let all: BTreeSet<_> = holders.chain(state.wanted.keys()).collect();
        let line = |who: &String| {
            let held: Vec<_> = state.held_by(who).collect();
            let held = match held[..] {
                [] => "holds nothing".to_owned(),
                _ => format!("holds {}", held.join(" and ")),
            };
            match state.wanted.get(who) {
                Some(what) => format!("{who} {held}, waits for {what}"),
                None => format!("{who} {held}"),
            }
        };
        all.into_iter().map(line).collect()
    }

    /// Returns the pairs of things that were asked for in both orders, perhaps at different times.
    /// A run in which that happened may deadlock the next time. Cycles of three and more orders are
    /// not looked for.
    pub fn inversions(&self) -> Vec<Inversion> {
        let state = self.lock();
        let mut found = Vec::new();
        for ((first, second), who) in &state.order {
            let back = (second.clone(), first.clone());
            // Each pair once.
            if first < second
                && let Some(other) = state.order.get(&back)
            {
                found.push(Inversion {
                    first: first.clone(),
                    second: second.clone(),
                    forth: who.clone(),
                    back: other.clone(),
                });
            }
        }
        found
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn held_by<'a>(&'a self, who: &'a str) -> impl Iterator<Item = &'a str> {
        let held = self.holder.iter().filter(move |(_, holder)| *holder == who);
        held.map(|(what, _)| what.as_str())
    }

    /// Follows the graph from a wanted thing to its holder, to the thing that the holder wants, and
    /// so on: back to `who`, or to an end.
    fn circle(&self, who: &str, what: &str) -> Option<Circle> {
        let mut links = vec![(who.to_owned(), what.to_owned())];
        loop {
            let (_, what) = links.last()?;
            let holder = self.holder.get(what)?;
            if holder == who {
                return Some(Circle { links });
            }
            let next = self.wanted.get(holder)?;
            // This path leads into a cycle without `who`: it has a link for each thing that is
            // held.
            if links.len() >= self.holder.len() {
                return None;
            }
            links.push((holder.clone(), next.clone()));
        }
    }
}

/// A deadlock: a cycle of the wait-for graph. Each member waits for a thing that the next one
/// holds, and the last for a thing that the first one holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circle {
    links: Vec<(String, String)>,
}

impl Circle {
    /// The members of the cycle, each with the thing that it waits for. The first one detected it.
    pub fn links(&self) -> &[(String, String)] {
        &self.links
    }

    /// Returns only the names: `Aristotle -> Plato -> Aristotle`.
    pub fn names(&self) -> String {
        let names = self.links.iter().map(|(who, _)| who.as_str());
        let all: Vec<_> = names
            .chain(self.links.first().map(|(who, _)| &**who))
            .collect();
        all.join(" -> ")
    }
}

impl fmt::Display for Circle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let next = self.links.iter().cycle().skip(1);
        for (index, ((who, what), (holder, _))) in self.links.iter().zip(next).enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{who} waits for {what}, which {holder} holds")?;
        }
        Ok(())
    }
}

impl std::error::Error for Circle {}

/// Two things that were asked for in both orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inversion {
    first: String,
    second: String,
    forth: String,
    back: String,
}

impl fmt::Display for Inversion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            first,
            second,
            forth,
            back,
        } = self;
        write!(
            f,
            "{forth} asked for {second} while holding {first}, and {back} asked for {first} while holding {second}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_is_noticed_by_whoever_would_close_it() {
        let watch = Watch::default();
        for (who, what) in [("Ann", "a"), ("Ben", "b"), ("Cem", "c")] {
            watch.wants(who, what).unwrap();
            watch.has(who, what);
        }
        watch.wants("Ann", "b").unwrap();
        watch.wants("Ben", "c").unwrap();
        // Not in the circle, and not yet one.
        watch.wants("Dee", "a").unwrap();
        let circle = watch.wants("Cem", "a").unwrap_err();
        assert_eq!(circle.names(), "Cem -> Ann -> Ben -> Cem");
        assert_eq!(
            circle.to_string(),
            "Cem waits for a, which Ann holds, Ann waits for b, which Ben holds, Ben waits for c, which Cem holds"
        );
        let report = watch.report();
        assert_eq!(report[0], "Ann holds a, waits for b");
        assert_eq!(
            report[2..],
            ["Cem holds c", "Dee holds nothing, waits for a"]
        );
        // Cem gives up, and so Ben can go on.
        watch.gives("Cem", "c");
        watch.has("Ben", "c");
        assert_eq!(watch.moves(), 5);
    }

    #[test]
    fn who_wants_what_it_has_is_a_circle_of_one() {
        let watch = Watch::default();
        watch.has("Ann", "a");
        let circle = watch.wants("Ann", "a").unwrap_err();
        assert_eq!(circle.to_string(), "Ann waits for a, which Ann holds");
        assert_eq!(circle.links(), [("Ann".to_owned(), "a".to_owned())]);
        // There are no two orders of one thing.
        assert_eq!(watch.inversions(), []);
    }

    #[test]
    fn who_gives_back_what_another_holds_changes_nothing() {
        let watch = Watch::default();
        watch.has("Ann", "a");
        watch.gives("Ben", "a");
        assert_eq!(watch.report(), ["Ann holds a"]);
        watch.gives("Ann", "a");
        assert_eq!(watch.report(), [""; 0]);
    }

    #[test]
    fn an_inversion_is_told_of_whichever_lock_was_held() {
        for inner in ["b", "0"] {
            let watch = Watch::default();
            for what in ["a", inner, "c"] {
                watch.wants("Ann", what).unwrap();
                watch.has("Ann", what);
            }
            for what in ["c", inner, "a"] {
                watch.gives("Ann", what);
            }
            for what in ["c", inner] {
                watch.wants("Ben", what).unwrap();
                watch.has("Ben", what);
            }
            watch.wants("Ben", "a").unwrap();
            assert_eq!(watch.inversions().len(), 3, "{:?}", watch.inversions());
        }
    }

    #[test]
    fn an_inversion_is_told_although_all_went_well() {
        let watch = Watch::default();
        for (who, first, second) in [("Ann", "a", "b"), ("Ben", "b", "a"), ("Cem", "a", "b")] {
            for what in [first, second] {
                watch.wants(who, what).unwrap();
                watch.has(who, what);
            }
            for what in [second, first] {
                watch.gives(who, what);
            }
        }
        let told: Vec<_> = watch.inversions().iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            ["Ann asked for b while holding a, and Ben asked for a while holding b"]
        );
    }

    #[test]
    #[should_panic(expected = "Ben and Ann both have a")]
    fn two_holders_are_a_broken_lock() {
        let watch = Watch::default();
        watch.has("Ann", "a");
        watch.has("Ben", "a");
    }
}

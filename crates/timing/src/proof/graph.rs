//! All states of a program, and what each choice of a thread leads to.
//!
//! Different schedules lead to the same state: what happens from there on is then the same, too
//! ([`View::key`](super::step::View)). So a program with millions of schedules may have only some
//! hundred states, and the schedules can be counted without running them.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::step::{End, Program, View, at};

/// All states of a program.
#[derive(Debug)]
pub struct Graph {
    /// The states. The first one is the beginning.
    pub nodes: Vec<Node>,
    index: HashMap<u64, usize>,
}

/// A state.
#[derive(Debug)]
pub struct Node {
    /// What there is to see on a shortest way to this state.
    pub view: View,
    /// A shortest schedule that leads here.
    pub prefix: Vec<usize>,
    /// The threads that may run next, each with the state that it leads to.
    pub next: Vec<(usize, usize)>,
    /// How the schedules from here on end.
    pub count: Count,
}

/// A number of schedules.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Those that end as they must.
    pub good: u128,
    /// Those that do not.
    pub bad: u128,
}

impl Count {
    /// All of them.
    pub fn all(self) -> u128 {
        self.good + self.bad
    }
}

impl Graph {
    /// Examines all states of a program. `None` if there are more than `most`.
    pub fn of(program: &Program, most: usize) -> Option<Self> {
        Self::below(program, &[], most)
    }

    /// Examines all states that come after a prefix of a schedule. `None` if there are more than
    /// `most`, or if the program can't take the prefix.
    pub fn below(program: &Program, prefix: &[usize], most: usize) -> Option<Self> {
        let mut graph = Self {
            nodes: Vec::new(),
            index: HashMap::new(),
        };
        graph.enter(at(program, prefix)?, prefix.to_vec());
        // The nodes are also the queue: breadth first, so the first way to each is a shortest one.
        let mut number = 0;
        while number < graph.nodes.len() {
            if graph.nodes.len() > most {
                return None;
            }
            for thread in graph.nodes[number].view.options.clone() {
                let mut prefix = graph.nodes[number].prefix.clone();
                prefix.push(thread);
                let view = at(program, &prefix)?;
                let next = graph.enter(view, prefix);
                graph.nodes[number].next.push((thread, next));
            }
            number += 1;
        }
        graph.count(0, &mut vec![false; graph.nodes.len()]);
        Some(graph)
    }

    /// The state that is seen in this view.
    pub fn find(&self, view: &View) -> Option<usize> {
        self.index.get(&view.key).copied()
    }

    /// The number of a state; of a new one, it is the next number.
    fn enter(&mut self, view: View, prefix: Vec<usize>) -> usize {
        let new = self.nodes.len();
        let number = *self.index.entry(view.key).or_insert(new);
        if number == new {
            self.nodes.push(Node {
                view,
                prefix,
                next: Vec::new(),
                count: Count::default(),
            });
        }
        number
    }

    fn count(&mut self, number: usize, is_counted: &mut [bool]) -> Count {
        if !std::mem::replace(&mut is_counted[number], true) {
            self.nodes[number].count = match &self.nodes[number].view.end {
                Some(End::Right) => Count { good: 1, bad: 0 },
                Some(_) => Count { good: 0, bad: 1 },
                None => {
                    let mut sum = Count::default();
                    for (_, next) in self.nodes[number].next.clone() {
                        let count = self.count(next, is_counted);
                        (sum.good, sum.bad) = (sum.good + count.good, sum.bad + count.bad);
                    }
                    sum
                }
            };
        }
        self.nodes[number].count
    }

    /// The way on from a state to an end that is wanted: of those with the fewest preemptions the
    /// shortest. `last` is the thread that ran last. The number is that of the preemptions.
    pub fn shortest(
        &self,
        from: usize,
        last: Option<usize>,
        is_wanted: impl Fn(&End) -> bool,
    ) -> Option<(Vec<usize>, usize)> {
        type Place = (usize, Option<usize>);
        let mut before: HashMap<Place, Option<(Place, usize)>> = HashMap::new();
        let mut queue = BinaryHeap::from([Reverse(((0, 0), (from, last), None))]);
        while let Some(Reverse(((preemptions, steps), place, came))) = queue.pop() {
            if before.contains_key(&place) {
                continue;
            }
            before.insert(place, came);
            let node = &self.nodes[place.0];
            if node.view.end.as_ref().is_some_and(&is_wanted) {
                let mut way = Vec::new();
                let mut place = place;
                while let Some((from, thread)) = before[&place] {
                    way.push(thread);
                    place = from;
                }
                way.reverse();
                return Some((way, preemptions));
            }
            for &(thread, next) in &node.next {
                let goes_on = node.next.iter().any(|(other, _)| Some(*other) == place.1);
                let preempts = goes_on && Some(thread) != place.1;
                let cost = (preemptions + usize::from(preempts), steps + 1);
                queue.push(Reverse((cost, (next, Some(thread)), Some((place, thread)))));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::proof::world::sync::atomic::{AtomicI8, AtomicUsize, Ordering::SeqCst};
    use crate::proof::world::sync::{Barrier, Condvar, Mutex};
    use crate::proof::world::thread;
    use crate::proof::{Bound, Story, Verdict, explore};

    fn program(body: impl Fn(&Story) -> Verdict + Send + Sync + 'static) -> Program {
        Program {
            title: "a test".to_owned(),
            main: "main".to_owned(),
            objects: vec!["first".to_owned()],
            files: Vec::new(),
            body: Arc::new(body),
        }
    }

    /// Two threads do the same with what they share.
    fn two<T: Send + Sync + 'static>(shared: T, act: fn(&T, usize)) {
        let shared = Arc::new(shared);
        let threads = [0, 1].map(|number| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || act(&shared, number))
        });
        for thread in threads {
            thread.join().unwrap();
        }
    }

    fn crossed(locks: &[Mutex<u32>; 2], number: usize) {
        let mut mine = locks[number].lock().unwrap();
        *mine += 1;
        drop(locks[1 - number].lock().unwrap());
    }

    fn trying(lock: &Mutex<u32>, _: usize) {
        for _ in 0..2 {
            match lock.try_lock() {
                Ok(mut value) => *value += 1,
                Err(_) => thread::yield_now(),
            }
        }
    }

    fn calling(shared: &(Mutex<usize>, Condvar), number: usize) {
        let mut turn = shared.0.lock().unwrap();
        while *turn != number {
            turn = shared.1.wait(turn).unwrap();
        }
        *turn += 1;
        shared.1.notify_one();
    }

    fn meeting(shared: &(Barrier, AtomicUsize), number: usize) {
        if number == 0 {
            shared.1.fetch_add(1, SeqCst);
        }
        shared.0.wait();
        assert_eq!(shared.1.load(SeqCst), 1);
    }

    fn counting(number: &AtomicI8, _: usize) {
        let value = number.load(SeqCst);
        number.store(value + 1, SeqCst);
    }

    /// The states are merged, and no schedule is lost or counted twice.
    #[test]
    fn there_are_as_many_ways_through_the_states_as_schedules() {
        let bodies: [fn(); 5] = [
            || two([Mutex::new(0), Mutex::new(0)], crossed),
            || two(Mutex::new(0), trying),
            || two((Mutex::new(0), Condvar::new()), calling),
            || two((Barrier::new(2), AtomicUsize::new(0)), meeting),
            || two(AtomicI8::new(0), counting),
        ];
        for (number, body) in bodies.into_iter().enumerate() {
            let bound = Bound {
                failures: usize::MAX,
                ..Bound::all()
            };
            let run = move |_: &Story| {
                body();
                Ok(())
            };
            let explored = explore(bound, run);
            let graph = Graph::of(&program(run), 5_000).unwrap();
            let count = graph.nodes[0].count;
            assert!(explored.complete);
            let schedules = (explored.schedules as u128, explored.failing as u128);
            assert_eq!((count.all(), count.bad), schedules, "{number}");
            assert!(graph.nodes.len() as u128 <= 2 * count.all(), "{number}");
            assert_eq!(count.bad > 0, number == 0, "{number}");
        }
    }

    #[test]
    fn a_program_with_too_many_states_is_refused() {
        let run = |_: &Story| {
            two(Mutex::new(0), trying);
            Ok(())
        };
        assert!(Graph::of(&program(run), 10).is_none());
        let states = Graph::of(&program(run), 1_000).unwrap().nodes.len();
        assert!(Graph::of(&program(run), states).is_some());
        assert!(Graph::of(&program(run), states - 1).is_none());
    }

    #[test]
    fn a_thread_that_is_alone_may_yield() {
        let run = |_: &Story| {
            thread::yield_now();
            Ok(())
        };
        let count = Graph::of(&program(run), 100).unwrap().nodes[0].count;
        assert_eq!(count, Count { good: 1, bad: 0 });
    }

    /// Two ways to one state, if the verdict depends on the way, are told apart by a note.
    #[test]
    fn what_a_verdict_depends_on_can_be_noted() {
        let bad = |notes: bool| {
            let run = move |_: &Story| {
                let order = Arc::new(std::sync::Mutex::new(Vec::new()));
                let shared = (Arc::clone(&order), AtomicUsize::new(0), notes);
                two(shared, |(order, counter, notes), number| {
                    counter.load(SeqCst);
                    order.lock().unwrap().push(number);
                    if *notes {
                        crate::proof::step::note(&number.to_string());
                    }
                });
                let order = order.lock().unwrap();
                (order[0] == 0)
                    .then_some(())
                    .ok_or("the second was first".to_owned())
            };
            let explored = explore(Bound::all(), run);
            let count = Graph::of(&program(run), 1_000).unwrap().nodes[0].count;
            (explored.failing as u128, count.bad)
        };
        let (failing, counted) = bad(true);
        assert_eq!(failing, counted);
        let (failing, counted) = bad(false);
        assert_ne!(failing, counted);
    }
}

//! How far each page is from the first ones.
//!
//! Pages come back in the order of chance, and a longer way may be found before a shorter one. What is asked for must not depend
//! on who was faster, so a page that gets nearer takes with it all that it led to.

use std::collections::BTreeMap;

/// The most redirects from one page to another.
const REDIRECTS: u32 = 10;

/// So many links, and then so many redirects, which are no links.
type Distance = (u32, u32);

/// Pages by number, and how each of them was reached.
#[derive(Debug, Default)]
pub struct Ways {
    pages: Vec<Known>,
    /// How many are reached and not done, by their distance.
    awaited: BTreeMap<Distance, usize>,
    /// Those that are done and keep their links, by their distance when they were done.
    keeping: BTreeMap<Distance, Vec<usize>>,
}

#[derive(Debug, Default)]
struct Known {
    /// By the shortest way that was found.
    distance: Option<Distance>,
    /// Where it led, as long as that may be needed again.
    links: Box<[u32]>,
    is_redirect: bool,
    is_done: bool,
}

impl Ways {
    /// Makes room for the next page.
    pub fn add(&mut self) {
        self.pages.push(Known::default());
    }

    /// This is one of the first pages. Returns whether that is new.
    pub fn start(&mut self, number: usize) -> bool {
        self.reach(number, (0, 0), 0)
    }

    /// A page is done, and led to these. Returns those of them, and of what they lead to, that were not reached before.
    pub fn done(
        &mut self,
        number: usize,
        links: Box<[u32]>,
        is_redirect: bool,
        most: u32,
    ) -> Vec<usize> {
        let known = &mut self.pages[number];
        (known.links, known.is_redirect, known.is_done) = (links, is_redirect, true);
        if let Some(distance) = known.distance {
            self.no_longer_awaited(distance);
        }
        let (mut first, mut from) = (Vec::new(), vec![number]);
        while let Some(number) = from.pop() {
            let known = &self.pages[number];
            let Some((depth, redirects)) = known.distance else {
                continue;
            };
            let next = match known.is_redirect {
                true => (depth, redirects + 1),
                false => (depth.saturating_add(1), 0),
            };
            for link in known.links.clone() {
                let link = link as usize;
                let is_first = self.pages[link].distance.is_none();
                if self.reach(link, next, most) {
                    from.push(link);
                    if is_first {
                        first.push(link);
                    }
                }
            }
        }
        self.forget(number);
        first
    }

    /// Whether the redirect of this page, which is done, leads to a page.
    ///
    /// # Errors
    /// If it leads nowhere, with the reason.
    pub fn redirect(&self, number: usize) -> Result<(), &'static str> {
        let mut at = number;
        for _ in 0..=REDIRECTS {
            let known = &self.pages[at];
            let ([next], true) = (&known.links[..], known.is_redirect) else {
                return match known.distance {
                    Some(_) => Ok(()),
                    None => Err("it redirects more than 10 times"),
                };
            };
            at = *next as usize;
            if at == number {
                return Err("it redirects in a circle");
            }
        }
        Err("it redirects more than 10 times")
    }

    /// There is a way of this length to a page. Returns whether it is shorter than those that were known, and not too long.
    fn reach(&mut self, number: usize, distance: Distance, most: u32) -> bool {
        let known = &mut self.pages[number];
        let is_shorter = known.distance.is_none_or(|before| distance < before);
        if distance.0 > most || distance.1 > REDIRECTS || !is_shorter {
            return false;
        }
        let before = known.distance.replace(distance);
        if !known.is_done {
            *self.awaited.entry(distance).or_default() += 1;
            if let Some(before) = before {
                self.no_longer_awaited(before);
            }
        }
        true
    }

    fn no_longer_awaited(&mut self, distance: Distance) {
        let pages = self.awaited.get_mut(&distance).expect("it was reached");
        *pages -= 1;
        if *pages == 0 {
            self.awaited.remove(&distance);
        }
    }

    /// Frees the links of pages that can't get nearer any more. A new way to one would come from a page that is not done yet, and be at
    /// least a redirect longer than the way to that one. Redirects are kept, to say later [where they led](Self::redirect).
    fn forget(&mut self, done: usize) {
        let known = &self.pages[done];
        if let (Some(distance), false) = (known.distance, known.is_redirect) {
            self.keeping.entry(distance).or_default().push(done);
        }
        let nearest = self.awaited.keys().next();
        let is_final = |distance: &Distance| {
            nearest.is_none_or(|&(depth, redirects)| *distance <= (depth, redirects + 1))
        };
        while let Some(keeping) = self.keeping.first_entry()
            && is_final(keeping.key())
        {
            for number in keeping.remove() {
                self.pages[number].links = Box::default();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: u32 = 4;

    /// The distances, by trying all links until nothing gets nearer (Bellman and Ford).
    fn exact(graph: &[(Vec<u32>, bool)]) -> Vec<Option<Distance>> {
        let mut distances = vec![None; graph.len()];
        distances[0] = Some((0, 0));
        loop {
            let before = distances.clone();
            for (number, (links, is_redirect)) in graph.iter().enumerate() {
                let Some((depth, redirects)) = distances[number] else {
                    continue;
                };
                let next = match is_redirect {
                    true => (depth, redirects + 1),
                    false => (depth + 1, 0),
                };
                for &link in links {
                    let to = &mut distances[link as usize];
                    if next.0 <= MOST && next.1 <= REDIRECTS && to.is_none_or(|old| next < old) {
                        *to = Some(next);
                    }
                }
            }
            if distances == before {
                return distances;
            }
        }
    }

    /// Asks for all pages, any of those that are known as the next, and looks at how things stand after each.
    fn crawl(
        graph: &[(Vec<u32>, bool)],
        mut pick: impl FnMut(usize) -> usize,
        mut look: impl FnMut(&Ways),
    ) -> Ways {
        let mut ways = Ways::default();
        graph.iter().for_each(|_| ways.add());
        ways.start(0);
        let mut queue = vec![0];
        while !queue.is_empty() {
            let number = queue.remove(pick(queue.len()));
            let (links, is_redirect) = graph[number].clone();
            queue.extend(ways.done(number, links.into(), is_redirect, MOST));
            look(&ways);
        }
        ways
    }

    /// How many pages keep links, redirects left out.
    fn keeping(ways: &Ways) -> usize {
        let kept = |known: &&Known| !known.links.is_empty() && !known.is_redirect;
        ways.pages.iter().filter(kept).count()
    }

    #[test]
    fn the_distance_is_the_shortest_whoever_comes_back_first() {
        let mut random = fastrand::Rng::with_seed(1);
        for _ in 0..3_000 {
            let pages = random.u32(1..40);
            let graph: Vec<_> = (0..pages)
                .map(|_| {
                    let is_redirect = random.u8(0..4) == 0;
                    let links = if is_redirect { 1 } else { random.usize(0..4) };
                    let links = (0..links).map(|_| random.u32(0..pages)).collect();
                    (links, is_redirect)
                })
                .collect();
            let ways = crawl(&graph, |queue| random.usize(0..queue), |_| ());
            let found: Vec<_> = ways.pages.iter().map(|known| known.distance).collect();
            assert_eq!(found, exact(&graph), "{graph:?}");
            assert!(ways.awaited.is_empty());
            assert_eq!(keeping(&ways), 0, "{graph:?}");
        }
    }

    /// Not at any time: what a page led to can't get nearer by it any more.
    #[test]
    fn in_the_order_of_their_distance_no_links_are_kept() {
        let links = |n: u32| vec![(2 * n).min(79), (2 * n + 1).min(79)];
        let graph: Vec<_> = (0..80).map(|n| (links(n), false)).collect();
        let mut looks = 0;
        let look = |ways: &Ways| {
            looks += 1;
            assert_eq!(keeping(ways), 0);
        };
        crawl(&graph, |_| 0, look);
        // Four links from the first one are 1 + 1 + 2 + 4 + 8 pages.
        assert_eq!(looks, 16);
    }

    #[test]
    fn links_are_kept_as_long_as_a_shorter_way_may_come() {
        // From 0 to 1 and to 2, from 2 to 3, and to 4 from 1 and from 3.
        let graph = [
            (vec![1, 2], false),
            (vec![4], false),
            (vec![3], false),
            (vec![4], false),
            (vec![], false),
        ];
        let mut kept = Vec::new();
        // The last of those that are known.
        crawl(&graph, |queue| queue - 1, |ways| kept.push(keeping(ways)));
        // 0, 2, 3, 4 and 1 come back in turn. Two links away, 3 waits for what 1 will lead to.
        assert_eq!(kept, [0, 0, 1, 1, 0]);
    }
}

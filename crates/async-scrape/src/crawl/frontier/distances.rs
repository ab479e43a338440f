//! How many links away from the seeds each page is.
//!
//! Pages arrive in any order, and a longer path to a page may be found before a shorter one. Which
//! pages are requested must not depend on which answer was faster. So when a page gets nearer, all
//! that it links to gets nearer, too.

use std::collections::BTreeMap;

/// The most redirects from one page to another.
pub const REDIRECTS: u32 = 10;

/// A number of links, and then a number of redirects, which do not count as links.
type Distance = (u32, u32);

/// The graph of pages and links, and the shortest distance to each page that is known so far.
#[derive(Debug, Default)]
pub struct Distances {
    pages: Vec<Node>,
    /// How many pages are reached and not done, by their distance.
    pending: BTreeMap<Distance, usize>,
    /// The pages that are done and keep their links, by their distance when they were done.
    keeping: BTreeMap<Distance, Vec<usize>>,
}

#[derive(Debug, Default)]
struct Node {
    /// By the shortest path that was found; `None` if no path is short enough.
    distance: Option<Distance>,
    /// The pages that it links to, as long as they may be needed again.
    links: Box<[u32]>,
    is_redirect: bool,
    is_done: bool,
    /// Whether it was done before, and is to be requested once more.
    is_again: bool,
}

impl Distances {
    /// Adds a page: it gets the next number.
    pub fn add(&mut self) {
        self.pages.push(Node::default());
    }

    /// Makes this page a seed. Returns whether it was none before.
    pub fn start(&mut self, number: usize) -> bool {
        self.reach(number, (0, 0), 0)
    }

    /// Says that a page is done, and which pages it links to. Returns those of them, and of the
    /// pages that they link to, that were not reached before.
    pub fn done(
        &mut self,
        number: usize,
        links: Box<[u32]>,
        is_redirect: bool,
        most: u32,
    ) -> Vec<usize> {
        let node = &mut self.pages[number];
        (node.links, node.is_redirect, node.is_done) = (links, is_redirect, true);
        if let Some(distance) = node.distance {
            self.no_longer_pending(distance);
        }
        let (mut first, mut from) = (Vec::new(), vec![number]);
        while let Some(number) = from.pop() {
            let node = &self.pages[number];
            let Some((depth, redirects)) = node.distance else {
                continue;
            };
            let next = match node.is_redirect {
                true => (depth, redirects + 1),
                false => (depth.saturating_add(1), 0),
            };
            for link in node.links.clone() {
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

    /// Makes a redirect that is done a page that is to be requested again, but only once. Returns
    /// whether it was done.
    pub fn reopen(&mut self, number: usize) -> bool {
        let node = &mut self.pages[number];
        let Some(distance) = node.distance else {
            return false;
        };
        if node.is_again || !node.is_done || !node.is_redirect {
            return false;
        }
        (node.is_again, node.is_done, node.is_redirect) = (true, false, false);
        node.links = Box::default();
        *self.pending.entry(distance).or_default() += 1;
        true
    }

    /// Checks whether the redirects that begin at this page lead to a page.
    ///
    /// # Errors
    /// If they do not, with the reason.
    pub fn redirect(&self, number: usize) -> Result<(), &'static str> {
        let mut at = number;
        for _ in 0..=REDIRECTS {
            let node = &self.pages[at];
            let ([next], true) = (&node.links[..], node.is_redirect) else {
                return match node.distance {
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

    /// Notes a path of this length to a page. Returns whether it is shorter than the paths known
    /// before, and not too long.
    fn reach(&mut self, number: usize, distance: Distance, most: u32) -> bool {
        let node = &mut self.pages[number];
        let is_shorter = node.distance.is_none_or(|before| distance < before);
        if distance.0 > most || distance.1 > REDIRECTS || !is_shorter {
            return false;
        }
        let before = node.distance.replace(distance);
        if !node.is_done {
            *self.pending.entry(distance).or_default() += 1;
            if let Some(before) = before {
                self.no_longer_pending(before);
            }
        }
        true
    }

    fn no_longer_pending(&mut self, distance: Distance) {
        let pages = self.pending.get_mut(&distance).expect("it was reached");
        *pages -= 1;
        if *pages == 0 {
            self.pending.remove(&distance);
        }
    }

    /// Frees the links of pages that can't get nearer any more.
    ///
    /// A new path to a page would come from a page that is not done yet, and be at least one
    /// redirect longer than the path to that one. Redirects are kept, because
    /// [`redirect`](Self::redirect) follows them later.
    fn forget(&mut self, done: usize) {
        let node = &self.pages[done];
        if let (Some(distance), false) = (node.distance, node.is_redirect) {
            self.keeping.entry(distance).or_default().push(done);
        }
        let nearest = self.pending.keys().next();
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

    /// The distances by the Bellman-Ford algorithm: tries all links until nothing gets nearer.
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

    /// Crawls a graph; `pick` chooses the next of the known pages, `look` sees the state after
    /// each.
    fn crawl(
        graph: &[(Vec<u32>, bool)],
        mut pick: impl FnMut(usize) -> usize,
        mut look: impl FnMut(&Distances),
    ) -> Distances {
        let mut distances = Distances::default();
        graph.iter().for_each(|_| distances.add());
        distances.start(0);
        let mut queue = vec![0];
        while !queue.is_empty() {
            let number = queue.remove(pick(queue.len()));
            let (links, is_redirect) = graph[number].clone();
            queue.extend(distances.done(number, links.into(), is_redirect, MOST));
            look(&distances);
        }
        distances
    }

    /// How many pages keep their links. Redirects are not counted.
    fn keeping(distances: &Distances) -> usize {
        let kept = |node: &&Node| !node.links.is_empty() && !node.is_redirect;
        distances.pages.iter().filter(kept).count()
    }

    #[test]
    fn the_distance_is_the_shortest_in_whatever_order_pages_are_done() {
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
            let distances = crawl(&graph, |queue| random.usize(0..queue), |_| ());
            let found: Vec<_> = distances.pages.iter().map(|node| node.distance).collect();
            assert_eq!(found, exact(&graph), "{graph:?}");
            assert!(distances.pending.is_empty());
            assert_eq!(keeping(&distances), 0, "{graph:?}");
        }
    }

    /// In this order no page can get nearer after it was done, so none keeps its links.
    #[test]
    fn in_the_order_of_their_distance_no_links_are_kept() {
        let links = |n: u32| vec![(2 * n).min(79), (2 * n + 1).min(79)];
        let graph: Vec<_> = (0..80).map(|n| (links(n), false)).collect();
        let mut looks = 0;
        let look = |distances: &Distances| {
            looks += 1;
            assert_eq!(keeping(distances), 0);
        };
        crawl(&graph, |_| 0, look);
        // Within four links of the seed there are 1 + 1 + 2 + 4 + 8 pages.
        assert_eq!(looks, 16);
    }

    #[test]
    fn links_are_kept_as_long_as_a_shorter_path_may_come() {
        // 0 links to 1 and 2, 2 to 3, and both 1 and 3 link to 4.
        let graph = [
            (vec![1, 2], false),
            (vec![4], false),
            (vec![3], false),
            (vec![4], false),
            (vec![], false),
        ];
        let mut kept = Vec::new();
        // The page that was found last is requested first.
        crawl(
            &graph,
            |queue| queue - 1,
            |distances| kept.push(keeping(distances)),
        );
        // 0, 2, 3, 4 and 1 are done in turn. 3 is two links away and keeps its links until 1 is
        // done, because a link from 1 to 3 would be as short.
        assert_eq!(kept, [0, 0, 1, 1, 0]);
    }
}

//! A cluster in virtual time: how long the photos, the hand-out and the shared disk would take on
//! more ranks than this machine has. It is a *discrete event simulation*: nothing computes or
//! waits, and a clock jumps from one event to the next. The book's chapter *Past one machine* says
//! what it leaves out.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

/// What one photo costs the rank that processes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// The time of a core.
    pub compute: Duration,
    /// The bytes that are read and written.
    pub bytes: u64,
}

/// The properties of a cluster.
#[derive(Debug, Clone, Copy)]
pub struct Cluster {
    /// The number of processes, each with a core of its own.
    pub ranks: usize,
    /// The time until the first photo can be requested.
    pub start: Duration,
    /// The time of a message from one rank to another.
    pub latency: Duration,
    /// The time that rank 0 needs for one request. It answers them one after the other.
    pub answer: Duration,
    /// The throughput of the shared disk, in bytes a second for all ranks together. It serves them
    /// one after the other.
    pub disk: u64,
}

/// The result of a simulation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// The time from the start to the end of the last photo.
    pub wall: Duration,
    /// The time that the disk was busy.
    pub disk: Duration,
    /// The time that rank 0 was busy with answers.
    pub answering: Duration,
    /// The idle tail: the time from the end of a rank's last photo to the end of all, on average.
    pub tail: Duration,
}

/// The ways to hand out the photos.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// One at a time, to the rank that asks: `mpi`.
    Dynamic,
    /// The same number to each at the start, neighbours together: `mpi-static`.
    Static,
}

/// The next event of a rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// The rank's request reaches rank 0.
    Ask,
    /// The rank reads this photo, computes, and then writes it.
    Read(usize),
    Write(usize),
}

/// A server with one queue, in the order of arrival.
#[derive(Debug, Default)]
struct Server {
    free: Duration,
    busy: Duration,
}

impl Server {
    /// Returns when this request will be done.
    fn serve(&mut self, arrival: Duration, takes: Duration) -> Duration {
        self.free = self.free.max(arrival) + takes;
        self.busy += takes;
        self.free
    }
}

/// Simulates these photos on a cluster.
///
/// # Panics
/// If the cluster has no ranks, or a disk without throughput.
pub fn simulate(photos: &[Cost], cluster: &Cluster, split: Split) -> Prediction {
    assert!(
        cluster.ranks > 0 && cluster.disk > 0,
        "no ranks, or no disk"
    );
    let ranks = cluster.ranks;
    let (mut disk, mut rank_0) = (Server::default(), Server::default());
    // An approximation: half of a photo's bytes are read, half are written.
    let transfer = |photo: usize| {
        let half = photos[photo].bytes as f64 / 2.0;
        Duration::from_secs_f64(half / cluster.disk as f64)
    };
    // Rank 0 takes its own photos without a message.
    let way = |rank: usize| {
        if rank == 0 {
            Duration::ZERO
        } else {
            cluster.latency
        }
    };
    let mut begun = 0;
    let mut shares: Vec<_> = (0..ranks)
        .map(|rank| photos.len() * rank / ranks..photos.len() * (rank + 1) / ranks)
        .collect();
    let mut ends = vec![cluster.start; ranks];
    // The earliest event first; of several at one instant, that of the lowest rank.
    let mut events: BinaryHeap<_> = (0..ranks)
        .map(|rank| Reverse((cluster.start + way(rank), rank, Step::Ask)))
        .collect();
    // ANCHOR: events
    while let Some(Reverse((now, rank, step))) = events.pop() {
        let next = match (step, split) {
            (Step::Ask, Split::Static) => shares[rank].next().map(|photo| (now, Step::Read(photo))),
            (Step::Ask, Split::Dynamic) => (begun < photos.len()).then(|| {
                begun += 1;
                let answered = match rank {
                    0 => now,
                    _ => rank_0.serve(now, cluster.answer),
                };
                (answered + way(rank), Step::Read(begun - 1))
            }),
            (Step::Read(photo), _) => {
                let read = disk.serve(now, transfer(photo));
                Some((read + photos[photo].compute, Step::Write(photo)))
            }
            (Step::Write(photo), _) => {
                let written = disk.serve(now, transfer(photo));
                ends[rank] = written;
                let asks = match split {
                    Split::Dynamic => written + way(rank),
                    Split::Static => written,
                };
                Some((asks, Step::Ask))
            }
        };
        events.extend(next.map(|(time, step)| Reverse((time, rank, step))));
    }
    // ANCHOR_END: events
    let wall = ends.iter().copied().max().unwrap_or_default();
    let tail: Duration = ends.iter().map(|end| wall - *end).sum();
    Prediction {
        wall,
        disk: disk.busy,
        answering: rank_0.busy,
        tail: tail / ranks as u32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: Cluster = Cluster {
        ranks: 1,
        start: Duration::ZERO,
        latency: Duration::ZERO,
        answer: Duration::ZERO,
        disk: u64::MAX,
    };

    fn photos(count: u64) -> Vec<Cost> {
        let compute = |i: u64| Duration::from_millis(10 + i * 7_919 % 90);
        let cost = |i| Cost {
            compute: compute(i),
            bytes: 2_000_000,
        };
        (0..count).map(cost).collect()
    }

    fn work(photos: &[Cost]) -> Duration {
        photos.iter().map(|photo| photo.compute).sum()
    }

    #[test]
    fn one_rank_takes_as_long_as_all_photos() {
        let photos = photos(100);
        for split in [Split::Dynamic, Split::Static] {
            let one = simulate(&photos, &FREE, split);
            assert_eq!((one.wall, one.tail), (work(&photos), Duration::ZERO));
        }
    }

    /// R. Graham, *Bounds on multiprocessing timing anomalies*, 1969: if an idle worker takes the
    /// next task, all end at most one task after the mean.
    #[test]
    fn handed_out_one_by_one_the_tail_is_at_most_a_photo() {
        let photos = photos(1_000);
        let longest = photos.iter().map(|photo| photo.compute).max().unwrap();
        for ranks in [2, 7, 64, 999, 2_000] {
            let cluster = Cluster { ranks, ..FREE };
            let dynamic = simulate(&photos, &cluster, Split::Dynamic);
            let mean = work(&photos) / ranks as u32;
            assert!(dynamic.wall >= mean.max(longest), "{ranks}");
            assert!(dynamic.wall <= mean + longest, "{ranks}");
        }
    }

    #[test]
    fn a_static_split_waits_for_who_has_the_large_ones() {
        let mut photos = photos(1_000);
        photos.sort_by_key(|photo| photo.compute);
        let cluster = Cluster { ranks: 10, ..FREE };
        let dynamic = simulate(&photos, &cluster, Split::Dynamic);
        let fixed = simulate(&photos, &cluster, Split::Static);
        assert_eq!(fixed.wall, work(&photos[900..]));
        assert!(fixed.wall > dynamic.wall * 3 / 2);
        assert!(fixed.tail > dynamic.tail * 10);
    }

    #[test]
    fn disk_and_rank_0_bound_it_when_they_are_slow() {
        let photos = photos(1_000);
        let slow_disk = Cluster {
            ranks: 500,
            disk: 100_000_000,
            ..FREE
        };
        let run = simulate(&photos, &slow_disk, Split::Dynamic);
        // 2 GB at 100 MB/s; each byte is read or written once.
        assert_eq!(run.disk.as_millis(), 20_000);
        assert!((20..21).contains(&run.wall.as_secs()), "{run:?}");
        let slow_answers = Cluster {
            ranks: 500,
            answer: Duration::from_millis(10),
            ..FREE
        };
        let run = simulate(&photos, &slow_answers, Split::Dynamic);
        // Rank 0 needs no answer for its own.
        assert!(run.answering > Duration::from_millis(8_000), "{run:?}");
        assert!(run.wall >= run.answering && run.wall < run.answering * 11 / 10);
        let fixed = simulate(&photos, &slow_answers, Split::Static);
        assert_eq!(fixed.answering, Duration::ZERO);
        assert!(fixed.wall < run.wall / 10);
    }

    #[test]
    fn start_is_paid_once_and_latency_for_each_photo() {
        let photos = photos(100);
        let second = Duration::from_secs(1);
        let start = Cluster {
            start: second,
            ..FREE
        };
        let run = simulate(&photos, &start, Split::Dynamic);
        assert_eq!(run.wall, work(&photos) + second);
        // Rank 1 gets one photo in two seconds at most, and so rank 0 does nearly all.
        let far = Cluster {
            ranks: 2,
            latency: second,
            ..FREE
        };
        let run = simulate(&photos, &far, Split::Dynamic);
        assert!(run.wall > work(&photos) * 9 / 10, "{run:?}");
        assert!(run.wall < work(&photos) + 2 * second, "{run:?}");
    }
}

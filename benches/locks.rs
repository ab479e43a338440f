//! What a shared counter costs, by the number of threads and by the length of the critical section.
//!
//!     cargo bench --bench locks
//!
//! `locks/1` is a single thread, without contention. The threads of `locks/2` and `locks/8` do
//! nothing but count. In `locks/2 long` each update goes round an empty loop a hundred times, while
//! holding the lock if there is one. `locks/reads` compares locks by how many of 100 accesses only
//! read, with two threads.

use std::hint::{black_box, spin_loop};
use std::sync::{Mutex, RwLock};
use std::thread;
use std::time::Duration;

use clap::ValueEnum;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput};
use locks::{Job, Strategy};
use timing::{Timeline, cli};

/// The updates of each thread: enough that starting the threads is a small part of the time.
const UPDATES: u64 = 200_000;
/// The updates of each thread where each update takes long.
const FEW: u64 = 10_000;
/// The turns of the empty loop in a long update.
const LONG: u32 = 100;

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        // Criterion's default of 100 000 would take longer than the measurement itself.
        .nresamples(5_000)
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(800))
        .configure_from_args();
    for (name, threads, updates, spin) in [
        ("locks/1", 1, UPDATES, 0),
        ("locks/2", 2, UPDATES, 0),
        ("locks/8", 8, UPDATES, 0),
        ("locks/2 long", 2, FEW, LONG),
    ] {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(threads as u64 * updates));
        counters(&mut group, threads, updates, spin);
        group.finish();
    }
    let mut group = criterion.benchmark_group("locks/reads");
    group.throughput(Throughput::Elements(2 * FEW));
    for reads in [0, 50, 95, 100] {
        let (std, parking) = (Mutex::new(0), parking_lot::Mutex::new(0));
        let (shared, shared_parking) = (RwLock::new(0), parking_lot::RwLock::new(0));
        let mut bench = |name: &str, access: &(dyn Fn(bool) + Sync)| {
            group.bench_function(format!("{name}/{reads}"), |b| {
                b.iter(|| {
                    on_threads(2, |number| {
                        for access_number in 0..FEW {
                            access((access_number * 37 + number) % 100 < reads);
                        }
                    });
                });
            });
        };
        // Readers hold the lock for a while, because that is what a read-write lock is for.
        let look = |value: &u64| {
            black_box(value);
            (0..LONG).for_each(|_| spin_loop());
        };
        bench("mutex", &|reads| {
            let mut value = std.lock().unwrap();
            if reads { look(&value) } else { *value += 1 }
        });
        bench("parking_lot mutex", &|reads| {
            let mut value = parking.lock();
            if reads { look(&value) } else { *value += 1 }
        });
        bench("rwlock", &|reads| {
            if reads {
                look(&shared.read().unwrap())
            } else {
                *shared.write().unwrap() += 1
            }
        });
        bench("parking_lot rwlock", &|reads| {
            if reads {
                look(&shared_parking.read())
            } else {
                *shared_parking.write() += 1
            }
        });
    }
    group.finish();
    criterion.final_summary();
}

fn counters(group: &mut BenchmarkGroup<'_, WallTime>, threads: usize, updates: u64, spin: u32) {
    let job = Job {
        threads,
        updates,
        tick: Duration::ZERO,
        seed: 0,
        spin,
        shards: threads,
        tell: None,
    };
    for strategy in Strategy::value_variants() {
        group.bench_function(cli::name(strategy), |b| {
            b.iter(|| strategy.run(&job, &Timeline::off()).expect("counted"));
        });
    }
    // `mutex` once more, with the lock that many programs use instead of the standard library's.
    group.bench_function("parking_lot", |b| {
        b.iter(|| {
            let counter = parking_lot::Mutex::new(0_u64);
            on_threads(threads, |_| {
                for _ in 0..updates {
                    let mut counter = counter.lock();
                    (0..spin).for_each(|_| spin_loop());
                    *counter += 1;
                }
            });
            assert_eq!(*counter.lock(), threads as u64 * updates);
        });
    });
}

fn on_threads(threads: usize, work: impl Fn(u64) + Sync) {
    thread::scope(|scope| {
        for number in 0..threads as u64 {
            let work = &work;
            scope.spawn(move || work(number));
        }
    });
}

//! Meals by rule, by how many sit at the table and by how long a meal takes. Nobody thinks, and
//! eating keeps a core busy: so at most half of the seats eat at once, and at most as many as there
//! are cores.
//!
//!     cargo bench --bench philosophers
//!
//! `philosophers/5 seats, 10 us` and so on; the throughput is meals a second. `naive` has no meals:
//! `philosophers/deadlock` is the time from sitting down until the deadlock is noticed and the
//! table cleared.

use std::time::Duration;

use clap::ValueEnum;
use criterion::{Criterion, Throughput};
use philosophers::pace::{self, Round, Until};
use philosophers::{Job, Strategy};
use timing::{Timeline, cli};

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        // Criterion's default of 100 000 would take longer than the measurement itself.
        .nresamples(5_000)
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(600))
        .configure_from_args();
    let job = |seats, meals, eat| {
        let round = Round {
            think: Duration::ZERO,
            eat: Duration::from_micros(eat),
            busy: true,
        };
        let mut job = Job::new(seats, pace::steady(round, Until::Meals(meals)));
        // The wait-for graph is for the lesson, and must not be measured.
        job.observers.watch = None;
        job
    };
    // About a thousand meals each time.
    for (seats, meals) in [(5, 200), (50, 20), (500, 2)] {
        for eat in [0, 10, 100] {
            let mut group =
                criterion.benchmark_group(format!("philosophers/{seats} seats, {eat} us"));
            group.throughput(Throughput::Elements(seats as u64 * meals));
            let job = job(seats, meals, eat);
            for strategy in Strategy::value_variants() {
                if *strategy == Strategy::Naive {
                    continue;
                }
                group.bench_function(cli::name(strategy), |b| {
                    b.iter(|| {
                        let dinner = strategy.run(&job, &Timeline::off()).expect("dined");
                        assert_eq!(dinner.meals(), seats as u64 * meals);
                    });
                });
            }
            group.finish();
        }
    }
    let mut group = criterion.benchmark_group("philosophers/deadlock");
    group.bench_function("naive/5", |b| {
        b.iter(|| {
            let job = Job::new(5, pace::steady(Round::default(), Until::Meals(1)));
            let dinner = Strategy::Naive.run(&job, &Timeline::off()).expect("dined");
            assert!(dinner.deadlock.is_some());
        });
    });
    group.finish();
    criterion.final_summary();
}

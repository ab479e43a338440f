//! The two counts with ticks of a millisecond: what each strategy costs besides the waiting.
//!
//!     cargo bench --bench countdown
//!
//! The least possible is 10 ms (Bob's five waits of 2 ms), and 15 ms for `sequential`. The rest is
//! the cost of threads, processes and tasks, and of a timer that wakes up late.

use std::env;
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use countdown::{Count, Job, Strategy, processes};
use criterion::Criterion;
use timing::{Timeline, cli};

fn main() {
    // `processes` starts this very program as its children.
    processes::count_if_child();
    let mut criterion = Criterion::default()
        .sample_size(20)
        // Criterion's default of 100 000 would take longer than the measurement itself.
        .nresamples(5_000)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let count = |name: &str, ms| Count {
        name: name.to_owned(),
        from: 5,
        delay: Duration::from_millis(ms),
    };
    let job = Job {
        counts: vec![count("Alice", 1), count("Bob", 2)],
        say: Arc::new(|_| ()),
        program: env::current_exe().expect("this program's own path"),
    };
    let mut group = criterion.benchmark_group("countdown/two");
    for strategy in Strategy::value_variants() {
        group.bench_function(cli::name(strategy), |b| {
            b.iter(|| strategy.run(&job, &Timeline::off()).expect("counted"));
        });
    }
    group.finish();
    criterion.final_summary();
}

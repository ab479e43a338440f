//! The countdown and the primes by every strategy, as many workers as there are cores.
//!
//!     cargo bench --bench cpu-bound
//!     cargo bench --bench cpu-bound -- primes

use std::env;
use std::time::Duration;

use cpu_bound::{Job, Strategy, Work, processes};
use criterion::{Criterion, Throughput};
use timing::{Machine, Timeline, cli};

fn main() {
    // `processes` starts this very program as its children.
    processes::compute_if_child();
    let mut criterion = Criterion::default()
        .sample_size(10)
        // Criterion's default of 100 000 would take longer than the measurement itself.
        .nresamples(5_000)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    for (name, work, size) in [
        ("countdown", Work::Countdown, 200_000_000),
        ("primes", Work::Primes, 1_000_000),
    ] {
        let job = Job {
            work,
            size,
            workers: Machine::detect().cores,
            program: env::current_exe().expect("this program's own path"),
        };
        let mut group = criterion.benchmark_group(format!("cpu-bound/{name}"));
        group.throughput(Throughput::Elements(size));
        for strategy in Strategy::IN_TURN {
            group.bench_function(cli::name(&strategy), |b| {
                b.iter(|| strategy.run(&job, &Timeline::off()).expect("a sum"));
            });
        }
        group.finish();
    }
    criterion.final_summary();
}

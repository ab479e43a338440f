//! Pings a server in this process whose answers take some time. The time above the longest wait, or
//! above the sum of the waits for `sequential`, is the cost of the strategy and the server.
//!
//!     cargo bench --bench ping
//!
//! `five` has the sleeps of the course's list, a hundredth as long: the least possible is 30 ms,
//! and 50 ms for `sequential`. `hundred` is a hundred URLs that sleep 20 ms each: at least 20 ms
//! for `threads` and `tasks`; and with ten threads 200 ms for `pool`.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use criterion::Criterion;
use ping::clients::{Clients, Settings};
use ping::pace::Pace;
use ping::server::Server;
use ping::targets::Targets;
use ping::{Job, Strategy};
use timing::{Timeline, cli};

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        // Criterion's default of 100 000 would take longer than the measurement itself.
        .nresamples(5_000)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let server = Server::start((Ipv4Addr::LOCALHOST, 0).into()).expect("a server");
    let url = |sleep: u32| format!("http://{}/200?sleep={sleep}", server.address());
    let job = |sleeps: &[u32], repeat| Job {
        targets: Targets::new(sleeps.iter().map(|ms| url(*ms)), repeat).expect("URLs"),
        clients: Clients::new(Settings::default()).expect("clients"),
        workers: 10,
        in_flight: 1000,
        pace: Pace::default(),
        tell: Arc::new(|pong| assert!(pong.result.is_ok(), "{}", pong.line())),
    };
    for (name, job, strategies) in [
        (
            "ping/five",
            job(&[0, 20, 0, 30, 0], 1),
            Strategy::value_variants(),
        ),
        (
            "ping/hundred",
            job(&[20], 100),
            &[Strategy::Pool, Strategy::Threads, Strategy::Tasks],
        ),
    ] {
        let mut group = criterion.benchmark_group(name);
        for strategy in strategies {
            group.bench_function(cli::name(strategy), |b| {
                b.iter(|| strategy.run(&job, &Timeline::off()).expect("pinged"));
            });
        }
        group.finish();
    }
    criterion.final_summary();
}

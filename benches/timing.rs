//! The cost of recording: a span in a lane, with the timeline on and off, beside the same span
//! through `tracing` and `tracing-chrome`; and a hundred thousand spans drawn.
//!
//!     cargo bench --bench timing

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use timing::{Kind, Recording, Row, Run, SpanRecord, Timeline, svg, terminal, trace};
use tracing_subscriber::layer::SubscriberExt;

/// The number of spans after which a lane is dropped: so the bench does not measure growing memory.
const A_LANE: u64 = 10_000;

fn span(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("timing/span");
    for (id, timeline) in [("lane", Timeline::new as fn() -> _), ("off", Timeline::off)] {
        group.bench_function(id, |b| b.iter_custom(|count| in_lanes(timeline, count)));
    }
    // The writer's thread and file are a cost of tracing-chrome that is not measured here.
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (layer, guard) = tracing_chrome::ChromeLayerBuilder::new()
        .file(folder.path().join("trace.json"))
        .build();
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || {
        group.bench_function("tracing-chrome", |b| {
            b.iter(|| {
                let _span = tracing::info_span!("decode").entered();
            });
        });
    });
    drop(guard);
    group.finish();
}

fn in_lanes(timeline: impl Fn() -> Timeline, count: u64) -> Duration {
    let mut total = Duration::ZERO;
    let mut left = count;
    while left > 0 {
        let batch = left.min(A_LANE);
        let timeline = timeline();
        let mut lane = timeline.lane("worker");
        let start = Instant::now();
        for _ in 0..batch {
            let _span = black_box(&mut lane).work("decode");
        }
        total += start.elapsed();
        left -= batch;
    }
    total
}

fn render(criterion: &mut Criterion) {
    let runs = [hundred_thousand_spans()];
    let mut group = criterion.benchmark_group("timing/render-100000-spans");
    group.sample_size(10);
    group.bench_function("terminal", |b| b.iter(|| terminal::draw(&runs, 80)));
    group.bench_function("svg", |b| b.iter(|| svg::draw(&runs)));
    group.bench_function("trace", |b| b.iter(|| trace::draw(&runs)));
    group.finish();
}

/// Ten lanes of 10 000 spans each, working and waiting in turn.
fn hundred_thousand_spans() -> Run {
    let span = |lane: u64, number: u64| SpanRecord {
        kind: if number.is_multiple_of(2) {
            Kind::Work
        } else {
            Kind::Wait
        },
        label: "decode".into(),
        start_ns: number * 10_000 + lane * 500,
        end_ns: number * 10_000 + lane * 500 + 8_000,
    };
    let row = |lane| Row {
        name: format!("worker {lane}"),
        spans: (0..10_000).map(|number| span(lane, number)).collect(),
    };
    let recording = Recording {
        rows: (0..10).map(row).collect(),
        ..Recording::default()
    };
    let ((), run) = Run::record("threads", 10, |_| ());
    Run { recording, ..run }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        // Criterion's default of 100 000 would take longer than the measurement itself.
        .nresamples(5_000)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3));
    targets = span, render
}
criterion_main!(benches);

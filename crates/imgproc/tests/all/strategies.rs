//! What all strategies have in common, and what makes them differ.

use std::fs;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use crate::common::{bad_ones, job, odd_ones, samples, strategies, tree};
use imgproc::codec::{Limits, decode};
use imgproc::filter::{Blur, Edges, Filter, Grey, Invert, Posterise, Threshold, Thumbnail};
use imgproc::{Outcome, Strategy};
use libjpeg_turbo_rs::{Encoder, PixelFormat};
use timing::{Kind, Run, Timeline, cli};

const FILTERS: [Filter; 7] = [
    Filter::Grey(Grey),
    Filter::Threshold(Threshold { level: 128 }),
    Filter::Blur(Blur { sigma: 5.0 }),
    Filter::Edges(Edges),
    Filter::Invert(Invert),
    Filter::Posterise(Posterise { levels: 4 }),
    Filter::Thumbnail(Thumbnail { size: 100 }),
];

#[test]
fn every_strategy_writes_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let input = samples(&folder.path().join("in"));
    odd_ones(&input);
    // Their restart markers let several workers decode them.
    imgproc::samples::enlarge_into(&input.join("with markers"), 1).unwrap();
    for filter in FILTERS {
        let mut expected = None;
        for &strategy in strategies() {
            for workers in [1, 3] {
                let output = folder.path().join("out");
                let job = job(&input, &output, filter, workers);
                assert_eq!(job.tasks.len(), 19);
                let outcomes = strategy.run(&job, &Timeline::off()).unwrap();
                for (task, outcome) in job.tasks.iter().zip(outcomes) {
                    assert!(outcome.done().is_some(), "{task:?}: {outcome:?}");
                }
                let results = tree(&output);
                fs::remove_dir_all(&output).unwrap();
                let expected = expected.get_or_insert_with(|| results.clone());
                assert!(
                    results == *expected,
                    "{strategy:?}, {workers} workers, {filter:?}"
                );
            }
        }
    }
}

/// Each outcome is told once, whoever has it, and the bar says how many there are.
#[test]
fn each_photo_is_told_once_and_advances_the_bar() {
    let folder = tempfile::tempdir().unwrap();
    let input = samples(&folder.path().join("in"));
    fs::write(input.join("bad.jpg"), "no photo").unwrap();
    for &strategy in strategies() {
        let output = folder.path().join(cli::name(&strategy));
        let mut job = job(&input, &output, Filter::Invert(Invert), 2);
        let told = Arc::new(Mutex::new(Vec::new()));
        let telling = Arc::clone(&told);
        job.on_outcome = Some(Box::new(move |task, _| {
            telling.lock().unwrap().push(task.input.clone());
        }));
        strategy.run(&job, &Timeline::off()).unwrap();
        let mut told = told.lock().unwrap().clone();
        told.sort();
        let mut expected: Vec<_> = job.tasks.iter().map(|task| task.input.clone()).collect();
        expected.sort();
        assert_eq!(told, expected, "{strategy:?}");
        let position = job.progress.position();
        assert_eq!(position, job.tasks.len() as u64, "{strategy:?}");
    }
}

/// Each process costs memory and time, also one that gets no photo.
#[test]
fn no_more_processes_are_started_than_there_are_photos() {
    let folder = tempfile::tempdir().unwrap();
    let input = samples(&folder.path().join("in"));
    let job = job(&input, &folder.path().join("out"), FILTERS[4], 8);
    let timeline = Timeline::new();
    Strategy::Processes.run(&job, &timeline).unwrap();
    let rows = timeline.recording().rows;
    let names: Vec<_> = rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(
        names,
        [0, 1, 2, 3, 4].map(|index| format!("process {index}"))
    );
}

#[test]
fn a_bad_photo_is_named_and_stops_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let input = samples(&folder.path().join("in"));
    for (name, bytes, _) in bad_ones() {
        fs::write(input.join(name), bytes).unwrap();
    }
    for &strategy in strategies() {
        let output = folder.path().join(cli::name(&strategy));
        let job = job(&input, &output, Filter::Grey(Grey), 2);
        let outcomes = strategy.run(&job, &Timeline::off()).unwrap();
        for (task, outcome) in job.tasks.iter().zip(outcomes) {
            let name = task.input.file_name().unwrap().to_str().unwrap();
            match bad_ones().iter().find(|bad| bad.0 == name) {
                None => assert!(outcome.done().is_some(), "{name}: {outcome:?}"),
                Some((_, _, cause)) => {
                    let Outcome::Failed(text) = outcome else {
                        panic!("{strategy:?} took {name}: {outcome:?}");
                    };
                    assert!(text.contains(cause), "{name}: {text}");
                }
            }
        }
        let names: Vec<_> = tree(&output).into_iter().map(|file| file.0).collect();
        assert_eq!(names.len(), 5, "{names:?}");
    }
}

#[test]
fn a_result_that_exists_is_kept_unless_forced() {
    let folder = tempfile::tempdir().unwrap();
    let input = samples(&folder.path().join("in"));
    for &strategy in strategies() {
        let output = folder.path().join(cli::name(&strategy));
        let mut job = job(&input, &output, Filter::Grey(Grey), 2);
        fs::create_dir_all(&output).unwrap();
        fs::write(&job.tasks[0].output, "mine").unwrap();
        let outcomes = strategy.run(&job, &Timeline::off()).unwrap();
        assert!(matches!(&outcomes[0], Outcome::Failed(why) if why.contains("--force")));
        assert!(outcomes[1..].iter().all(|o| o.done().is_some()));
        assert_eq!(fs::read(&job.tasks[0].output).unwrap(), b"mine");
        job.settings.force = true;
        let outcomes = strategy.run(&job, &Timeline::off()).unwrap();
        assert!(outcomes.iter().all(|o| o.done().is_some()));
        assert_ne!(fs::read(&job.tasks[0].output).unwrap(), b"mine");
    }
}

#[test]
fn a_stopped_job_begins_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let input = samples(&folder.path().join("in"));
    for &strategy in strategies() {
        let output = folder.path().join("out");
        let job = job(&input, &output, Filter::Grey(Grey), 2);
        job.stop.store(true, Ordering::Relaxed);
        let outcomes = strategy.run(&job, &Timeline::off()).unwrap();
        assert!(
            outcomes.iter().all(|o| *o == Outcome::Skipped),
            "{strategy:?}"
        );
        assert!(!output.exists());
    }
}

/// Runs a strategy over larger photos: each takes so long that others are processed at the same
/// time.
fn recorded(strategy: Strategy, workers: usize) -> (imgproc::Job, Run) {
    recorded_after(strategy, workers, |_| ())
}

/// Does so after `change` was called with the path of each photo.
fn recorded_after(
    strategy: Strategy,
    workers: usize,
    change: impl Fn(&Path),
) -> (imgproc::Job, Run) {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    let photos = imgproc::samples::enlarge_into(&input, 3).unwrap();
    photos.iter().for_each(|path| change(path));
    let job = job(
        &input,
        &folder.path().join("out"),
        Filter::Blur(Blur { sigma: 3.0 }),
        workers,
    );
    let (outcomes, run) = Run::record(&cli::name(&strategy), workers, |timeline| {
        strategy.run(&job, timeline)
    });
    assert!(outcomes.unwrap().iter().all(|o| o.done().is_some()));
    (job, run)
}

fn count(run: &Run, label: &str) -> usize {
    let spans = run.recording.rows.iter().flat_map(|row| &row.spans);
    spans.filter(|span| span.label == label).count()
}

#[test]
fn sequential_is_one_thing_after_the_other() {
    let (job, run) = recorded(Strategy::Sequential, 4);
    assert_eq!(run.recording.rows.len(), 1);
    assert_eq!(run.recording.peak(Kind::Work), 1);
    assert_eq!(count(&run, "decode"), job.tasks.len());
}

#[test]
fn rayon_and_processes_have_so_many_at_work_and_never_more() {
    for strategy in [Strategy::Rayon, Strategy::Processes] {
        let (job, run) = recorded(strategy, 2);
        assert_eq!(run.recording.rows.len(), 2, "{strategy:?}");
        assert_eq!(run.recording.peak(Kind::Work), 2, "{strategy:?}");
        for label in ["read", "decode", "filter", "encode", "write"] {
            assert_eq!(count(&run, label), job.tasks.len(), "{strategy:?}: {label}");
        }
    }
}

/// The first photo takes until all of the others are done, so another worker must do them.
#[test]
fn no_photo_waits_for_a_worker_that_is_busy() {
    for strategy in [Strategy::Rayon, Strategy::Processes] {
        let folder = tempfile::tempdir().unwrap();
        let input = samples(&folder.path().join("in"));
        samples(&input.join("more"));
        let mut job = job(&input, &folder.path().join("out"), FILTERS[0], 2);
        let first = job.tasks[0].input.clone();
        let others = job.tasks.len() - 1;
        assert!(others > 7, "too few to be made into pieces");
        let (done, all) = mpsc::channel();
        let all = Mutex::new(all);
        job.on_outcome = Some(Box::new(move |task, _| {
            if task.input != first {
                done.send(()).unwrap();
                return;
            }
            for _ in 0..others {
                let other = all.lock().unwrap().recv_timeout(Duration::from_secs(60));
                assert!(other.is_ok(), "{strategy:?}");
            }
        }));
        strategy.run(&job, &Timeline::off()).unwrap();
    }
}

/// Returns the most workers that did a step of this name at the same time.
fn peak(run: &Run, label: &str) -> usize {
    let mut steps = run.recording.clone();
    for row in &mut steps.rows {
        row.spans.retain(|span| span.label == label);
    }
    steps.peak(Kind::Work)
}

/// Most cameras write such files.
#[test]
fn without_restart_markers_one_worker_of_rows_decodes() {
    let (job, run) = recorded_after(Strategy::Rows, 2, |path| {
        let file = fs::read(path).unwrap();
        let photo = decode(&file, false, Limits::default(), Vec::new()).unwrap();
        let encoder = Encoder::new(&photo.pixels, photo.width, photo.height, PixelFormat::Rgb);
        fs::write(path, encoder.encode().unwrap()).unwrap();
    });
    assert_eq!(count(&run, "decode"), job.tasks.len());
    assert_eq!(count(&run, "decode a band"), 0);
    assert_eq!(peak(&run, "decode"), 1);
    for step in ["filter a band", "encode a band"] {
        assert!(count(&run, step) > job.tasks.len());
    }
    assert_eq!(run.recording.peak(Kind::Work), 2);
}

#[test]
fn with_restart_markers_the_workers_of_rows_share_each_photo() {
    let (job, run) = recorded(Strategy::Rows, 2);
    for step in ["decode a band", "filter a band", "encode a band"] {
        assert!(count(&run, step) > job.tasks.len(), "{step}");
        assert_eq!(peak(&run, step), 2, "{step}");
    }
    let (_, run) = recorded(Strategy::Rows, 1);
    assert_eq!(count(&run, "decode a band"), 0);
}

#[test]
fn the_stages_of_the_pipeline_overlap() {
    let (_, run) = recorded(Strategy::Pipeline, 3);
    let names: Vec<_> = run
        .recording
        .rows
        .iter()
        .map(|row| row.name.as_str())
        .collect();
    assert_eq!(names, ["decode 0", "filter 0", "encode 0"]);
    assert!(run.recording.peak(Kind::Work) > 1);
    let filter = &run.recording.rows[1];
    assert!(
        filter
            .spans
            .iter()
            .all(|span| span.kind == Kind::Wait || span.label == "filter")
    );
}

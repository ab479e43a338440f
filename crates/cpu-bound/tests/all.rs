//! What every strategy must do, and the real program as its user runs it.

use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use timing::limit::InTime;

use cpu_bound::interpreter_lock::{InterpreterLock, SWITCH_INTERVAL};
use cpu_bound::{Job, Strategy, Work, is_prime};
use timing::{Kind, Run, Timeline, cli};

fn job(work: Work, size: u64, workers: usize) -> Job {
    Job {
        work,
        size,
        workers,
        program: env!("CARGO_BIN_EXE_cpu-bound").into(),
    }
}

#[test]
fn every_strategy_has_the_same_result() {
    for (work, size, result) in [
        (Work::Countdown, 1_000_003, 1_000_003),
        // The number of primes below a million is in every table.
        (Work::Primes, 1_000_000, 78_498),
        (Work::Primes, 1, 0),
    ] {
        for strategy in Strategy::IN_TURN {
            for workers in [1, 2, 3, 7] {
                let sum = strategy
                    .run(&job(work, size, workers), &Timeline::off())
                    .unwrap();
                assert_eq!(sum, result, "{strategy:?}, {workers} workers, {work:?}");
            }
        }
    }
}

#[test]
fn the_first_primes() {
    let primes: Vec<_> = (0..50).filter(|&n| is_prime(n)).collect();
    assert_eq!(
        primes,
        [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47]
    );
}

#[test]
fn the_parts_are_all_the_numbers_once() {
    for size in [1, 2, 10, 1_001, u64::MAX] {
        for count in [1, 2, 3, 64] {
            let parts = job(Work::Primes, size, 1).parts(count);
            assert_eq!((parts[0].start, parts[count - 1].end), (0, size));
            assert!(parts.windows(2).all(|pair| pair[0].end == pair[1].start));
            // A part that got all of the rest would keep the others waiting.
            let lengths = parts.iter().map(|part| part.end - part.start);
            let (least, most) = (lengths.clone().min().unwrap(), lengths.max().unwrap());
            assert!(most - least <= 1, "{least} to {most}, {size} in {count}");
        }
    }
}

fn recorded(strategy: Strategy, work: Work, size: u64) -> Run {
    let job = job(work, size, 2);
    let (sum, run) = Run::record(&cli::name(&strategy), 2, |timeline| {
        strategy.run(&job, timeline)
    });
    sum.unwrap();
    run
}

#[test]
fn threads_processes_and_rayon_compute_at_once() {
    for strategy in [Strategy::Threads, Strategy::Processes, Strategy::Rayon] {
        let run = recorded(strategy, Work::Countdown, 200_000_000);
        assert_eq!(run.recording.rows.len(), 2, "{strategy:?}");
        assert_eq!(run.recording.peak(Kind::Work), 2, "{strategy:?}");
    }
}

#[test]
fn under_the_gil_one_computes_at_a_time_and_they_take_turns() {
    let run = recorded(Strategy::Gil, Work::Countdown, 200_000_000);
    let recording = &run.recording;
    assert_eq!(recording.rows.len(), 2);
    assert_eq!(recording.peak(Kind::Work), 1);
    for row in &recording.rows {
        let turns = row.spans.iter().filter(|span| span.kind == Kind::Work);
        assert!(
            turns.count() > 1,
            "{}: no one asked for the lock back",
            row.name
        );
    }
}

/// On the timeline a thread is ready from when it wants the lock until it has it. So while another
/// thread computes, that span can't end: the lock is not free.
#[test]
fn under_the_gil_a_thread_is_ready_until_it_has_the_lock() {
    let run = recorded(Strategy::Gil, Work::Countdown, 200_000_000);
    let [one, other] = &run.recording.rows[..] else {
        panic!("{} rows", run.recording.rows.len());
    };
    // A turn ends on request only, and a request is sent after a switch interval. (The first turn
    // and the last end by themselves.)
    let turns = one.spans.len().max(other.spans.len()) / 2;
    let most = run.recording.end().as_nanos() / SWITCH_INTERVAL.as_nanos() + 2;
    assert!(turns as u128 <= most, "{turns} turns, not {most}");
    for (row, other) in [(one, other), (other, one)] {
        for turn in row.spans.chunks(2) {
            let kinds: Vec<_> = turn.iter().map(|span| span.kind).collect();
            assert_eq!(kinds, [Kind::Ready, Kind::Work], "{}", row.name);
            let at = turn[0].end_ns;
            let mut of_other = other.spans.iter().filter(|span| span.kind == Kind::Work);
            let overtaken = of_other.find(|work| work.start_ns < at && at < work.end_ns);
            assert_eq!(overtaken, None, "{} at {at}", row.name);
        }
    }
}

/// A static split has a part for each thread. Work stealing has many more, or a thread that has
/// done its own would find nothing to steal.
#[test]
fn rayon_has_many_parts_for_each_worker_and_threads_one() {
    for (strategy, least, most) in [(Strategy::Threads, 2, 2), (Strategy::Rayon, 20, 1_000)] {
        let run = recorded(strategy, Work::Primes, 100_000);
        let parts: usize = run.recording.rows.iter().map(|row| row.spans.len()).sum();
        assert!((least..=most).contains(&parts), "{strategy:?}: {parts}");
    }
}

#[test]
fn a_strategy_has_as_many_workers_as_rows() {
    for strategy in Strategy::IN_TURN {
        for workers in [1, 3] {
            let job = job(Work::Countdown, 1_000, workers);
            let timeline = Timeline::new();
            strategy.run(&job, &timeline).unwrap();
            let rows = timeline.recording().rows.len();
            assert_eq!(rows, strategy.workers(workers), "{strategy:?}, {workers}");
        }
    }
}

#[test]
fn the_lock_lets_one_in_and_everyone_through() {
    let lock = InterpreterLock::default();
    let (inside, turns) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    lock.take();
                    assert_eq!(inside.fetch_add(1, SeqCst), 0);
                    thread::yield_now();
                    inside.fetch_sub(1, SeqCst);
                    turns.fetch_add(1, SeqCst);
                    lock.release();
                }
            });
        }
    });
    assert_eq!(turns.into_inner(), 200);
}

#[test]
fn a_holder_is_asked_to_let_go_and_then_does_not_overtake() {
    let lock = InterpreterLock::default();
    lock.take();
    thread::scope(|scope| {
        let other = scope.spawn(|| {
            lock.take();
            lock.release();
        });
        while !lock.is_wanted() {
            thread::yield_now();
        }
        lock.release();
        // Release waited until the other one had it.
        assert!(!lock.is_wanted());
        other.join().unwrap();
    });
}

fn cpu_bound(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cpu-bound"));
    command
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

#[track_caller]
fn ended(output: Output, status: i32) -> (String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (out, err) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(status), "{out}{err}");
    assert!(!err.contains("panicked"), "{err}");
    (out, err)
}

#[test]
fn without_a_strategy_every_one_computes() {
    for (work, size, outcome) in [
        ("countdown", "1000000", "1000000"),
        ("primes", "100000", "9592 primes"),
    ] {
        let arguments = ["--work", work, "--size", size];
        let (out, err) = ended(cpu_bound(&arguments).output_in_time(), 0);
        assert_eq!(err, "");
        for strategy in Strategy::IN_TURN {
            let row = format!(" {} ", cli::name(&strategy));
            let row = out.lines().find(|line| line.starts_with(&row)).expect(&row);
            assert!(row.contains(outcome), "{row}");
        }
    }
}

#[test]
fn python_is_beside_it_where_there_is_one() {
    let arguments = ["sequential", "--size", "100000", "--python"];
    let (out, err) = ended(cpu_bound(&arguments).output_in_time(), 0);
    if cpu_bound::python::interpreter().is_some() {
        assert!(
            out.contains(" python ") && out.contains(" python-threads "),
            "{out}"
        );
    } else {
        assert!(err.contains("python3"), "{err}");
    }
    // Windows also looks into its own folders, and Python's installer may put `py` there.
    if cfg!(windows) {
        return;
    }
    let mut without = cpu_bound(&arguments);
    let (_, err) = ended(without.env("PATH", "").output_in_time(), 0);
    assert_eq!(err, "no python3 on the PATH: its rows are left out\n");
}

#[test]
fn a_guess_is_shown_beside_what_was_measured() {
    let arguments = [
        "sequential",
        "threads",
        "--size",
        "100000",
        "--predict",
        "threads=2x",
    ];
    let (out, _) = ended(cpu_bound(&arguments).output_in_time(), 0);
    assert!(
        out.contains("\nthreads: guess 2x as fast as sequential, measured "),
        "{out}"
    );
}

#[test]
fn wrong_arguments_are_told() {
    for (arguments, hint) in [
        (&["thread"][..], "threads"),
        (&["--workers", "0"], "1..=1024"),
        (&["--workers", "-1"], "1..=1024"),
        (&["--workers", "1000000"], "1..=1024"),
        (&["--size", "0"], "--size"),
        (&["--size", "-5"], "--size"),
        (&["--size", "99999999999999999999999"], "--size"),
        (&["--work", "prime"], "primes"),
    ] {
        let (_, err) = ended(cpu_bound(arguments).output_in_time(), 2);
        assert!(err.contains(hint), "{arguments:?}: {err}");
    }
}

/// The processes whose parent is this one.
#[cfg(target_os = "linux")]
fn children(parent: u32) -> Vec<u32> {
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    let ours = all.filter_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
        let of: u32 = stat.rsplit(") ").next()?.split(' ').nth(1)?.parse().ok()?;
        (of == parent).then_some(pid)
    });
    ours.collect()
}

#[cfg(target_os = "linux")]
#[test]
fn a_child_that_dies_is_an_error_and_none_stays() {
    let arguments = ["processes", "--workers", "2", "--size", "1000000000000"];
    let child = cpu_bound(&arguments).spawn().unwrap();
    while children(child.id()).len() < 2 {
        thread::yield_now();
    }
    let first = *children(child.id()).iter().min().unwrap();
    let killed = Command::new("kill")
        .args(["-KILL", &first.to_string()])
        .status();
    assert!(killed.unwrap().success());
    let (out, err) = ended(child.output_in_time(), 1);
    assert!(
        err.starts_with("error: processes: process 0 died (signal: 9 (SIGKILL))"),
        "{err}"
    );
    assert!(out.contains("failed"), "{out}");
}

#[cfg(target_os = "linux")]
#[test]
fn children_do_not_outlive_their_parent() {
    let arguments = ["processes", "--workers", "2", "--size", "1000000000000"];
    let mut child = cpu_bound(&arguments).spawn().unwrap();
    while children(child.id()).len() < 2 {
        thread::yield_now();
    }
    let orphans = children(child.id());
    child.kill().unwrap();
    child.wait().unwrap();
    let is_alive = |pid: &u32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let state = stat
            .rsplit(") ")
            .next()
            .and_then(|rest| rest.chars().next());
        state.is_some_and(|state| state != 'Z')
    };
    let begin = std::time::Instant::now();
    while orphans.iter().any(is_alive) {
        assert!(
            begin.elapsed().as_secs() < 120,
            "they go on without a parent"
        );
        thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[cfg(not(feature = "mpi"))]
#[test]
fn a_program_without_mpi_says_how_to_get_it() {
    let (out, err) = ended(cpu_bound(&["mpi"]).output_in_time(), 2);
    assert!(
        err.contains("error: mpi: ") && err.contains("--features mpi"),
        "{err}"
    );
    assert_eq!(out, "");
}

/// Starts `mpirun`; without it, says that it was skipped.
#[cfg(feature = "mpi")]
mod mpi {
    use super::*;

    #[test]
    fn ranks_count_what_one_thread_counts() {
        if Command::new("mpirun").arg("--version").output().is_err() {
            eprintln!("skipped: no mpirun on the PATH");
            return;
        }
        let svg = std::env::temp_dir().join(format!("cpu-bound-mpi-{}.svg", std::process::id()));
        for ranks in ["1", "2", "3"] {
            let mut command = Command::new("mpirun");
            command
                .args(["--oversubscribe", "--bind-to", "none", "-n", ranks])
                .arg(env!("CARGO_BIN_EXE_cpu-bound"))
                .args(["sequential", "mpi", "--work", "primes", "--size", "1000000"])
                .args(["--runs", "2", "--svg"])
                .arg(&svg)
                // Whoever is root in a container is root of nothing else.
                .env("OMPI_ALLOW_RUN_AS_ROOT", "1")
                .env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
            let (out, err) = ended(command.output_in_time(), 0);
            assert_eq!(err, "");
            // Both strategies, once each, and rank 0 alone has printed.
            assert_eq!(out.matches("78498 primes").count(), 2, "{out}");
            let picture = std::fs::read_to_string(&svg).unwrap();
            let count: usize = ranks.parse().unwrap();
            for rank in 0..=count {
                let lane = picture.contains(&format!("rank {rank} on "));
                assert_eq!(lane, rank < count, "{rank} of {count}");
            }
        }
        std::fs::remove_file(svg).unwrap();
    }

    #[test]
    fn without_mpirun_one_rank_counts_all() {
        let arguments = ["mpi", "--work", "primes", "--size", "1000000"];
        let (out, _) = ended(cpu_bound(&arguments).output_in_time(), 0);
        assert!(out.contains("78498 primes"), "{out}");
    }
}

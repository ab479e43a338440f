//! What every strategy must do, and the program and its examples as a user runs them.

use std::collections::HashSet;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;
use timing::limit::InTime;

use clap::ValueEnum;
use locks::observer::Observer;
use locks::workers::{self, Update};
use locks::{Job, Strategy};
use timing::{Kind, Lane, Run, Timeline, cli};

fn job(threads: usize, updates: u64) -> Job {
    Job {
        threads,
        updates,
        tick: Duration::ZERO,
        seed: 7,
        spin: 0,
        shards: 2,
        tell: None,
    }
}

#[test]
fn all_but_race_count_right_under_load() {
    for &strategy in Strategy::value_variants() {
        let job = job(8, 5_000);
        let counted = strategy.run(&job, &Timeline::off()).unwrap();
        assert!(counted.value <= job.expected(), "{strategy:?}");
        if strategy != Strategy::Race {
            assert_eq!(counted.value, job.expected(), "{strategy:?}");
        }
        assert_eq!(counted.retries.is_some(), strategy == Strategy::Cas);
    }
}

/// Runs a job, and returns what it told.
fn story(strategy: Strategy, mut job: Job) -> Vec<String> {
    let story = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&story);
    job.tell = Some(Arc::new(move |line| told.lock().unwrap().push(line)));
    strategy.run(&job, &Timeline::off()).unwrap();
    std::mem::take(&mut *story.lock().unwrap())
}

/// A lock keeps each read and the write that follows it together, as the story tells them.
#[test]
fn under_a_lock_each_reading_is_followed_by_its_own_writing() {
    for strategy in [Strategy::Mutex, Strategy::Rwlock] {
        let story = story(strategy, job(4, 50));
        assert_eq!(story.len(), 400, "{strategy:?}");
        for (pair, value) in story.chunks(2).zip(0..) {
            let who = pair[0].split(" reads").next().unwrap();
            assert_eq!(pair[0], format!("{who} reads {value}"), "{strategy:?}");
            assert_eq!(
                pair[1],
                format!("{who} writes {}", value + 1),
                "{strategy:?}"
            );
        }
    }
}

/// The number that is told as written is the one that was written.
#[test]
fn each_update_is_told() {
    for strategy in [Strategy::Race, Strategy::Mutex, Strategy::Cas] {
        let expected = ["reads 0", "writes 1", "reads 1", "writes 2"];
        let expected = expected.map(|line| format!("thread 0 {line}"));
        assert_eq!(story(strategy, job(1, 2)), expected, "{strategy:?}");
    }
}

/// With a shard for each thread, no thread sees what another one has counted.
#[test]
fn each_thread_has_its_own_shard() {
    let job = Job {
        shards: 3,
        ..job(3, 4)
    };
    let story = story(Strategy::Sharded, job);
    for thread in 0..3 {
        let who = format!("thread {thread} ");
        let mine: Vec<_> = story.iter().filter_map(|l| l.strip_prefix(&*who)).collect();
        let expected: Vec<_> = (0..4)
            .map(|value| format!("adds one to its shard's {value}"))
            .collect();
        assert_eq!(mine, expected);
    }
}

/// A job whose threads wait for each other at the first line that each of them tells: all of them
/// are in the middle of their first update at the same time, on every machine.
fn together(threads: usize) -> Job {
    let (barrier, met) = (Barrier::new(threads), Mutex::new(HashSet::new()));
    Job {
        tell: Some(Arc::new(move |_| {
            let is_first = met.lock().unwrap().insert(thread::current().id());
            if is_first {
                barrier.wait();
            }
        })),
        ..job(threads, 1)
    }
}

#[test]
fn a_lock_makes_a_staircase_and_no_lock_an_overlap() {
    for &strategy in Strategy::value_variants() {
        let has_lock = [Strategy::Mutex, Strategy::Rwlock].contains(&strategy);
        // Under a lock they could never meet: there, each may sleep for a tick while holding it.
        let job = match has_lock {
            true => Job {
                tick: Duration::from_millis(20),
                ..job(6, 1)
            },
            false => together(6),
        };
        let name = cli::name(&strategy);
        let (result, run) = Run::record(&name, 6, |timeline| strategy.run(&job, timeline));
        let rows = run.recording.rows.iter().map(|row| row.name.clone());
        assert!(rows.eq((0..6).map(|n| format!("thread {n}"))), "{name}");
        let working = run.recording.peak(Kind::Act);
        assert_eq!(working, if has_lock { 1 } else { 6 }, "{name}");
        // All have read 0 before any of them writes.
        let value = result.unwrap().value;
        assert_eq!(
            value,
            if strategy == Strategy::Race { 1 } else { 6 },
            "{name}"
        );
    }
}

#[test]
fn few_updates_have_a_bar_each_and_many_have_one_together() {
    let labels = |updates| {
        let mut job = job(1, updates);
        // It is observed, so that both halves of the loop are looked at.
        job.tell = Some(Arc::new(|_| ()));
        let (_, run) = Run::record("cas", 1, |timeline| Strategy::Cas.run(&job, timeline));
        let [row] = run.recording.rows.try_into().unwrap();
        row.spans
            .into_iter()
            .map(|span| span.label.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(labels(2), ["0 to 1", "1 to 2"]);
    assert_eq!(labels(workers::DRAW_LIMIT + 1), ["updates"]);
}

#[test]
fn another_seed_has_other_pauses() {
    let pauses = |seed| {
        let job = Job {
            tick: Duration::from_millis(1),
            seed,
            ..job(1, 64)
        };
        let (result, run) = Run::record("local", 1, |timeline| Strategy::Local.run(&job, timeline));
        result.unwrap();
        let spans = &run.recording.rows[0].spans;
        let long = |span: &timing::SpanRecord| span.end_ns - span.start_ns >= 1_000_000;
        spans.iter().map(long).collect::<Vec<_>>()
    };
    assert!(pauses(1).contains(&true));
    assert_ne!(pauses(1), pauses(2));
}

#[test]
fn a_thread_that_panics_is_told_and_the_others_end() {
    struct Panics(bool);
    impl Update for Panics {
        fn update(&mut self, _: &mut impl Observer, _: &mut Lane) {
            assert!(!self.0, "one is too much");
        }
    }
    let workers = workers::start(&job(3, 1), &Timeline::off(), |number| Panics(number == 1));
    let error = workers.join().unwrap_err();
    assert_eq!(error.to_string(), "thread 1 panicked: one is too much");
}

/// The others may find the lock poisoned, and panic, too: the error names the first thread.
#[test]
fn a_thread_that_panics_in_the_middle_hangs_nobody() {
    for &strategy in Strategy::value_variants() {
        let job = Job {
            tell: Some(Arc::new(|line| {
                assert!(!line.starts_with("thread 2 "), "too much")
            })),
            ..job(4, 3)
        };
        let error = strategy.run(&job, &Timeline::off()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "thread 2 panicked: too much",
            "{strategy:?}"
        );
    }
}

fn locks(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_locks"));
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

/// Runs an example, which cargo builds with the tests.
fn example(name: &str) -> Command {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_locks"));
    let folder = program.parent().unwrap().join("examples");
    let program = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let mut command = Command::new(&program);
    assert!(
        program.exists(),
        "no example {name}: cargo test -p locks builds them"
    );
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn without_arguments_the_course_s_line_ends_each_count() {
    let (out, err) = ended(locks(&["--tick", "20ms"]).output_in_time(), 0);
    assert_eq!(err, "");
    for &strategy in Strategy::value_variants() {
        let said = out
            .split(&format!("--- {} ---\n", cli::name(&strategy)))
            .nth(1)
            .unwrap();
        let line = said.lines().next().unwrap();
        let value = line.strip_prefix("Final counter value: ").unwrap();
        let value: u64 = value.parse().unwrap();
        match strategy {
            Strategy::Race => assert!((1..=20).contains(&value), "{line}"),
            _ => assert_eq!(value, 20, "{strategy:?}"),
        }
    }
    assert_eq!(
        out.matches("none lost").count() + out.matches("of 20 lost").count(),
        Strategy::value_variants().len(),
        "{out}"
    );
}

#[test]
fn the_seed_of_a_run_is_told() {
    let (out, _) = ended(
        locks(&["local", "--tick", "0s", "--seed", "3"]).output_in_time(),
        0,
    );
    assert!(
        out.starts_with("--seed 3 repeats the pauses of this run\n"),
        "{out}"
    );
    let (out, _) = ended(locks(&["local", "--tick", "0s"]).output_in_time(), 0);
    assert!(out.starts_with("--seed "), "{out}");
}

#[test]
fn the_story_is_told() {
    let arguments = ["mutex", "--story", "--threads", "2", "--tick", "0s"];
    let (out, _) = ended(locks(&arguments).output_in_time(), 0);
    for line in ["reads 0", "writes 1", "reads 1", "writes 2"] {
        assert_eq!(out.matches(line).count(), 1, "{out}");
    }
}

#[test]
fn a_load_is_counted() {
    let arguments = ["--threads", "16", "--updates", "20000", "--tick", "0s"];
    let (out, _) = ended(locks(&arguments).output_in_time(), 0);
    let right = out.matches("Final counter value: 320000\n").count();
    assert!(right >= Strategy::value_variants().len() - 1, "{out}");
}

#[test]
fn many_threads_work_or_are_a_clear_error() {
    let output = locks(&["mutex", "--threads", "10000", "--tick", "0s"]).output_in_time();
    match output.status.code() {
        Some(0) => {
            let (out, _) = ended(output, 0);
            assert!(out.contains("Final counter value: 10000\n"), "{out}");
        }
        _ => {
            let (_, err) = ended(output, 1);
            assert!(
                err.starts_with("error: mutex: can't start a thread for thread "),
                "{err}"
            );
        }
    }
}

/// A limit on memory makes starting a thread fail, also as root, for whom Linux has no limit on the
/// number of threads. The stacks are large: after the one that finds no room, there is still enough
/// memory for the threads that did start. Without any, a starting thread would end the process.
#[cfg(target_os = "linux")]
#[test]
fn too_few_threads_are_a_clear_error_and_the_next_strategy_runs() {
    let script = format!(
        "ulimit -v 3500000; exec '{}' channel local --threads 100 --tick 0s",
        env!("CARGO_BIN_EXE_locks")
    );
    let mut command = Command::new("sh");
    command.args(["-c", &script]);
    let gibibyte = (1 << 30).to_string();
    let output = command.env("RUST_MIN_STACK", gibibyte).output_in_time();
    let (_, err) = ended(output, 1);
    for name in ["channel", "local"] {
        let start = format!("error: {name}: can't start a thread for thread ");
        assert!(err.lines().any(|line| line.starts_with(&start)), "{err}");
    }
}

#[test]
fn a_guess_is_shown_beside_what_was_measured() {
    let arguments = ["race", "mutex", "--tick", "1ms", "--predict", "mutex=1h"];
    let (out, _) = ended(locks(&arguments).output_in_time(), 0);
    assert!(out.contains("\nmutex: guess 3600 s, measured "), "{out}");
}

#[test]
fn wrong_arguments_are_told() {
    for (arguments, hint) in [
        (&["mutexes"][..], "mutex"),
        (&["--threads", "0"], "1..=10000"),
        (&["--threads", "100000"], "1..=10000"),
        (&["--updates", "0"], "--updates"),
        (&["--tick", "soon"], "--tick"),
        (&["--tick", "2h"], "at most 1h"),
        (
            &["--threads", "2", "--updates", "18446744073709551615"],
            "more than the counter can hold",
        ),
    ] {
        let (_, err) = ended(locks(arguments).output_in_time(), 2);
        assert!(err.contains(hint), "{arguments:?}: {err}");
    }
}

#[test]
fn a_reader_that_leaves_ends_it_quietly() {
    let mut child = locks(&["--tick", "1ms", "--story"]).spawn().unwrap();
    drop(child.stdout.take());
    let (_, err) = ended(child.output_in_time(), 0);
    assert_eq!(err, "");
}

#[test]
fn the_deadlock_happens_in_every_run_is_told_and_ends() {
    for _ in 0..20 {
        let output = example("deadlock").args(["--tick", "2ms"]).output_in_time();
        let (out, err) = ended(output, 1);
        let lines: Vec<_> = out.lines().collect();
        for line in [
            "Task 1 is starting...",
            "Task 1 has acquired Lock A",
            "Task 2 has acquired Lock B",
            "Task 1 is doing some calculations",
            "Task 2 is doing some calculations",
            "Task 1 is waiting to acquire Lock B",
            "Task 2 is waiting to acquire Lock A",
        ] {
            assert!(lines.contains(&line), "no {line:?}:\n{out}");
        }
        // The task that waits second notices.
        let one = "error: deadlock: Task 1 waits for Lock B, which Task 2 holds, Task 2 waits for Lock A, which Task 1 holds\n";
        let two = "error: deadlock: Task 2 waits for Lock A, which Task 1 holds, Task 1 waits for Lock B, which Task 2 holds\n";
        assert!(err == one || err == two, "{err}");
    }
}

/// There is memory for the stack of the first task only, which must not wait for the second one at
/// the barrier.
#[cfg(target_os = "linux")]
#[test]
fn a_second_task_that_cant_be_started_is_a_clear_error() {
    let path = example("deadlock").get_program().to_owned();
    let script = "ulimit -v 1500000; exec \"$0\" --tick 2ms";
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg(path);
    let gibibyte = (1 << 30).to_string();
    let output = command.env("RUST_MIN_STACK", gibibyte).output_in_time();
    let (out, err) = ended(output, 1);
    assert!(out.ends_with("Task 1 is done\n"), "{out}");
    let start = "error: can't start a thread for Task 2: ";
    assert!(err.starts_with(start), "{err}");
}

#[test]
fn one_order_ends_well_and_the_other_is_warned_of() {
    let output = example("lock_order")
        .args(["--tick", "2ms"])
        .output_in_time();
    let (out, err) = ended(output, 0);
    assert_eq!(err, "");
    assert_eq!(out.matches(" is done\n").count(), 4, "{out}");
    let warning = "warning: this may deadlock another time: Task 1 asked for Lock B while holding Lock A, and Task 2 asked for Lock A while holding Lock B\n";
    let (same, lucky) = out.split_once("--- lucky ---").unwrap();
    assert!(!same.contains("warning"), "{out}");
    assert_eq!(lucky.matches(warning).count(), 1, "{out}");
}

#[test]
fn side_lessons_show_what_they_say() {
    let (out, _) = ended(example("poisoning").output_in_time(), 0);
    assert_eq!(
        out,
        "a thread paid 30\na thread panicked while paying 200\npoisoned: true\n\
         found: mine -130, yours 30; 200 missing\nrepaired: 100 in all\n"
    );
    let (out, _) = ended(example("condvar").output_in_time(), 0);
    assert!(
        out.contains("woken by call 2") && out.contains("woken by call 1"),
        "{out}"
    );
    let (out, _) = ended(example("guard_lifetime").output_in_time(), 0);
    assert!(
        out.contains("1 at a time") && out.contains("2 at a time"),
        "{out}"
    );
    assert!(out.contains("the lock is free (edition 2024"), "{out}");
}

#[test]
fn the_memory_model_allows_what_this_machine_may_never_show() {
    // With this bound loom would see less than the memory model allows.
    let mut ordering = example("memory_ordering");
    ordering.env("LOOM_MAX_PREEMPTIONS", "0");
    let (out, _) = ended(ordering.output_in_time(), 0);
    assert!(out.contains("by the memory model: impossible\n"), "{out}");
    assert!(out.contains("or the flag, and no letter, or"), "{out}");
}

//! What every strategy must do, and the real program as its user runs it.

use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};
use timing::limit::InTime;

use clap::ValueEnum;
use countdown::{Count, Job, Strategy, tasks};
use timing::{Kind, Run, Timeline, cli};

fn count(name: &str, ms: u64) -> Count {
    Count {
        name: name.to_owned(),
        from: 5,
        delay: Duration::from_millis(ms),
    }
}

/// A job, and the lines that its counts say.
fn job(counts: Vec<Count>) -> (Job, Arc<Mutex<Vec<String>>>) {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&lines);
    let job = Job {
        counts,
        say: Arc::new(move |line| noted.lock().unwrap().push(line.to_owned())),
        program: env!("CARGO_BIN_EXE_countdown").into(),
    };
    (job, lines)
}

/// The lines of one count, from first to last.
fn expected(strategy: Strategy, name: &str) -> Vec<String> {
    let prefix = strategy.prefix();
    let mut lines: Vec<_> = (1..=5)
        .rev()
        .map(|n| format!("{prefix}{name} is counting down: {n}..."))
        .collect();
    lines.push(format!("{prefix}{name} finished counting down"));
    if strategy == Strategy::Workers {
        lines.insert(0, format!("{prefix}{name} starting..."));
        lines.push(format!("{prefix}{name} finished"));
    }
    lines
}

#[test]
fn a_thread_that_panics_is_named_and_the_others_count_on() {
    for strategy in [Strategy::Threads, Strategy::Workers] {
        let (mut job, lines) = job(vec![count("Alice", 1), count("Bob", 2)]);
        let say = Arc::clone(&job.say);
        job.say = Arc::new(move |line| {
            assert!(!line.contains("Alice is counting down: 3"), "a bad three");
            say(line);
        });
        let error = strategy.run(&job, &Timeline::off()).unwrap_err();
        assert_eq!(error.to_string(), "Alice panicked: a bad three");
        let lines = lines.lock().unwrap();
        let of_bob = expected(strategy, "Bob");
        assert!(of_bob.iter().all(|line| lines.contains(line)), "{lines:?}");
    }
}

/// The runtime keeps a task's panic. It is lost if nobody looks at what `join_next` returns.
#[test]
fn a_task_that_panics_is_an_error() {
    let (mut job, _) = job(vec![count("Alice", 1), count("Bob", 2)]);
    job.say = Arc::new(|line| assert!(!line.contains("Alice is counting down: 3"), "a bad three"));
    let error = Strategy::Tasks.run(&job, &Timeline::off()).unwrap_err();
    let text = format!("{error:#}");
    assert!(
        text.starts_with("a task: ") && text.contains("a bad three"),
        "{text}"
    );
}

/// The first line of Alice is said for so long that all of Bob's lines are said before it ends.
/// Each has a thread that says the lines: of `processes`, the one that listens to the child.
#[test]
fn nobodys_lines_wait_until_another_count_is_over() {
    for strategy in [Strategy::Processes, Strategy::Threads, Strategy::Workers] {
        let (mut job, lines) = job(vec![count("Alice", 1), count("Bob", 2)]);
        let (is_over, bob) = mpsc::channel();
        let (say, bob) = (Arc::clone(&job.say), Mutex::new(bob));
        job.say = Arc::new(move |line| {
            if line.contains("Alice is counting down: 5") {
                let ended = bob.lock().unwrap().recv_timeout(Duration::from_secs(60));
                assert!(ended.is_ok(), "{strategy:?}");
            }
            say(line);
            if line.contains("Bob finished counting down") {
                is_over.send(()).unwrap();
            }
        });
        strategy.run(&job, &Timeline::off()).unwrap();
        let both = ["Alice", "Bob"].map(|name| expected(strategy, name).len());
        assert_eq!(lines.lock().unwrap().len(), both.iter().sum::<usize>());
    }
}

/// The span of a number is the wait for it, and no more: the number is said after its span has
/// ended, and before the next one begins. (The clock of a child process is only as exact as the
/// system's, so `processes` is left out.)
#[test]
fn each_number_is_said_between_its_wait_and_the_next() {
    for strategy in [
        Strategy::Sequential,
        Strategy::Threads,
        Strategy::Workers,
        Strategy::Tasks,
    ] {
        let timeline = Arc::new(Timeline::new());
        let (mut job, _) = job(vec![count("Alice", 1), count("Bob", 2)]);
        let noted = Arc::clone(&timeline);
        job.say = Arc::new(move |line| {
            let now = Instant::now();
            let mut lane = noted.lane(format!("said: {line}"));
            lane.between(Kind::Work, "said", now, now);
        });
        strategy.run(&job, &timeline).unwrap();
        let rows = timeline.recording().rows;
        let of = |name: &str| &rows.iter().find(|row| row.name == name).unwrap().spans;
        for count in &job.counts {
            let waits = of(&count.name);
            assert_eq!(waits.len(), 5, "{strategy:?}");
            for (index, wait) in waits.iter().enumerate() {
                let number = wait.label.parse().unwrap();
                let line = count.line(strategy.prefix(), number);
                let said = of(&format!("said: {line}"))[0].start_ns;
                assert!(wait.end_ns <= said, "{strategy:?}: {line}");
                if let Some(next) = waits.get(index + 1) {
                    assert!(said <= next.start_ns, "{strategy:?}: {line}");
                }
            }
        }
    }
}

#[test]
fn each_counter_says_its_lines_in_order() {
    for &strategy in Strategy::value_variants() {
        let (job, lines) = job(vec![
            count("Alice", 1),
            count("Bob", 2),
            count("Žofie \"Z\"", 1),
        ]);
        strategy.run(&job, &Timeline::off()).unwrap();
        let lines = lines.lock().unwrap();
        let mut all = 0;
        for counter in &job.counts {
            let expected = expected(strategy, &counter.name);
            let mine: Vec<_> = lines
                .iter()
                .filter(|line| line.contains(&counter.name))
                .collect();
            assert_eq!(mine, expected.iter().collect::<Vec<_>>(), "{strategy:?}");
            all += expected.len();
        }
        assert_eq!(lines.len(), all, "{strategy:?}");
    }
}

#[test]
fn waits_overlap_in_all_but_sequential() {
    for &strategy in Strategy::value_variants() {
        let (job, _) = job(vec![count("Alice", 30), count("Bob", 60)]);
        let (result, run) = Run::record(&cli::name(&strategy), 2, |timeline| {
            strategy.run(&job, timeline)
        });
        result.unwrap();
        let names: Vec<_> = run
            .recording
            .rows
            .iter()
            .map(|row| row.name.as_str())
            .collect();
        assert_eq!(names, ["Alice", "Bob"], "{strategy:?}");
        // Tasks take turns on one thread, as the table says.
        let workers = match strategy {
            Strategy::Sequential | Strategy::Tasks => 1,
            Strategy::Processes | Strategy::Threads | Strategy::Workers => names.len(),
        };
        assert_eq!(strategy.workers(names.len()), workers, "{strategy:?}");
        let together = run.recording.peak(Kind::Wait);
        assert_eq!(
            together,
            if strategy == Strategy::Sequential {
                1
            } else {
                2
            },
            "{strategy:?}"
        );
        for row in &run.recording.rows {
            let labels: Vec<_> = row.spans.iter().map(|span| &*span.label).collect();
            assert_eq!(labels, ["5", "4", "3", "2", "1"], "{strategy:?}");
        }
    }
}

/// In virtual time the clock jumps from one wake-up to the next, so this is exact on any machine:
/// ten ticks, in the order of the course's listing.
#[tokio::test(start_paused = true)]
async fn tasks_take_as_long_as_the_longest() {
    let (job, lines) = job(vec![count("Alice", 1_000), count("Bob", 2_001)]);
    let start = tokio::time::Instant::now();
    tasks::all(&job, &Timeline::off()).await.unwrap();
    assert_eq!(start.elapsed().as_millis(), 10_005);
    let short = |line: &String| {
        let words: Vec<_> = line.split(' ').collect();
        format!(
            "{}{}",
            &words[1][..1],
            words.last().unwrap().trim_end_matches('.')
        )
    };
    let order: Vec<_> = lines.lock().unwrap().iter().map(short).collect();
    let expected = "A5 A4 B5 A3 A2 B4 A1 Adown B3 B2 B1 Bdown";
    assert_eq!(order.join(" "), expected);
}

#[test]
fn a_thousand_tasks_and_a_thousand_threads_count() {
    for strategy in [Strategy::Tasks, Strategy::Threads, Strategy::Workers] {
        let counts = (0..1_000)
            .map(|i| count(&format!("number {i}"), 1))
            .collect();
        let (job, lines) = job(counts);
        strategy.run(&job, &Timeline::off()).unwrap();
        let each = expected(strategy, "x").len();
        assert_eq!(lines.lock().unwrap().len(), 1_000 * each, "{strategy:?}");
    }
}

#[test]
fn a_process_that_cannot_be_started_is_an_error_that_names_whose_it_was() {
    let (mut job, lines) = job(vec![count("Alice", 1)]);
    job.program = "/nowhere/countdown".into();
    let error = Strategy::Processes.run(&job, &Timeline::off()).unwrap_err();
    let text = format!("{error:#}");
    assert!(
        text.starts_with("can't start a process for Alice: "),
        "{text}"
    );
    assert!(lines.lock().unwrap().is_empty());
}

fn countdown(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countdown"));
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
fn without_arguments_every_strategy_counts() {
    let (out, err) = ended(countdown(&["--tick", "5ms"]).output_in_time(), 0);
    assert_eq!(err, "");
    for &strategy in Strategy::value_variants() {
        assert!(
            out.contains(&format!("--- {} ---", cli::name(&strategy))),
            "{out}"
        );
        for name in ["Alice", "Bob"] {
            for line in expected(strategy, name) {
                assert!(out.lines().any(|l| l == line), "no {line:?}:\n{out}");
            }
        }
    }
    let known = |line: &str| {
        ["is counting down: ", "finished", "starting..."]
            .iter()
            .any(|part| line.contains(part))
    };
    // Lines of different workers never mix: each line is a whole line of one count.
    let (said, report) = out.split_once("\n\n").unwrap();
    assert!(
        said.lines()
            .all(|line| line.starts_with("---") || known(line)),
        "{said}"
    );
    assert!(
        report.contains("speed-up") && report.contains('░'),
        "{report}"
    );
}

#[test]
fn a_crowd_may_count() {
    let arguments = [
        "tasks",
        "--from",
        "2",
        "--name",
        "Carol=2ms",
        "--name",
        "a=b=1ms",
    ];
    let (out, _) = ended(countdown(&arguments).output_in_time(), 0);
    for line in [
        "Coroutine Carol is counting down: 1...",
        "Coroutine a=b finished counting down",
    ] {
        assert!(out.lines().any(|l| l == line), "no {line:?}:\n{out}");
    }
}

#[test]
fn a_guess_is_shown_beside_what_was_measured() {
    let arguments = [
        "sequential",
        "tasks",
        "threads",
        "--tick",
        "2ms",
        "--predict",
        "sequential=1h,tasks=5x",
        "--predict=1us",
    ];
    let (out, _) = ended(countdown(&arguments).output_in_time(), 0);
    assert!(
        out.contains("\nsequential: guess 3600 s, measured "),
        "{out}"
    );
    assert!(
        out.contains("\ntasks: guess 5x as fast as sequential, measured "),
        "{out}"
    );
    assert!(out.contains("\nthreads: guess 1.00 µs, measured "), "{out}");
    assert!(out.contains(" times the guess.\n"), "{out}");
    // Each guess for one strategy is about that one only, and the guess for all about the rest.
    assert_eq!(out.matches(": guess ").count(), 3, "{out}");
}

#[test]
fn wrong_arguments_are_told() {
    for (arguments, hint) in [
        (&["thread"][..], "threads"),
        (&["--tick", "0"], "--tick"),
        (&["--tick", "0s"], "from 1ms to 1h"),
        (&["--from", "0"], "--from"),
        (&["--name", "Carol"], "NAME=DELAY"),
        (&["--name", "=1s"], "a name is"),
        (&["--name", "A\nB=1s"], "can be printed"),
        (
            &["--name", "A=1s", "--name", "A=2s"],
            "two counts are named A",
        ),
        (&["--workers", "0"], "1..=1024"),
        (&["--predict", "soon"], "such as 1.5s"),
        (&["--predict", "-3x"], "more than 0"),
        (&["--predict", "0s"], "takes some time"),
        (&["--predict", "=1s"], "before the ="),
        (
            &["--predict", "thread=1s"],
            "this command does not run thread, but sequential, ",
        ),
        (&["tasks", "--predict", "threads=1s"], "but tasks\n"),
        (
            &["tasks", "--predict", "2"],
            "only tasks runs (a time has a unit",
        ),
        (&["--predict", "sequential=2x"], "guess its time"),
    ] {
        let (_, err) = ended(countdown(arguments).output_in_time(), 2);
        assert!(err.contains(hint), "{arguments:?}: {err}");
    }
}

#[test]
fn a_reader_that_leaves_ends_it_quietly() {
    let mut child = countdown(&["--tick", "2ms"]).spawn().unwrap();
    drop(child.stdout.take());
    let (_, err) = ended(child.output_in_time(), 0);
    assert_eq!(err, "");
}

/// The system's limits differ, so this test sets its own.
#[cfg(target_os = "linux")]
#[test]
fn too_many_processes_are_a_clear_error_and_none_stays() {
    let names: Vec<_> = (0..60).map(|i| format!("--name=n{i}=1h")).collect();
    let script = format!(
        "ulimit -n 40; exec '{}' processes {}",
        env!("CARGO_BIN_EXE_countdown"),
        names.join(" ")
    );
    let mut command = Command::new("sh");
    command
        .args(["-c", &script])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let pid = child.id();
    let (_, err) = ended(child.output_in_time(), 1);
    assert!(
        err.starts_with("error: processes: can't start a process for n"),
        "{err}"
    );
    assert!(err.contains("Too many open files"), "{err}");
    // The program has waited for its children, so none of them is left.
    let parents = std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| {
            let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
            stat.rsplit(") ")
                .next()?
                .split(' ')
                .nth(1)?
                .parse::<u32>()
                .ok()
        });
    assert!(parents.into_iter().all(|parent| parent != pid));
}

/// The child processes of this one, with their command lines.
#[cfg(target_os = "linux")]
fn children(parent: u32) -> Vec<(u32, String)> {
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    let ours = all.filter_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
        let of: u32 = stat.rsplit(") ").next()?.split(' ').nth(1)?.parse().ok()?;
        let words = std::fs::read(entry.path().join("cmdline")).ok()?;
        (of == parent).then(|| (pid, String::from_utf8_lossy(&words).into_owned()))
    });
    // Between fork and exec a child still has its parent's command line.
    ours.filter(|(_, words)| words.contains("__child"))
        .collect()
}

#[cfg(target_os = "linux")]
#[test]
fn a_child_that_dies_is_named_and_the_others_count_on() {
    let arguments = [
        "processes",
        "--from",
        "1000",
        "--name",
        "Ann=1h",
        "--name",
        "Ben=1ms",
    ];
    let child = countdown(&arguments).spawn().unwrap();
    let ann = loop {
        let all = children(child.id());
        if let Some((pid, _)) = all.into_iter().find(|(_, words)| words.contains("Ann")) {
            break pid;
        }
        std::thread::yield_now();
    };
    let killed = Command::new("kill")
        .args(["-KILL", &ann.to_string()])
        .status();
    assert!(killed.unwrap().success());
    let (out, err) = ended(child.output_in_time(), 1);
    assert_eq!(
        err,
        "error: processes: the process of Ann died (signal: 9 (SIGKILL))\n"
    );
    assert!(out.contains("Process Ben finished counting down"), "{out}");
}

#[cfg(target_os = "linux")]
#[test]
fn children_do_not_outlive_their_parent() {
    let mut child = countdown(&["processes", "--tick", "1h"]).spawn().unwrap();
    while children(child.id()).len() < 2 {
        std::thread::yield_now();
    }
    let orphans = children(child.id());
    child.kill().unwrap();
    child.wait().unwrap();
    let is_alive = |(pid, _): &(u32, String)| {
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
        std::thread::sleep(Duration::from_millis(5));
    }
}

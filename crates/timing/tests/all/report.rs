//! The run loop, with strategies that do next to nothing.

use anyhow::bail;
use clap::{Parser, ValueEnum};
use timing::cli::{self, Options};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Strategy {
    Quick,
    TwoWords,
}

#[derive(Parser)]
struct Args {
    strategies: Vec<Strategy>,
    #[command(flatten)]
    options: Options,
}

fn args(words: &[&str]) -> Args {
    Args::parse_from([&["test"], words].concat())
}

#[test]
fn all_strategies_run_in_turn_and_all_again() {
    let args = args(&["--runs", "2"]);
    let strategies = cli::chosen(&args.strategies);
    let mut seen = Vec::new();
    let report = args.options.compare(strategies, |strategy, turn| {
        assert!(turn.run().is_none());
        turn.record(3, |timeline| drop(timeline.lane("a").work("b")));
        let run = turn.run().expect("it was recorded");
        assert_eq!((run.workers, run.recording.rows.len()), (3, 1));
        seen.push((turn.repeat, turn.name.clone(), strategy));
        Ok("done".to_owned())
    });
    let of = |repeat| {
        [
            (repeat, "quick".to_owned(), Strategy::Quick),
            (repeat, "two-words".to_owned(), Strategy::TwoWords),
        ]
    };
    assert_eq!(seen, [of(0), of(1)].concat());
    assert!(report.unwrap().publish(&args.options).unwrap());
}

#[test]
fn a_strategy_that_fails_does_not_stop_the_next_one() {
    for fails in ["err", "complaint", "neither"] {
        let args = args(&["quick", "two-words"]);
        let mut turns = 0;
        let report = args.options.compare(&args.strategies, |strategy, turn| {
            turns += 1;
            turn.record(1, |_| ());
            match (strategy, fails) {
                (Strategy::Quick, "err") => bail!("no luck"),
                (Strategy::Quick, "complaint") => turn.complain("half of it"),
                _ => {}
            }
            Ok(String::new())
        });
        let well = report.unwrap().publish(&args.options).unwrap();
        assert_eq!((turns, well), (2, fails == "neither"), "{fails}");
    }
}

#[test]
fn a_turn_without_a_run_has_no_row() {
    let folder = tempfile::tempdir().unwrap();
    let json = folder.path().join("table.json");
    let args = args(&["--json", json.to_str().unwrap()]);
    let strategies = cli::chosen(&args.strategies);
    let report = args.options.compare(strategies, |strategy, turn| {
        if strategy == Strategy::Quick {
            turn.record(1, |_| ());
        }
        Ok(String::new())
    });
    assert!(report.unwrap().publish(&args.options).unwrap());
    let json = std::fs::read_to_string(json).unwrap();
    assert!(
        json.contains("quick") && !json.contains("two-words"),
        "{json}"
    );
}

#[test]
fn durations_have_a_range_and_say_which() {
    use std::time::Duration;
    let ms = Duration::from_millis;
    let within = cli::duration(ms(1)..=ms(3_600_000));
    assert_eq!(within("200ms"), Ok(ms(200)));
    assert_eq!(within("1h"), Ok(ms(3_600_000)));
    assert_eq!(within("0s"), Err("from 1ms to 1h".to_owned()));
    assert_eq!(within("61min"), Err("from 1ms to 1h".to_owned()));
    assert!(within("soon").is_err());
    let most = cli::duration(Duration::ZERO..=ms(3_600_000));
    assert_eq!(most("0s"), Ok(Duration::ZERO));
    assert_eq!(most("2h"), Err("at most 1h".to_owned()));
}

#[test]
fn a_worker_that_cannot_start_or_panics_is_named() {
    let none = || Err::<(), _>(std::io::Error::other("no more"));
    let error = timing::workers::started("Ann", none()).unwrap_err();
    assert_eq!(
        format!("{error:#}"),
        "can't start a thread for Ann: no more"
    );
    let ended = std::thread::spawn(|| panic!("{} apples", 3)).join();
    let error = timing::workers::ended("Ben", ended).unwrap_err();
    assert_eq!(error.to_string(), "Ben panicked: 3 apples");
}

#[test]
fn all_workers_are_joined_before_a_panic_is_told() {
    // The last thread waits for a message that is sent only after the first one has panicked.
    let (sender, receiver) = std::sync::mpsc::channel();
    let ended = std::sync::atomic::AtomicBool::new(false);
    let result = std::thread::scope(|scope| {
        let first: std::thread::ScopedJoinHandle<'_, u8> = scope.spawn(move || {
            let _told_when_dropped = sender;
            panic!("no more")
        });
        let ended = &ended;
        let last = scope.spawn(move || {
            let told: Result<(), _> = receiver.recv();
            ended.store(true, std::sync::atomic::Ordering::Relaxed);
            u8::from(told.is_ok())
        });
        let threads = vec![("Ann".to_owned(), first), ("Ben".to_owned(), last)];
        let result = timing::workers::join_all(threads);
        assert!(ended.load(std::sync::atomic::Ordering::Relaxed));
        result
    });
    assert_eq!(result.unwrap_err().to_string(), "Ann panicked: no more");

    let all = std::thread::scope(|scope| {
        let start = |number| (format!("{number}"), scope.spawn(move || number * 2));
        timing::workers::join_all((0..4).map(start).collect())
    });
    assert_eq!(all.unwrap(), [0, 2, 4, 6]);
}

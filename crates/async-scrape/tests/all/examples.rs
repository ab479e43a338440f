//! What the examples print.

use std::path::Path;
use std::process::Command;
use timing::limit::InTime;

use crate::ended;

/// Runs an example, and returns its stdout.
fn example(name: &str) -> String {
    example_with(name, &[])
}

fn example_with(name: &str, arguments: &[&str]) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_async-scrape"));
    let folder = program.parent().unwrap().join("examples");
    let program = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        program.exists(),
        "no example {name}: cargo test -p async-scrape builds them"
    );
    ended(Command::new(program).args(arguments).output_in_time(), 0).0
}

#[test]
fn chess_takes_exactly_as_long_as_it_must() {
    let out = example("simultaneous_chess");
    for line in [
        "one by one: the last move of a master after 1595 minutes, all over after 1600\n",
        "moving on: the last move of a master after 600 minutes, all over after 605\n",
        "two masters: the last move of a master after 300 minutes, all over after 305\n",
    ] {
        assert!(out.contains(line), "{out}");
    }
    // Of four masters one waits for two boards now and then: not a quarter of 600 minutes.
    let out = example_with("simultaneous_chess", &["--masters", "4"]);
    let line = "4 masters: the last move of a master after ";
    assert!(out.contains(line), "{out}");
}

#[test]
fn side_lessons_show_what_they_say() {
    assert_eq!(
        example("cancel"),
        "with 10 s it came to its end:\n  step 1 of 4\n  step 2 of 4\n  step 3 of 4\n  step 4 of 4\n  done\n  the file is kept\n\
         with 2.5 s it was cancelled:\n  step 1 of 4\n  step 2 of 4\n  the half file is taken away\n"
    );
    let out = example("async_elements");
    for name in ["Alice", "Bob"] {
        let line = format!(
            "{name}: polled 4 times: once to begin, and once more after each of 3 awaits\n"
        );
        assert!(out.contains(&line), "{out}");
    }
    let out = example("backpressure");
    let most = |name: &str| {
        let line = out
            .lines()
            .find(|line| line.starts_with(&format!(" {name}")))
            .unwrap();
        let (_, rest) = line.split_once("up to ").unwrap();
        rest.split(' ').next().unwrap().parse::<usize>().unwrap()
    };
    // Four in the channel, one in the sender's hand, one in the receiver's.
    assert!(most("bounded") <= 6 && most("unbounded") > 6, "{out}");
    assert!(example("blocking_the_runtime").contains("late by up to"));
}

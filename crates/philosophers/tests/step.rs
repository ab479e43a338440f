//! The stepper and its puzzles: that it sees the same schedules as the proofs do, that each puzzle
//! can be solved, and what a player reads.

#[path = "../examples/step_table.rs"]
#[allow(dead_code, unreachable_pub)]
mod step_table;

use std::io::Write;
use std::process::{Command, Stdio};
use timing::limit::InTime;

// The lesson's files look for each other at the root of their crate.
use step_table::*;
use timing::proof::game::{Game, Puzzle, play};
use timing::proof::graph::Graph;
use timing::proof::step::{End, State};
use timing::proof::{Bound, below};

fn puzzle(name: &str, seats: usize) -> Puzzle {
    let mut puzzles = puzzles(seats).into_iter();
    puzzles.find(|puzzle| puzzle.name == name).expect(name)
}

fn graph(name: &str, seats: usize) -> Graph {
    Graph::of(&puzzle(name, seats).program, 20_000).expect("not too many states")
}

/// Plays, with these lines, and returns what was printed.
fn played(name: &str, seats: usize, lines: &str) -> String {
    replayed(name, seats, None, lines)
}

fn replayed(name: &str, seats: usize, schedule: Option<&str>, lines: &str) -> String {
    let mut printed = String::new();
    let mut print = |text: &str| {
        printed += text;
        Ok(())
    };
    play(
        &puzzle(name, seats),
        schedule,
        (100, ""),
        &mut lines.as_bytes(),
        &mut print,
    )
    .expect(name);
    printed
}

/// With two seats the numbers are those of the proofs: to look at the threads adds no step, and no
/// two states are taken for one that go on in different ways. So the number for three seats, which
/// are too many schedules to run them one by one, is that of all schedules, too.
#[test]
fn the_stepper_has_the_schedules_of_the_proofs() {
    for (name, seats, all) in [
        ("ordered", 2, 172),
        ("monitor", 2, 746),
        ("waiter", 2, 9_360),
        ("ordered", 3, 2_111_852),
    ] {
        let count = graph(name, seats).nodes[0].count;
        assert_eq!((count.all(), count.bad), (all, 0), "{name} with {seats}");
    }
}

/// One preemption is enough for any number of seats, and without any there is no deadlock.
#[test]
fn naive_deadlocks_with_one_preemption() {
    for seats in [2, 3] {
        let graph = graph("naive", seats);
        let (way, preemptions) = graph
            .shortest(0, None, |end| *end == End::Deadlock)
            .unwrap();
        assert_eq!(preemptions, 1);
        // Each thread is started; each begins and takes a fork; and the first one finds that the
        // second fork is taken.
        assert_eq!(way.len(), 1 + seats + 2 * seats + 1, "{way:?}");
    }
}

/// The referee's flag is seen by all threads, and is no operation. The states are told apart all
/// the same: a search that runs each schedule by itself counts as many.
#[test]
fn try_lock_may_never_eat() {
    let livelock = puzzle("try-lock", 2);
    let graph = graph("try-lock", 2);
    let wanted = |end: &End| livelock.wanted.is(end);
    let (_, preemptions) = graph.shortest(0, None, wanted).unwrap();
    assert_eq!(preemptions, 4);
    let bound = Bound {
        failures: usize::MAX,
        ..Bound::all()
    };
    let found = below(&livelock.program, &[], bound);
    assert!(found.complete);
    let count = graph.nodes[0].count;
    let counted = (found.schedules as u128, found.failing as u128);
    assert_eq!(counted, (count.all(), count.bad));
}

#[test]
fn plato_may_starve() {
    let starving = puzzle("try-lock-starve", 2);
    let graph = graph("try-lock-starve", 2);
    let wanted = |end: &End| starving.wanted.is(end);
    let (_, preemptions) = graph.shortest(0, None, wanted).unwrap();
    assert_eq!(preemptions, 3);
}

#[test]
fn who_is_in_the_way_is_named_where_the_lock_is_taken() {
    let naive = puzzle("naive", 3);
    let mut game = Game::new(&naive);
    for thread in [1, 2, 1] {
        game.choose(thread).unwrap();
    }
    let aristotle = &game.view().threads[1];
    assert_eq!(aristotle.state, State::Blocked);
    assert_eq!(aristotle.does, "waits for fork 1, which Plato holds");
    let (file, line) = aristotle.place.as_ref().unwrap();
    assert_eq!(file, "src/naive.rs");
    let text = include_str!("../src/naive.rs")
        .lines()
        .nth(*line as usize - 1);
    assert_eq!(
        text.unwrap().trim(),
        "let _second = forks[second].take(seat)?;"
    );
    let refusal = game.choose(1).unwrap_err();
    assert_eq!(
        refusal,
        "Aristotle can't run: it waits for fork 1, which Plato holds"
    );
}

#[test]
fn a_player_deadlocks_the_table() {
    let text = played("naive", 2, "1\n2\n");
    for part in [
        "There are 301 schedules, and 10 of them end badly.",
        "fork 0 (held by Aristotle)",
        "   2. Plato takes fork 1, and waits for fork 0, which Aristotle holds\n",
        "   3. Aristotle waits for fork 1, which Plato holds\n",
        "You did it: deadlock: no thread can run.",
        "your schedule: 1 preemption, 8 steps: 0 0 0 1 1 2 2 1\n",
    ] {
        assert!(text.contains(part), "no {part:?} in:\n{text}");
    }
    let text = played("ordered", 2, "c\n");
    assert!(
        text.contains("It can't be broken: checked in all 172 schedules"),
        "{text}"
    );
}

/// The schedule that `prove_table` prints. Its dinner notices the deadlock, and goes on until all
/// have left.
#[test]
fn a_proofs_schedule_is_replayed() {
    let schedule = "0 0 0 0 1 1 3 3 2 2 2 1 1 1 0 0 3 3 3 0";
    let text = replayed("naive", 3, Some(schedule), "");
    let told = "Of the 20 steps of the schedule, 10 lead to the end.";
    assert!(
        text.contains(told) && text.contains("You did it: deadlock"),
        "{text}"
    );
}

/// Through a real pipe; and shuttle's own line about each deadlock is not printed.
#[test]
fn the_program_plays_through_a_pipe() {
    let own = std::env::current_exe().unwrap();
    let folder = own.ancestors().nth(2).unwrap().join("examples");
    let program = folder.join(format!("step_table{}", std::env::consts::EXE_SUFFIX));
    let mut command = Command::new(program);
    command
        .args(["naive", "--seats", "3"])
        .stdin(Stdio::piped());
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"c\nq\n").unwrap();
    let output = child.output_in_time();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("You did it: deadlock"), "{text}");
    assert!(output.status.success() && output.stderr.is_empty());
}

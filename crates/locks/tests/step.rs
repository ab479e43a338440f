//! The stepper and its puzzles: that it sees the same schedules as the proofs do, that each puzzle
//! can be solved, and what a player reads.

#[path = "../examples/step.rs"]
#[allow(dead_code, unreachable_pub)]
mod step;

use std::path::Path;
use std::process::{Command, Stdio};
use timing::limit::InTime;

// The mounted files import these from the root of their crate.
use step::{Counted, Job, Tell, lock_order, observer, signal, sync, watched, workers};

use timing::proof::game::{Game, Puzzle, Wanted, play};
use timing::proof::graph::Graph;
use timing::proof::step::{Program, State, View, at};
use timing::proof::{Bound, below};

fn puzzle(name: &str) -> Puzzle {
    let mut puzzles = step::puzzles().into_iter();
    puzzles.find(|puzzle| puzzle.name == name).expect(name)
}

/// Plays, with these lines, and returns what was printed.
fn played(name: &str, schedule: Option<&str>, lines: &str) -> String {
    let mut printed = String::new();
    let mut print = |text: &str| {
        printed += text;
        Ok(())
    };
    play(
        &puzzle(name),
        schedule,
        (100, ""),
        &mut lines.as_bytes(),
        &mut print,
    )
    .expect(name);
    printed
}

fn graph(program: &Program) -> Graph {
    Graph::of(program, 20_000).expect("not too many states")
}

/// The numbers of schedules are those that `tests/claims` has: to look at the threads adds no step,
/// and no two states are taken for one that go on in different ways.
#[test]
fn the_stepper_has_the_schedules_of_the_proofs() {
    for (name, all, bad) in [
        ("race", 69, 30),
        ("mutex", 51, 0),
        ("atomic", 19, 0),
        ("cas", 79, 0),
        ("unlocked", 518, 343),
        ("lock-order", 172, 0),
        ("two-locks", 357, 66),
        ("signal", 15, 0),
    ] {
        let count = graph(&puzzle(name).program).nodes[0].count;
        assert_eq!((count.all(), count.bad), (all, bad), "{name}");
    }
    for (name, run, all) in [
        ("mutex", step::mutex::run as step::Run, 12_786),
        ("atomic", step::atomic::run, 1_121),
        ("cas", step::cas::run, 70_722),
    ] {
        let three = step::counting(name, run, (3, 1), Wanted::Nothing, "");
        let count = graph(&three.program).nodes[0].count;
        assert_eq!((count.all(), count.bad), (all, 0), "{name}");
    }
}

/// To count through the states and to run the schedules one by one is the same, from any state on.
#[test]
fn the_schedules_below_a_state_are_those_that_a_search_runs() {
    for name in ["race", "unlocked", "two-locks", "signal-gap"] {
        let puzzle = puzzle(name);
        let graph = graph(&puzzle.program);
        for node in graph.nodes.iter().step_by(7) {
            let bound = Bound {
                failures: usize::MAX,
                ..Bound::all()
            };
            let found = below(&puzzle.program, &node.prefix, bound);
            assert!(found.complete, "{name}: {found}");
            let counted = (found.schedules as u128, found.failing as u128);
            // A schedule that is at its end is one schedule.
            assert_eq!(
                counted,
                (node.count.all(), node.count.bad),
                "{name} {:?}",
                node.prefix
            );
        }
    }
}

#[test]
fn each_puzzle_can_be_solved_unless_there_is_nothing_to_find() {
    for puzzle in step::puzzles() {
        let graph = graph(&puzzle.program);
        let way = graph.shortest(0, None, |end| puzzle.wanted.is(end));
        match (puzzle.wanted, way) {
            (Wanted::Nothing, None) | (Wanted::Wrong(_), Some(_)) => (),
            (Wanted::Within(_, most), Some((_, fewest))) => assert_eq!(fewest, most),
            (_, way) => panic!("{}: {way:?}", puzzle.name),
        }
    }
}

/// Whoever has counted up twice has seen the first count: 1 can't be the last value.
#[test]
fn the_lowest_value_is_the_lowest() {
    let graph = graph(&puzzle("race-lowest").program);
    let one = graph.shortest(0, None, |end| end.to_string() == "the counter shows 1");
    assert_eq!(one, None);
}

fn line(view: &View, thread: usize) -> String {
    let (file, line) = view.threads[thread].place.clone().unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .nth(line as usize - 1)
        .unwrap()
        .trim()
        .to_owned()
}

#[test]
fn each_thread_shows_the_line_that_it_runs_next() {
    let race = puzzle("race");
    let mut game = Game::new(&race);
    game.choose(1).unwrap();
    assert_eq!(line(game.view(), 1), "counter.store(value + 1, SeqCst);");
    assert_eq!(game.view().threads[1].does, "writes 1 to counter");
    game.choose(2).unwrap();
    game.choose(2).unwrap();
    assert_eq!(game.view().threads[2].state, State::Done);
    assert_eq!(game.view().objects[0].value, "1");

    let signal = puzzle("signal-gap");
    let mut game = Game::new(&signal);
    game.choose(1).unwrap();
    assert_eq!(line(game.view(), 0), "*self.look() = true;");
    assert_eq!(game.view().threads[0].state, State::WouldWait);
    assert!(game.view().threads[1].does.contains("unlocks the flag"));
}

/// The same prefix shows the same, whatever was looked at before: undo is nothing else.
#[test]
fn undo_shows_what_was_there() {
    let race = puzzle("race");
    let mut game = Game::new(&race);
    let first = game.view().clone();
    assert!(!game.undo());
    game.choose(1).unwrap();
    let second = game.view().clone();
    game.choose(2).unwrap();
    assert!(game.check());
    assert!(game.view().end.is_some());
    assert!(game.undo() && game.undo());
    assert_eq!(*game.view(), second);
    assert!(game.undo());
    assert_eq!(*game.view(), first);
    assert_eq!(at(&race.program, &[9]), None);
}

#[test]
fn a_player_breaks_race_and_sees_both_schedules() {
    let text = played("race", None, "1\n2\nu\n2\n1\n2\nq\nnever read\n");
    for part in [
        "There are 69 schedules, and 30 of them end badly.",
        "from here, 18 of 35 schedules end badly; preemptions so far: 0",
        "from here, 3 of 3 schedules end badly: all of them; preemptions so far: 1",
        "   4. thread 1 writes 1\n",
        "Almost, but with fewer preemptions: the counter shows 1.",
        "your schedule: 2 preemptions, 12 steps: 0 0 0 1 1 2 2 1 0 2 0 0\n",
        "the shortest: 1 preemption, 12 steps: 0 0 0 1 1 2 2 2 1 0 0 0\n",
    ] {
        assert!(text.contains(part), "no {part:?} in:\n{text}");
    }
    assert!(!text.contains("never read"));
    // Three states of a thread: it runs, it waits, it is ready and does not run.
    assert!(text.contains("  main      ██████░░░░░░░░░░"), "{text}");
    assert!(text.contains("  thread 0      ··████····██"), "{text}");
}

#[test]
fn the_checker_finds_what_is_there_and_says_what_is_not() {
    let text = played("mutex", None, "1\nc\n2\n7\nx\n");
    for part in [
        "It can't be broken: checked in all 51 schedules (",
        "from here, no schedule ends badly: all of them were checked",
        "there is no thread 7",
        "\"x\" is none of the keys: ? lists them",
    ] {
        assert!(text.contains(part), "no {part:?} in:\n{text}");
    }
    let text = played("signal-gap", None, "c\n");
    assert!(
        text.contains("You did it: deadlock: no thread can run."),
        "{text}"
    );
}

/// The schedule that `prove` prints of the lost update.
#[test]
fn a_proofs_schedule_is_replayed() {
    let text = played("race", Some("0 0 0 1 1 2 2 2 1 0 0 0"), "u\n");
    assert!(text.contains("You did it: the counter shows 1."), "{text}");
    assert!(text.contains("3 of 3 schedules end badly"), "{text}");
    let text = played("race", Some("0 0 0 1 1 2 2 2 1 0 0 0 1 1"), "");
    let told = "Of the 14 steps of the schedule, 12 lead to the end.";
    assert!(text.contains(told) && text.contains("You did it"), "{text}");
}

fn program(arguments: &[&str]) -> Command {
    let own = std::env::current_exe().unwrap();
    let folder = own.ancestors().nth(2).unwrap().join("examples");
    let mut command = Command::new(folder.join(format!("step{}", std::env::consts::EXE_SUFFIX)));
    command.args(arguments).stdin(Stdio::null());
    command
}

#[test]
fn the_program_lists_plays_and_complains() {
    let output = program(&[]).output_in_time();
    let list = String::from_utf8(output.stdout).unwrap();
    assert_eq!(list.lines().count(), step::puzzles().len());
    let output = program(&["signal-gap"]).output_in_time();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
    for (arguments, error) in [
        (
            &["races"][..],
            "error: there is no puzzle races; there are race, ",
        ),
        (
            &["race", "--schedule", "0 0 7"],
            "error: --schedule: step 3 is of thread 7",
        ),
        (
            &["race", "--schedule", "0 two"],
            "error: --schedule: \"two\" is no number",
        ),
    ] {
        let output = program(arguments).output_in_time();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(
            told.starts_with(error) && told.lines().count() == 1,
            "{told}"
        );
    }
}

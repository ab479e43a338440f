use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::proof::{Verdict, explore};

mod programs;

/// The file of the programs as a step names it, and as it stands in what is compared: the path
/// depends on where the crate is.
fn file() -> (String, String) {
    let path = file!().replace('\\', "/").replace(".rs", "/programs.rs");
    let short = format!("{:1$}", "programs.rs", path.len());
    (path, short)
}

fn puzzle(wanted: Wanted, body: fn() -> Verdict) -> Puzzle {
    Puzzle {
        name: "puzzle".to_owned(),
        goal: "break it".to_owned(),
        wanted,
        program: Program {
            title: "Ann and Ben".to_owned(),
            main: "main".to_owned(),
            objects: vec!["first".to_owned(), "second".to_owned(), "bell".to_owned()],
            files: vec![(file().0.leak(), include_str!("tests/programs.rs"))],
            body: Arc::new(move |_| body()),
        },
    }
}

fn race() -> Puzzle {
    puzzle(Wanted::Within("the counter shows 1", 1), programs::race)
}

fn crossed() -> Puzzle {
    puzzle(Wanted::Wrong("deadlock"), programs::crossed)
}

fn played(puzzle: &Puzzle, width: usize, lines: &str) -> String {
    let mut printed = String::new();
    let mut print = |text: &str| {
        printed += text;
        Ok(())
    };
    play(
        puzzle,
        None,
        (width, "> "),
        &mut lines.as_bytes(),
        &mut print,
    )
    .unwrap();
    printed
}

/// Compares a text with what is in a file. If another text is right, it is to be put there: without
/// the file, the test writes it, and fails.
#[track_caller]
fn compare(name: &str, text: &str) {
    let (path, short) = file();
    let lines = text.lines().map(|line| line.replace(&path, &short));
    let text: String = lines
        .map(|line| line.trim_end().to_owned() + "\n")
        .collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/proof/game/tests");
    let kept = folder.join(name);
    if !kept.exists() {
        std::fs::write(&kept, &text).unwrap();
        panic!("{name} was not there: read what was written");
    }
    assert_eq!(
        text,
        std::fs::read_to_string(kept).unwrap().replace('\r', "")
    );
}

/// Each key, each kind of thread and of object, and both pictures, on a wide screen.
#[test]
fn a_player_sees_the_same_as_ever() {
    let race = played(
        &race(),
        160,
        "1\nx\n\n1\n2\nu\nr\nu\n?\n1\n2\n2\n1\nc\n2\nu\nu\nc\nq\n1\n",
    );
    compare("race.txt", &race);
}

/// Beside locks, a condition variable; and a screen for one column.
#[test]
fn a_player_sees_who_waits_for_what() {
    let crossed = played(
        &crossed(),
        70,
        "2\n1\n1\n1\n2\n2\nu\nc\nr\n1\n1\n1\n1\n2\n2\n9\n2\n2\n1\n1\n",
    );
    compare("crossed.txt", &crossed);
}

/// All states of a program, as a page gets them.
#[test]
fn a_page_gets_the_same_as_ever() {
    let data = export(&race()).unwrap();
    compare("race.json", &data.replace("]]},", "]]},\n"));
    let data = export(&crossed()).unwrap();
    compare("crossed.json", &data.replace("]]},", "]]},\n"));
}

#[test]
fn a_schedule_that_does_not_fit_is_refused_with_its_step() {
    let puzzle = race();
    let mut game = Game::new(&puzzle);
    let refused = |thread| {
        Err(format!(
            "step 4 is of thread {thread}, which can't run there"
        ))
    };
    assert_eq!(game.replay(&[0, 0, 0, 7]), refused(7));
    assert_eq!(game.replay(&[0, 0, 0, 1]), Ok(4));
    assert!(game.undo());
    assert_eq!(game.schedule(), [0, 0, 0]);
}

#[test]
fn only_a_mistake_is_a_goal_and_only_the_one_that_is_wanted() {
    let wrong = |text: &str| End::Wrong(text.to_owned());
    let wanted = Wanted::Wrong("it");
    assert!(wanted.is(&wrong("it is 1")) && !wanted.is(&wrong("is it")));
    assert!(!wanted.is(&End::Right) && !Wanted::Wrong("").is(&End::Right));
    assert!(Wanted::Nothing.is(&End::Deadlock) && !Wanted::Nothing.is(&End::Right));
}

/// Where the states are too many, schedules are run: first those without a preemption.
#[test]
fn a_search_ends_with_the_first_preemption_that_is_enough() {
    let found = search(&race().program, &[]);
    let shortest = found.shortest.clone().unwrap();
    assert_eq!((found.failing, shortest.preemptions), (1, 1));
    assert_eq!(found.bound.schedules, MOST_SCHEDULES);
    let right = puzzle(Wanted::Nothing, || Ok(()));
    let found = search(&right.program, &[]);
    assert_eq!((found.schedules, found.failing), (1, 0));
    assert!(found.complete);
}

/// A search below a state finds the same as one that knows nothing of states.
#[test]
fn the_shortest_mistake_below_the_beginning_is_the_shortest_of_all() {
    let bound = Bound {
        failures: usize::MAX,
        ..Bound::all()
    };
    let all = explore(bound, |_| programs::race());
    let below = below(&race().program, &[], bound);
    assert_eq!(
        (below.schedules, below.failing),
        (all.schedules, all.failing)
    );
    let schedule = |found: Explored| found.shortest.unwrap().schedule;
    assert_eq!(schedule(below), schedule(all));
    let random = puzzle(Wanted::Nothing, || {
        shuttle::rand::RngCore::next_u64(&mut shuttle::rand::thread_rng());
        Ok(())
    });
    let found = super::below(&random.program, &[], bound);
    let message = found.shortest.unwrap().message;
    assert!(message.contains("must not be random"), "{message}");
    let end = at(&random.program, &[0]).unwrap().end.unwrap();
    assert!(end.to_string().contains("must not be random"), "{end}");
}

const BROKEN: [usize; 12] = [0, 0, 0, 1, 1, 2, 2, 2, 1, 0, 0, 0];

/// As if the states were too many to examine them.
#[test]
fn a_game_with_too_many_states_says_less() {
    let race = race();
    let mut game = Game::new(&race);
    assert_eq!(game.replay(&BROKEN), Ok(BROKEN.len()));
    game.graph = None;
    game.explored = Some(search(&race.program, &[]));
    let text = screen::screen(&game, 100);
    assert!(
        text.contains("No schedule with fewer preemptions does it.\n"),
        "{text}"
    );
    assert!(screen::prospect(&game).ends_with("Some end badly."));
    let right = puzzle(Wanted::Nothing, || Ok(()));
    game.explored = Some(search(&right.program, &[]));
    assert!(screen::prospect(&game).starts_with("Nothing was found"));
}

#[test]
fn a_picture_has_two_columns_for_each_step_if_there_is_room() {
    let race = race();
    let mut game = Game::new(&race);
    game.replay(&BROKEN).unwrap();
    // 12 steps, a name of four letters, and two gaps.
    for (width, beginning) in [(31, "  main  ███░"), (32, "  main  ██████░░")]
    {
        let text = screen::screen(&game, width);
        assert!(text.contains(beginning), "{text}");
    }
}

#[test]
fn a_long_story_is_cut_and_another_mistake_is_none_that_counts() {
    let long = played(&crossed(), 100, &"1\n".repeat(8));
    assert!(long.contains(" steps before\n"), "{long}");
    let other = puzzle(Wanted::Wrong("another"), programs::crossed);
    let broken = played(&other, 100, "1\n1\n1\n1\n2\n2\n");
    assert!(
        broken.contains("Broken, but not yet as it should be: deadlock"),
        "{broken}"
    );
}

#[test]
fn only_steps_after_the_end_are_counted() {
    let told = |schedule: &str| {
        let mut printed = String::new();
        let mut print = |text: &str| {
            printed += text;
            Ok(())
        };
        play(
            &race(),
            Some(schedule),
            (100, ""),
            &mut &b""[..],
            &mut print,
        )
        .unwrap();
        printed.contains("lead to the end")
    };
    assert!(!told("0 0 0 1 1 2 2 2 1 0 0 0"));
    assert!(told("0 0 0 1 1 2 2 2 1 0 0 0 1"));
}

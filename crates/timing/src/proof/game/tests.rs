use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::proof::Verdict;

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
/// the file, the test writes it.
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

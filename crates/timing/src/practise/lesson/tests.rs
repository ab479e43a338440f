use std::cell::RefCell;
use std::io::empty;

use super::super::Mistake;
use super::*;

thread_local! {
    static PRINTED: RefCell<String> = const { RefCell::new(String::new()) };
}

fn printed() -> String {
    PRINTED.take()
}

/// A lesson with three exercises whose check looks for a word. The second has a wrong answer that
/// the compiler refuses.
struct Fixture {
    folder: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        let fixture = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        for name in ["1_hold", "2_brief", "10_last"] {
            let (number, _) = name.split_once('_').unwrap();
            let stub = format!("//! Task {number}.\n//!\n//! More.\nwrong\n");
            fixture.write(&format!("exercises/e{name}.rs"), &stub);
            fixture.write(&format!(".answers/e{number}/stub.rs"), &stub);
            let check = format!("mod check;\n#[path = \"../../../exercises/e{name}.rs\"]\n");
            fixture.write(&format!("tests/practise/e{number}/main.rs"), &check);
            fixture.write(&format!(".answers/e{number}/right.rs"), "right\n");
            let hints = "an idea\n\n---\n\nwhere\n\n---\n\nalmost all\n";
            fixture.write(&format!("exercises/e{number}.hints.md"), hints);
        }
        // What editors leave behind is no exercise.
        fixture.write("exercises/e1_hold.rs~", "");
        fixture.write("exercises/extra.rs", "");
        fixture
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Result<bool> {
        self.run_with(arguments, &mut empty())
    }

    /// As a program of its own would: what is remembered is in the folder.
    fn run_with(&self, arguments: &[&str], input: &mut impl io::BufRead) -> Result<bool> {
        let arguments = Arguments::try_parse_from([&["practise"], arguments].concat())?;
        lesson(self.folder.path())?.run(&arguments, input)
    }
}

fn lesson(folder: &Path) -> Result<Lesson> {
    let mut lesson = Lesson::open(folder)?;
    lesson.print = |text| {
        PRINTED.with_borrow_mut(|printed| printed.push_str(text));
        Ok(())
    };
    lesson.check = |_, exercise| {
        Ok(match exercise.text()?.lines().last() {
            Some("right") => Checked::Right("right in all 3 schedules".to_owned()),
            Some("half") => Checked::NotCompiled(None),
            _ => Checked::Wrong(Mistake {
                sentence: "the lock was let go.".to_owned(),
                story: vec!["thread 0 reads 0".to_owned(), "thread 1 reads 0".to_owned()],
            }),
        })
    };
    Ok(lesson)
}

#[test]
fn it_lists_the_exercises_and_checks_the_first_open_one() {
    let fixture = Fixture::new();
    assert!(fixture.run(&[]).unwrap());
    let text = printed();
    let list = "  open  1 hold       Task 1.\n  open  2 brief      Task 2.\n  open  10 last";
    assert!(text.starts_with(list), "{text}");
    assert!(
        text.contains("e1_hold.rs ...\nNot yet: the lock was let go.\n    1. thread 0 reads 0")
    );

    fixture.write("exercises/e1_hold.rs", "right\n");
    fixture.run(&[]).unwrap();
    assert!(printed().contains("Solved: right in all 3 schedules"));
    fixture.run(&[]).unwrap();
    let text = printed();
    assert!(text.starts_with("solved  1 hold"), "{text}");
    assert!(text.contains("e2_brief.rs ...\n"), "{text}");
}

#[test]
fn a_solved_exercise_that_is_edited_is_open_again() {
    let fixture = Fixture::new();
    fixture.write("exercises/e1_hold.rs", "right\n");
    fixture.run(&["1"]).unwrap();
    fixture.write("exercises/e1_hold.rs", "half\n");
    printed();
    fixture.run(&[]).unwrap();
    let text = printed();
    assert!(text.starts_with("  open  1 hold"), "{text}");
    assert!(text.contains("Not yet: it does not compile."), "{text}");
}

#[test]
fn one_exercise_is_checked_by_its_number() {
    let fixture = Fixture::new();
    fixture.run(&["10"]).unwrap();
    let text = printed();
    assert!(
        text.starts_with("\nChecking ") && text.contains("e10_last.rs"),
        "{text}"
    );
    let error = fixture.run(&["3"]).unwrap_err().to_string();
    assert_eq!(error, "no exercise 3: there are 1, 2, 10");
}

#[test]
fn hints_come_one_at_a_time() {
    let fixture = Fixture::new();
    for hint in ["an idea", "where", "almost all", "almost all"] {
        fixture.run(&["--hint"]).unwrap();
        let text = printed();
        assert!(
            text.starts_with("Hint ") && text.ends_with(&format!("\n\n{hint}\n")),
            "{text}"
        );
    }
    fixture.run(&["2", "--hint"]).unwrap();
    assert!(printed().contains("1 of 3\n\nan idea"));
}

#[test]
fn the_answer_is_shown_only_to_those_who_ask_twice() {
    let fixture = Fixture::new();
    for (said, shown) in [("y\n", true), ("yes\n", true), ("n\n", false), ("", false)] {
        fixture
            .run_with(&["--answer"], &mut said.as_bytes())
            .unwrap();
        assert_eq!(printed().ends_with("\nright\n"), shown, "{said:?}");
    }
}

#[test]
fn a_file_can_be_put_back() {
    let fixture = Fixture::new();
    fixture.write("exercises/e2_brief.rs", "half\n");
    fixture.run(&["2", "--reset"]).unwrap();
    let text = fs::read_to_string(fixture.folder.path().join("exercises/e2_brief.rs")).unwrap();
    assert!(text.ends_with("wrong\n"), "{text}");
}

#[test]
fn when_all_are_solved_it_says_so() {
    let fixture = Fixture::new();
    for name in ["1_hold", "2_brief", "10_last"] {
        fixture.write(&format!("exercises/e{name}.rs"), "right\n");
        assert!(fixture.run(&[]).unwrap());
    }
    printed();
    fixture.run(&[]).unwrap();
    assert!(printed().contains("All are solved."));
    assert!(fixture.run(&["--hint"]).is_err());
}

#[test]
fn a_teacher_gets_data_of_all_exercises_checked_anew() {
    let fixture = Fixture::new();
    fixture.write("exercises/e1_hold.rs", "right\n");
    fixture.write("exercises/e2_brief.rs", "half\n");
    assert!(!fixture.run(&["--json"]).unwrap());
    let data: serde_json::Value = serde_json::from_str(&printed()).unwrap();
    let found = |number: usize| {
        (
            data[number]["solved"].clone(),
            data[number]["found"].clone(),
        )
    };
    assert_eq!(found(0), (true.into(), "right in all 3 schedules".into()));
    assert_eq!(found(1), (false.into(), "it does not compile.".into()));
    assert_eq!(found(2), (false.into(), "the lock was let go.".into()));
    for name in ["2_brief", "10_last"] {
        fixture.write(&format!("exercises/e{name}.rs"), "right\n");
    }
    assert!(fixture.run(&["--json"]).unwrap());
}

#[test]
fn watching_checks_again_after_each_save_and_ends_with_the_last_exercise() {
    let fixture = Fixture::new();
    let folder = fixture.folder.path().to_owned();
    let watcher = thread::spawn(move || {
        let arguments = Arguments::parse_from(["practise", "--watch"]);
        lesson(&folder)
            .unwrap()
            .run(&arguments, &mut empty())
            .unwrap();
        printed()
    });
    // The file that is watched is saved again and again, until the watcher has seen it.
    while !watcher.is_finished() {
        for name in ["1_hold", "2_brief", "10_last"] {
            fixture.write(&format!("exercises/e{name}.rs"), "right\n");
        }
        thread::yield_now();
    }
    let text = watcher.join().unwrap();
    assert!(
        text.ends_with("Solved: right in all 3 schedules\n\nAll are solved.\n"),
        "{text}"
    );
}

#[test]
fn what_the_compiler_says_leads_to_a_misconception() {
    let fixture = Fixture::new();
    let source = "//! compiler: `Rc<\n//!\n//! misconception: it is not\n//! `Send`.\n\ncode\n";
    fixture.write(".answers/e1/rc.rs", source);
    let lesson = lesson(fixture.folder.path()).unwrap();
    let known = |said| lesson.exercises[0].known_to_the_compiler(said);
    assert_eq!(
        known("error: `Rc<u32>` is not"),
        Some("it is not `Send`.".to_owned())
    );
    assert_eq!(known("error: another"), None);
}

#[test]
fn a_lesson_without_exercises_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let error = Lesson::open(folder.path()).err().unwrap();
    assert!(format!("{error:#}").starts_with("can't read "), "{error:#}");
    fs::create_dir(folder.path().join(".answers")).unwrap();
    let error = Lesson::open(folder.path()).err().unwrap();
    assert!(
        format!("{error:#}").starts_with("no exercises in "),
        "{error:#}"
    );
}

#[test]
fn a_long_sentence_is_broken_into_lines() {
    let text = wrapped(&"word ".repeat(40));
    assert!(
        text.lines().all(|line| line.len() <= 80) && text.lines().count() == 3,
        "{text}"
    );
}

#[test]
fn locks_that_the_checker_does_not_see_are_noticed() {
    let fixture = Fixture::new();
    let hides = |text: &str| {
        fixture.write("exercises/e1_hold.rs", text);
        let lesson = lesson(fixture.folder.path()).unwrap();
        lesson.exercises[0].hides_from_the_checker().unwrap()
    };
    let std = "use std::sync::Mutex;\n";
    assert!(!hides(std), "there is no checker");
    let check = "use timing::practise::schedules::Schedules;\n";
    fixture.write("tests/practise/e1/check.rs", check);
    assert!(hides(std) && hides("fn f() { std::thread::spawn(f); }\n"));
    assert!(!hides(
        "//! As std::sync has them.\nuse super::world::Mutex;\n"
    ));
}

#[test]
fn a_file_that_was_deleted_is_an_open_exercise_and_can_be_put_back() {
    let fixture = Fixture::new();
    let path = fixture.folder.path().join("exercises/e1_hold.rs");
    fixture.write("exercises/e1_hold.rs", "right\n");
    fixture.run(&[]).unwrap();
    fs::remove_file(&path).unwrap();
    printed();
    fixture.run(&[]).unwrap();
    assert!(printed().starts_with("  open  1 hold"));
    fixture.run(&["1", "--reset"]).unwrap();
    assert!(fs::read_to_string(path).unwrap().ends_with("wrong\n"));
}

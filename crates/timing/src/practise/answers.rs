//! What `cargo test` proves of an exercise: its check knows right from wrong.

use std::process::Command;
use std::{env, fs};

use super::{Judgement, header, misconception};

/// An answer, as [`judged`] looks at it.
#[derive(Debug)]
pub struct Answer {
    /// The name of its file.
    pub name: &'static str,
    /// Its source.
    pub source: &'static str,
    /// What the check says of it.
    pub judgement: Judgement,
}

/// Makes the test of an exercise's answers. It is written in `.answers/e1/mod.rs`, beside the files
/// that it names; a check is a function of the functions that the student writes:
///
/// ```text
/// timing::answers!(check::check(count): two_locks, held_for_the_store);
/// ```
///
/// The test fails unless the stub fails, the reference passes, and each of the wrong answers named
/// fails with its own misconception.
#[macro_export]
macro_rules! answers {
    ($check:path, $functions:tt: $($wrong:ident),+) => {
        mod right;
        mod stub;
        $(mod $wrong;)+

        #[test]
        fn the_check_knows_right_from_wrong() {
            $crate::practise::answers::judged(
                $crate::answers!(@judge $check, $functions, right),
                $crate::answers!(@judge $check, $functions, stub),
                vec![$($crate::answers!(@judge $check, $functions, $wrong)),+],
            );
        }
    };
    (@judge $check:path, ($($function:ident),+), $answer:ident) => {
        $crate::practise::answers::Answer {
            name: stringify!($answer),
            source: include_str!(concat!(stringify!($answer), ".rs")),
            judgement: $check($($answer::$function),+),
        }
    };
}

/// The source of a known-wrong answer, for a check that tells it by its marks.
///
/// `known!(e1, two_locks)` is `.answers/e1/two_locks.rs`. The path starts from
/// `tests/practise/e1/check.rs`.
#[macro_export]
macro_rules! known {
    ($exercise:ident, $answer:ident) => {
        include_str!(concat!(
            "../../../.answers/",
            stringify!($exercise),
            "/",
            stringify!($answer),
            ".rs"
        ))
    };
}

/// Compares what the check says with what it has to say.
///
/// # Panics
/// If the reference fails, or another answer passes, or fails with another sentence than its own.
pub fn judged(right: Answer, stub: Answer, wrong: Vec<Answer>) {
    match right.judgement {
        Ok(scope) => println!("right: {scope}"),
        Err(mistake) => panic!("the reference fails: {mistake:#?}"),
    }
    let Err(mistake) = stub.judgement else {
        panic!("what is handed out passes");
    };
    println!("stub: {mistake:#?}");
    for Answer {
        name,
        source,
        judgement,
    } in wrong
    {
        let Err(mistake) = judgement else {
            panic!("{name} passes");
        };
        println!("{name}: {mistake:#?}");
        assert_eq!(
            mistake.sentence,
            misconception(source),
            "{name}: {mistake:#?}"
        );
        let other = header(source, "compiler:");
        assert_eq!(other, None, "{name}: it does compile");
    }
}

/// Compiles known-wrong answers, which the compiler has to refuse with the words that they name
/// after `//! compiler:`.
///
/// The student's program finds their misconceptions by these words. They are compiled without any
/// crate, in a `world` that is given as source.
///
/// # Panics
/// If one compiles, or is refused with other words.
pub fn refused(world: &str, answers: &[&str]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = |name| folder.path().join(name);
    fs::write(file("lib.rs"), "pub mod world;\npub mod answer;\n").expect("it can be written");
    fs::write(file("world.rs"), world).expect("it can be written");
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    for answer in answers {
        fs::write(file("answer.rs"), answer).expect("it can be written");
        let mut command = Command::new(&rustc);
        command.args([
            "--edition",
            "2024",
            "--crate-type",
            "lib",
            "--emit",
            "metadata",
        ]);
        command.arg("-o").arg(file("lib.rmeta")).arg(file("lib.rs"));
        let output = command.output().expect("rustc runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "it compiles:\n{answer}");
        let words = header(answer, "compiler:").expect("it names what the compiler says");
        assert!(said.contains(&words), "no {words:?} in\n{said}");
        // One mistake, and no other.
        assert_eq!(said.matches("\nerror").count() + 1, 2, "{said}");
        println!("refused: {}", misconception(answer));
    }
}

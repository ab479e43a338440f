//! A lesson's folder and `timing`, copied to a place of their own, compile there, pass their tests,
//! and run, offline. That builds many dependencies again, so it runs when asked for:
//! `cargo test -p tidy --test copy_out -- --ignored`

use std::io::Write;
use std::path::{Path, PathBuf};
use std::{fs, thread};

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.unwrap();
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).unwrap();
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Checks an exercise of a lesson that was copied to this folder: as it is handed out, and with the
/// reference in its place.
fn an_exercise_is_checked(root: &Path, place: &Path, lesson: &str) {
    let exercises = fs::read_dir(place.join("exercises")).unwrap();
    let mut files = exercises.map(|entry| entry.unwrap().path());
    let first = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.starts_with("e1_")
    };
    let file = files.find(first).unwrap();
    for (answer, word) in [("stub.rs", "Not yet: "), ("right.rs", "Solved: ")] {
        // Written, not copied: a file that keeps its old time looks unchanged to Cargo.
        fs::write(
            &file,
            fs::read(place.join(".answers/e1").join(answer)).unwrap(),
        )
        .unwrap();
        let output = timing::practise::fresh_cargo()
            .args(["run", "--example", &format!("practise-{lesson}"), "--", "1"])
            .current_dir(place)
            .env("CARGO_TARGET_DIR", root.join("target"))
            .env("CARGO_INCREMENTAL", "0")
            // Also for the cargo that builds the check.
            .env("CARGO_NET_OFFLINE", "true")
            .output()
            .unwrap();
        let [out, err] = [output.stdout, output.stderr]
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        assert!(out.contains(word), "{lesson}: {answer}\n{err}\n{out}");
    }
}

/// Runs the tests and the program of a lesson that was copied to this folder.
fn works_when_copied_out(root: &Path, elsewhere: &Path, lesson: &str) {
    let place = elsewhere.join(lesson);
    // The lock file keeps the versions that were tested.
    fs::copy(root.join("Cargo.lock"), place.join("Cargo.lock")).unwrap();
    let commands: [&[&str]; 3] = [
        &["check", "--offline", "--all-targets"],
        // Proofs and answers to exercises read no file around them. They run in the workspace,
        // which takes minutes.
        &["test", "--offline", "--lib", "--examples", "--test", "all"],
        &["run", "--offline"],
    ];
    for arguments in commands {
        let output = timing::practise::fresh_cargo()
            .args(arguments)
            .current_dir(&place)
            // The target folder is shared, so a dependency with the same features is built once.
            .env("CARGO_TARGET_DIR", root.join("target"))
            // Nothing here is built a second time after a change.
            .env("CARGO_INCREMENTAL", "0")
            .output()
            .unwrap();
        // The test's own output is captured until the end; this line shows the progress.
        let command = arguments.join(" ");
        let words = format!("{lesson}: cargo {command}: {}\n", output.status);
        let _ = std::io::stderr().write_all(words.as_bytes());
        let [out, err] = [output.stdout, output.stderr]
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        assert!(
            output.status.success(),
            "{lesson}: cargo {command}\n{err}\n{out}"
        );
        // A profile that names a package which is not there, for example.
        assert!(
            !err.contains("\nwarning: "),
            "{lesson}: cargo {command}\n{err}"
        );
    }
    // One is enough: the others have the same parts.
    if lesson == "countdown" {
        an_exercise_is_checked(root, &place, lesson);
    }
}

#[test]
#[ignore = "builds many dependencies again"]
fn every_lesson_works_when_copied_out() {
    let root = tidy::root().canonicalize().unwrap();
    let lessons = tidy::lessons();
    // All copies are in one folder, as `cp` of several lessons would leave them: so they share one
    // `timing`, which is built once. There is no workspace around them.
    let elsewhere = tempfile::tempdir().unwrap();
    for name in lessons.iter().map(String::as_str).chain(["timing"]) {
        copy(
            &root.join("crates").join(name),
            &elsewhere.path().join(name),
        );
    }
    // Cargo builds one of them at a time, and meanwhile the tests of others run, which mostly wait.
    thread::scope(|scope| {
        let all: Vec<_> = lessons
            .iter()
            .map(|lesson| scope.spawn(|| works_when_copied_out(&root, elsewhere.path(), lesson)))
            .collect();
        for (lesson, one) in lessons.iter().zip(all) {
            assert!(one.join().is_ok(), "{lesson}: see above");
        }
    });
}

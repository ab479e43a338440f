//! A lesson's folder and `timing`, copied to a place of their own, compile there, pass their tests,
//! and run, offline. That builds many dependencies again, so it runs when asked for:
//! `cargo test -p tidy --test copy_out -- --ignored`

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, thread};

use tidy::manifest;
use toml::{Table, Value};

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

/// Has Cargo leave out optimisation of what it compiles once more for this copy: nothing is
/// measured here, and the compiler takes most of the time. Only the tests of two lessons compute
/// more than the compiler does, so these keep theirs: the tests of `imgproc` took 423 s of CPU with
/// `opt-level = 1`, and take 71 s with 3, which costs the compiler some 20 s. What the workspace
/// has built is used as it is, too.
fn without_optimisation(place: &Path, lesson: &str) {
    let path = place.join(".cargo/config.toml");
    let mut config = manifest(&path);
    let packages = config["profile"]["dev"]["package"].as_table_mut().unwrap();
    let mut again = vec![
        "shuttle-engine",
        "shuttle-schedulers",
        "shuttle-std",
        "timing",
    ];
    if !["cpu-bound", "imgproc"].contains(&lesson) {
        packages.entry(lesson).or_insert(Table::new().into());
        again.push(lesson);
    }
    for name in again {
        // A profile that names a package which is not there is warned of.
        if let Some(package) = packages.get_mut(name) {
            let package = package.as_table_mut().unwrap();
            package.insert("opt-level".into(), Value::from(0));
        }
    }
    fs::write(path, config.to_string()).unwrap();
}

/// Cargo, in the folder of a copy.
fn cargo_in(place: &Path, root: &Path) -> Command {
    let mut command = timing::practise::fresh_cargo();
    command
        .current_dir(place)
        // The programs are the copy's own: those of the workspace, of which tests may be running,
        // stay as they are.
        .env("CARGO_TARGET_DIR", place.join("../target"))
        // What they are built of is shared, so a dependency with the same features is built once.
        .env("CARGO_BUILD_BUILD_DIR", root.join("target"))
        // Nothing here is built a second time after a change.
        .env("CARGO_INCREMENTAL", "0")
        // Also for the cargo that builds the check of an exercise.
        .env("CARGO_NET_OFFLINE", "true");
    command
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
        let output = cargo_in(place, root)
            .args(["run", "--example", &format!("practise-{lesson}"), "--", "1"])
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
    without_optimisation(&place, lesson);
    // An example that the manifest says has tests.
    let models: &[&str] = match lesson {
        "imgproc" => &["--example", "cluster_model"],
        _ => &[],
    };
    // Proofs and answers to exercises read no file around them. They run in the workspace, which
    // takes minutes.
    let tests = [&["test", "--lib", "--test", "all"], models].concat();
    let commands: [&[&str]; 3] = [&["test", "--no-run"], &tests, &["run"]];
    for arguments in commands {
        let output = cargo_in(&place, root).args(arguments).output().unwrap();
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

//! A lesson's folder and `timing`, copied to a place of their own, build, pass their tests and run
//! there, offline. It builds many dependencies again, so it runs when asked for:
//! `cargo test -p tidy --test copy_out -- --ignored`

use std::path::Path;
use std::process::Command;
use std::{env, fs};

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

#[test]
#[ignore = "builds many dependencies again"]
fn every_lesson_works_when_copied_out() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let root = root.canonicalize().unwrap();
    // What is built is another matter than where it is: a dependency that the workspace has built alike is not built again.
    let target = root.join("target");
    let mut lessons = 0;
    for entry in fs::read_dir(root.join("crates")).unwrap() {
        let lesson = entry.unwrap().file_name().into_string().unwrap();
        if ["timing", "tidy"].contains(&lesson.as_str()) {
            continue;
        }
        let elsewhere = tempfile::tempdir().unwrap();
        for name in ["timing", &lesson] {
            copy(
                &root.join("crates").join(name),
                &elsewhere.path().join(name),
            );
        }
        // The versions that were tested: without it, those would be taken that happen to be on this machine.
        fs::copy(
            root.join("Cargo.lock"),
            elsewhere.path().join(&lesson).join("Cargo.lock"),
        )
        .unwrap();
        for arguments in [&["test", "--offline"][..], &["run", "--offline"]] {
            let status = Command::new(env::var("CARGO").unwrap_or_else(|_| "cargo".into()))
                .args(arguments)
                .current_dir(elsewhere.path().join(&lesson))
                .env("CARGO_TARGET_DIR", &target)
                .status()
                .unwrap();
            assert!(status.success(), "{lesson}: cargo {}", arguments.join(" "));
        }
        lessons += 1;
    }
    assert!(lessons > 0);
}

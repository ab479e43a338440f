//! What a signal stops when a run has more to do than the photos in work.
#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::process::Stdio;
use timing::limit::InTime;

use crate::cli::{ended, imgproc};
use crate::common::samples;
use crate::promises::{pipe, started};
use crate::signals::{MANY, photos, signal, wait_until};

/// The photo is a pipe into which nothing is written: it stays in work until the program ends.
#[test]
fn a_second_signal_ends_a_run_whose_photo_takes_forever() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = pipe(folder.path());
    for (name, status) in [("-INT", 130), ("-TERM", 143)] {
        let arguments = ["sequential", "-i", "pipe.jpg", "-o", "out"];
        let mut child = started(folder.path(), &arguments);
        // This waits until the program has opened the pipe.
        let held = File::options().write(true).open(&pipe).unwrap();
        // Two signals that are sent at once may arrive as one, so there may be more than two.
        wait_until("the program's end", || {
            signal(name, child.id());
            child.try_wait().unwrap().is_some()
        });
        drop(held);
        ended(child.output_in_time(), status);
    }
}

#[test]
fn after_a_signal_no_other_strategy_begins() {
    let folder = tempfile::tempdir().unwrap();
    photos(folder.path(), MANY);
    let first = folder.path().join("out/sequential");
    let finished = || {
        let results = fs::read_dir(&first).into_iter().flatten().flatten();
        let names = results.map(|result| result.file_name());
        names
            .filter(|name| !name.as_encoded_bytes().starts_with(b"."))
            .count()
    };
    let mut command = imgproc(folder.path());
    command
        .args(["sequential", "rayon", "-f", "blur", "-i", "in", "-o", "out"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    wait_until("the second result", || finished() >= 2);
    signal("-INT", child.id());
    let (_, err) = ended(child.output_in_time(), 130);
    let undone = MANY - finished();
    let line = format!(
        "stopped by Ctrl-C: what was finished is kept, {undone} photos are left undone (--resume does them)\n"
    );
    assert_eq!(err, line);
    assert!(!folder.path().join("out/rayon").exists());
}

/// One strategy's results can't be compared with another's if there are not all of them.
#[test]
fn a_bad_photo_is_told_once_and_is_not_compared() {
    let folder = tempfile::tempdir().unwrap();
    samples(&folder.path().join("in"));
    fs::write(folder.path().join("in/text.jpg"), "no photo").unwrap();
    let mut command = imgproc(folder.path());
    command.args(["sequential", "rayon", "-i", "in", "-o", "out"]);
    let (out, err) = ended(command.output_in_time(), 1);
    assert_eq!(err, "error: in/text.jpg: not a photo\n");
    assert!(!out.contains("Compared"), "{out}");
}

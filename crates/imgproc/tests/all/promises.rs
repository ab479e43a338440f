//! What a user relies on when something is amiss.
#![cfg(unix)]

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use timing::limit::InTime;

use imgproc::samples::SAMPLES;

use crate::cli::{ended, imgproc};
use crate::common::{samples, tree};

/// Makes a photo that is a pipe: it is in work as long as somebody holds it open.
pub fn pipe(folder: &Path) -> PathBuf {
    let pipe = folder.join("pipe.jpg");
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    pipe
}

/// Starts the program in this folder, whose complaints can be read.
pub fn started(folder: &Path, arguments: &[&str]) -> Child {
    let mut command = imgproc(folder);
    command.args(arguments);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Checks that so many results of this input are refused, since they would overwrite an input, and
/// that the folder of results stays as it is.
#[track_caller]
fn overwrites_nothing(folder: &Path, input: &str, count: usize) {
    let before = tree(&folder.join("out"));
    let mut command = imgproc(folder);
    command.args(["-i", input, "-o", "out", "--force"]);
    let (_, err) = ended(command.output_in_time(), 1);
    assert_eq!(
        err.matches("would overwrite an input").count(),
        count,
        "{err}"
    );
    assert!(tree(&folder.join("out")) == before);
}

/// A hard link stands for a folder that is mounted a second time: both are one file under two
/// paths, which the paths alone do not say.
#[test]
fn an_input_under_another_path_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let input = samples(&folder.path().join("in"));
    let before = tree(&input);
    let output = folder.path().join("out");
    fs::create_dir(&output).unwrap();
    for (path, _) in &before {
        fs::hard_link(input.join(path), output.join(path)).unwrap();
    }
    overwrites_nothing(folder.path(), "in", 5);
}

/// The photo is a link to a file in the folder of the results, at the place of its own result.
#[test]
fn a_photo_that_a_link_leads_to_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    samples(&folder.path().join("out"));
    fs::create_dir(folder.path().join("in")).unwrap();
    let link = folder.path().join("in/coffee.jpg");
    std::os::unix::fs::symlink("../out/coffee.jpg", link).unwrap();
    overwrites_nothing(folder.path(), "in/coffee.jpg", 1);
}

/// The photo is a pipe: another program makes a file at the place of the result after the strategy
/// has looked whether there is one, and before the photo is read.
#[test]
fn a_file_that_appears_while_its_photo_is_in_work_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = pipe(folder.path());
    for strategy in ["sequential", "rayon", "rows", "pipeline", "processes"] {
        let child = started(folder.path(), &[strategy, "-i", "pipe.jpg", "-o", strategy]);
        // This waits until the program has opened the pipe.
        let mut photo = File::options().write(true).open(&pipe).unwrap();
        let output = folder.path().join(strategy);
        fs::create_dir_all(&output).unwrap();
        fs::write(output.join("pipe.jpg"), "mine").unwrap();
        photo.write_all(SAMPLES[1].1).unwrap();
        drop(photo);
        let (_, err) = ended(child.output_in_time(), 1);
        let line =
            format!("error: pipe.jpg: {strategy}/pipe.jpg exists already (--force replaces it)\n");
        assert_eq!(err, line);
        assert_eq!(tree(&output), [("pipe.jpg".into(), b"mine".to_vec())]);
    }
}

/// As it is for any other file: an unfinished one is private to its user.
#[test]
fn a_result_has_the_permissions_that_the_user_gives_new_files() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    samples(folder.path());
    for (mask, mode) in [("022", 0o644), ("007", 0o660)] {
        let script = format!(
            "umask {mask}; exec '{}' -i coffee.jpg -o {mask}",
            env!("CARGO_BIN_EXE_imgproc")
        );
        let mut command = Command::new("sh");
        command.args(["-c", &script]).current_dir(folder.path());
        ended(command.output_in_time(), 0);
        let result = folder.path().join(mask).join("coffee.jpg");
        let permissions = result.metadata().unwrap().permissions();
        assert_eq!(permissions.mode() & 0o777, mode, "{mask}");
    }
}

#[test]
fn a_failure_counts_even_if_nobody_reads_the_table() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("text.jpg"), "no photo").unwrap();
    let mut command = imgproc(folder.path());
    command
        .args(["-i", "text.jpg"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let (_, err) = ended(child.output_in_time(), 1);
    assert_eq!(err, "error: text.jpg: not a photo\n");
}

/// The file claims 64 GB, which no test could read.
#[test]
fn what_is_not_a_photo_is_not_read_whole() {
    let folder = tempfile::tempdir().unwrap();
    let file = File::create(folder.path().join("sparse.jpg")).unwrap();
    file.set_len(64 << 30).unwrap();
    let mut command = imgproc(folder.path());
    command.args(["-i", "sparse.jpg"]);
    let (_, err) = ended(command.output_in_time(), 1);
    assert_eq!(err, "error: sparse.jpg: not a photo\n");
}

/// A photo of 25 kB claims 64 GB. Its file is longer than any photo with so few pixels.
#[test]
fn what_is_behind_a_photo_is_not_read_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = File::create(folder.path().join("sparse.jpg")).unwrap();
    file.write_all(SAMPLES[1].1).unwrap();
    file.set_len(64 << 30).unwrap();
    let mut command = imgproc(folder.path());
    command.args(["-i", "sparse.jpg", "--max-megapixels", "10"]);
    let (_, err) = ended(command.output_in_time(), 1);
    assert_eq!(
        err,
        "error: sparse.jpg: a file of 68719 MB, more than 8 bytes for each of the 10 megapixels \
         that --max-megapixels allows\n"
    );
}

#[test]
fn a_folder_that_is_a_file_is_told_without_names_that_nobody_knows() {
    let folder = tempfile::tempdir().unwrap();
    samples(folder.path());
    let mut command = imgproc(folder.path());
    command.args(["-i", "coffee.jpg", "-o", "rocket.jpg/out"]);
    let (_, err) = ended(command.output_in_time(), 1);
    assert!(err.contains("can't write in rocket.jpg: "), "{err}");
    assert!(!err.contains(".part"), "{err}");
}

/// The second photo is a pipe, from which nothing comes until the first one's error was read.
#[test]
fn an_error_is_told_when_it_happens() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("text.jpg"), "no photo").unwrap();
    let pipe = pipe(folder.path());
    for strategy in ["sequential", "rayon", "rows", "pipeline", "processes"] {
        let arguments = ["--workers", "1", "-i", "text.jpg", "pipe.jpg"];
        let arguments = [&arguments[..], &["-o", strategy, strategy]].concat();
        let mut child = started(folder.path(), &arguments);
        let mut errors = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        errors.read_line(&mut line).unwrap();
        assert_eq!(line, "error: text.jpg: not a photo\n", "{strategy}");
        // This waits until the program has opened the pipe.
        let mut photo = File::options().write(true).open(&pipe).unwrap();
        photo.write_all(SAMPLES[1].1).unwrap();
        drop(photo);
        let mut rest = String::new();
        errors.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "{strategy}");
        assert_eq!(child.wait().unwrap().code(), Some(1), "{strategy}");
        assert!(folder.path().join(strategy).join("pipe.jpg").exists());
    }
}

/// Otherwise a job of an array would begin anew what another job of it is doing.
#[test]
fn a_shard_that_is_resumed_is_the_same_shard() {
    let folder = tempfile::tempdir().unwrap();
    samples(&folder.path().join("in"));
    let run = |shard: &str| {
        let mut command = imgproc(folder.path());
        command.args(["-i", "in", "-o", "out", "--resume", "--shard", shard]);
        ended(command.output_in_time(), 0).0
    };
    let first = run("1/2");
    assert!(first.contains("3 of 3"), "{first}");
    let again = run("1/2");
    assert!(again.contains("0 of 0"), "{again}");
    let second = run("2/2");
    assert!(second.contains("2 of 2"), "{second}");
}

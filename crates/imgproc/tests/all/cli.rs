//! The real program, as its user runs it.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use timing::limit::InTime;

use imgproc::filter::{Filter, Grey};
use imgproc::{Settings, Strategy};
use timing::cli;

use crate::common::{bad_ones, odd_ones, samples, strategies, tree};

pub fn imgproc(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_imgproc"));
    command.current_dir(folder);
    command
}

fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
    // So that paths look the same on Windows.
    text.replace(std::path::MAIN_SEPARATOR, "/")
}

/// Asserts on the exit status, and that nothing panicked, and returns stdout and stderr.
#[track_caller]
pub fn ended(output: Output, status: i32) -> (String, String) {
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "{out}\n{err}");
    assert!(!err.contains("panicked"), "{err}");
    (out, err)
}

#[test]
fn without_arguments_every_strategy_does_the_samples() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = imgproc(folder.path());
    command.args(["--svg", "t.svg", "--trace", "t.json", "--json", "c.json"]);
    let (out, err) = ended(command.output_in_time(), 0);
    assert_eq!(err, "");
    for strategy in strategies() {
        let row = format!(" {} ", cli::name(strategy));
        let row = out.lines().find(|line| line.starts_with(&row)).expect(&row);
        assert!(row.contains("20 of 20"), "{row}");
        assert_eq!(
            tree(
                &folder
                    .path()
                    .join("output/imgproc")
                    .join(cli::name(strategy))
            )
            .len(),
            20
        );
    }
    assert!(
        out.contains("every strategy has written the same bytes"),
        "{out}"
    );
    assert!(!out.contains('\u{1b}'), "no colour in a pipe");
    assert!(out.lines().all(|line| line.chars().count() <= 80), "{out}");
    let json: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.path().join("c.json")).unwrap()).unwrap();
    assert_eq!(json["rows"].as_array().unwrap().len(), 5);
    for picture in ["t.svg", "t.json"] {
        let drawn = fs::read_to_string(folder.path().join(picture)).unwrap();
        assert!(
            strategies().iter().all(|s| drawn.contains(&cli::name(s))),
            "{picture}"
        );
    }
}

#[test]
fn a_batch_of_photos_goes_where_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    samples(&folder.path().join("in/deep/er"));
    let run = |more: &[&str]| {
        let mut command = imgproc(folder.path());
        command
            .args(["--input", "in", "--output", "out"])
            .args(more);
        command.output_in_time()
    };
    let (out, _) = ended(run(&[]), 0);
    assert!(
        out.contains("rayon") && !out.contains("sequential"),
        "{out}"
    );
    let names = |output: &str| {
        let files = tree(&folder.path().join(output));
        files
            .into_iter()
            .map(|file| text(file.0.as_os_str().as_encoded_bytes()))
            .collect::<Vec<_>>()
    };
    assert_eq!(names("out").len(), 5);
    assert!(names("out").contains(&"deep/er/coffee.jpg".to_owned()));
    // Again: nothing is overwritten, and each photo says so.
    let (_, err) = ended(run(&[]), 1);
    assert_eq!(err.matches("exists already").count(), 5, "{err}");
    ended(run(&["--force"]), 0);
    let mut command = imgproc(folder.path());
    command.args([
        "-i",
        "in",
        "-o",
        "png",
        "--format",
        "png",
        "--filter",
        "thumbnail",
        "--size",
        "64",
    ]);
    ended(command.output_in_time(), 0);
    let small = image::open(folder.path().join("png/deep/er/coffee.png")).unwrap();
    assert_eq!((small.width(), small.height()), (64, 43));
}

#[test]
fn each_bad_photo_has_a_line_and_the_others_are_done() {
    let folder = tempfile::tempdir().unwrap();
    let input = samples(&folder.path().join("in"));
    for (name, bytes, _) in bad_ones() {
        fs::write(input.join(name), bytes).unwrap();
    }
    // A folder of that name, and one without photos.
    fs::create_dir_all(input.join("folder.jpg")).unwrap();
    fs::create_dir_all(folder.path().join("nothing")).unwrap();
    let mut command = imgproc(folder.path());
    command.args(["-i", "in", "nothing", "missing.jpg", "-o", "out"]);
    let (out, err) = ended(command.output_in_time(), 1);
    assert!(out.contains("5 of 13"), "{out}");
    for (name, _, cause) in bad_ones() {
        let line = err.lines().find(|line| line.contains(name)).expect(name);
        assert!(
            line.starts_with("error: ") && line.contains(cause),
            "{line}"
        );
    }
    assert!(
        err.contains("error: nothing: no photos in this folder"),
        "{err}"
    );
    let missing = err.lines().find(|line| line.contains("missing.jpg: "));
    assert!(missing.unwrap().ends_with("(os error 2)"), "{err}");
    assert_eq!(err.lines().count(), bad_ones().len() + 2, "{err}");
    assert_eq!(tree(&folder.path().join("out")).len(), 5);
}

#[test]
fn where_nothing_can_be_written_the_option_that_helps_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let mut command = imgproc(folder.path());
    let (_, err) = ended(command.args(["-o", "file/x"]).output_in_time(), 1);
    let line = "error: --output: the sample photos: can't make the folder file/x";
    assert!(err.starts_with(line) && err.lines().count() == 1, "{err}");
}

#[test]
fn an_input_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let input = samples(&folder.path().join("in"));
    let before = tree(&input);
    for force in [&[][..], &["--force"]] {
        let mut command = imgproc(folder.path());
        command.args(["-i", "in", "-o", "in/../in"]).args(force);
        let (_, err) = ended(command.output_in_time(), 1);
        assert_eq!(err.matches("would overwrite an input").count(), 5, "{err}");
        assert!(tree(&input) == before);
    }
    // Two photos of one name.
    samples(&folder.path().join("more"));
    let mut command = imgproc(folder.path());
    command.args(["-i", "in", "more/coffee.jpg", "-o", "out"]);
    let (_, err) = ended(command.output_in_time(), 1);
    assert!(
        err.contains("more/coffee.jpg: its result, out/coffee.jpg, would overwrite"),
        "{err}"
    );
}

#[test]
fn a_guess_is_shown_beside_what_was_measured() {
    let folder = tempfile::tempdir().unwrap();
    samples(&folder.path().join("in"));
    let arguments = ["sequential", "rayon", "--input", "in", "--predict", "1h"];
    let (out, _) = ended(imgproc(folder.path()).args(arguments).output_in_time(), 0);
    assert!(
        out.contains("\nsequential: guess 3600 s, measured "),
        "{out}"
    );
    assert!(out.contains("\nrayon: guess 3600 s, measured "), "{out}");
}

#[test]
fn wrong_arguments_are_told_before_anything_is_done() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, hint) in [
        (&["sequental"][..], "sequential"),
        (
            &["rayon", "--predict", "rows=1s"],
            "does not run rows, but rayon",
        ),
        (&["--workers", "0"], "1..=1024"),
        (&["--workers", "-3"], "--workers"),
        (&["--workers", "99999999999999"], "99999999999999"),
        (&["--filter", "gray"], "grey"),
        (&["--sigma", "nan"], "0.1 to 100"),
        (&["--quality", "0"], "1..=100"),
        (&["--levels", "1"], "2..=256"),
        (&["--shard", "0/3"], "I/N"),
        (&["--shard", "4/3"], "I/N"),
        (&["--shard", "1"], "I/N"),
        (&["--resume", "--force"], "--force"),
        (&["--resume", "--runs", "2"], "--runs"),
    ] {
        let (_, err) = ended(imgproc(folder.path()).args(arguments).output_in_time(), 2);
        assert!(err.contains(hint), "{arguments:?}: {err}");
    }
    assert_eq!(tree(folder.path()), []);
}

#[test]
fn help_names_every_strategy_and_option() {
    let folder = tempfile::tempdir().unwrap();
    let (out, _) = ended(imgproc(folder.path()).arg("--help").output_in_time(), 0);
    for word in [
        "--workers",
        "--svg",
        "--trace",
        "--json",
        "--runs",
        "--input",
        "Exit status",
    ] {
        assert!(out.contains(word), "no {word}:\n{out}");
    }
    assert!(
        strategies()
            .iter()
            .chain(&[Strategy::Mpi, Strategy::MpiStatic])
            .all(|s| out.contains(&format!("- {}:", cli::name(s)))),
        "{out}"
    );
    assert!(!out.contains("__child"));
}

#[cfg(not(feature = "mpi"))]
#[test]
fn a_program_without_mpi_says_how_to_get_it() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["mpi", "mpi-static"] {
        let (out, err) = ended(imgproc(folder.path()).arg(name).output_in_time(), 2);
        assert!(err.contains(&format!("error: {name}: ")), "{err}");
        assert!(err.contains("--features mpi"), "{err}");
        assert_eq!(out, "");
    }
    assert_eq!(tree(folder.path()), []);
}

#[test]
fn ranks_that_share_no_work_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = imgproc(folder.path());
    // As `mpirun -n 3` sets it.
    command.arg("rayon").env("OMPI_COMM_WORLD_SIZE", "3");
    let (_, err) = ended(command.output_in_time(), 2);
    assert!(
        err.contains("started 3 of this program") && err.contains("name mpi"),
        "{err}"
    );
    assert_eq!(tree(folder.path()), []);
}

#[test]
fn resume_does_what_is_not_done() {
    let folder = tempfile::tempdir().unwrap();
    let input = samples(&folder.path().join("in"));
    let run = || {
        let mut command = imgproc(folder.path());
        command.args(["sequential", "-i", "in", "-o", "out", "--resume"]);
        ended(command.output_in_time(), 0).0
    };
    let said = |done: usize| format!("Left out, because their results are there: {done}.");
    let out = run();
    assert!(out.contains("5 of 5") && out.contains(&said(0)), "{out}");
    let all = tree(&folder.path().join("out"));
    fs::remove_file(folder.path().join("out/coffee.jpg")).unwrap();
    fs::copy(input.join("rocket.jpg"), input.join("new.jpg")).unwrap();
    let out = run();
    assert!(out.contains("2 of 2") && out.contains(&said(4)), "{out}");
    let after = tree(&folder.path().join("out"));
    assert_eq!(after.len(), 6);
    assert!(all.iter().all(|file| after.contains(file)));
    assert!(run().contains("0 of 0"));
}

#[test]
fn shards_are_disjoint_and_together_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    odd_ones(&samples(&folder.path().join("in")));
    let run = |output: &str, more: &[&str]| {
        let mut command = imgproc(folder.path());
        command.args(["-i", "in", "-o", output]).args(more);
        ended(command.output_in_time(), 0);
    };
    run("whole", &[]);
    for count in [1, 3, 20] {
        // Without --force: a photo that two shards have would fail in the second.
        let parts = format!("parts{count}");
        let mut before = 0;
        for index in 1..=count {
            run(&parts, &["--shard", &format!("{index}/{count}")]);
            let now = tree(&folder.path().join(&parts)).len();
            assert!((14 / count..=14_usize.div_ceil(count)).contains(&(now - before)));
            before = now;
        }
        let (parts, whole) = (folder.path().join(parts), folder.path().join("whole"));
        assert!(tree(&parts) == tree(&whole), "{count} shards");
    }
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    samples(&folder.path().join("in"));
    let mut command = imgproc(folder.path());
    command
        .args(["-i", "in"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    ended(child.output_in_time(), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_stdout_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    samples(&folder.path().join("in"));
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = imgproc(folder.path());
    command
        .args(["-i", "in"])
        .stdout(full)
        .stderr(Stdio::piped());
    // A command would get a pipe as its stdout; a child keeps what it has.
    let child = command.spawn().unwrap();
    let (_, err) = ended(child.output_in_time(), 1);
    assert!(err.contains("can't write to stdout"), "{err}");
}

/// A file system with no room left behaves like a limit on the size of a file: a write stops
/// half-way. The limit needs neither root nor a disk.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    samples(&folder.path().join("in"));
    // Blocks of 512 or 1024 bytes: chelsea.jpg becomes smaller than this, most others larger.
    let script = format!(
        "trap '' XFSZ; ulimit -f 40; exec '{}' -i in -o out rayon processes",
        env!("CARGO_BIN_EXE_imgproc")
    );
    let mut command = Command::new("sh");
    command.args(["-c", &script]).current_dir(folder.path());
    let (_, err) = ended(command.output_in_time(), 1);
    assert!(err.contains("can't write"), "{err}");
    for (path, bytes) in tree(&folder.path().join("out")) {
        assert!(
            image::load_from_memory(&bytes).is_ok(),
            "{}",
            path.display()
        );
        assert!(!path.to_string_lossy().contains(".part"));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_need_not_be_utf_8() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use imgproc::samples::SAMPLES;

    let folder = tempfile::tempdir().unwrap();
    let name = OsStr::from_bytes(b"caf\xe9.jpg");
    fs::create_dir(folder.path().join("in")).unwrap();
    fs::write(folder.path().join("in").join(name), SAMPLES[2].1).unwrap();
    for strategy in strategies() {
        let mut command = imgproc(folder.path());
        command.args(["-i", "in", "-o", &cli::name(strategy), &cli::name(strategy)]);
        ended(command.output_in_time(), 0);
        assert!(folder.path().join(cli::name(strategy)).join(name).exists());
    }
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_is_named() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let input = samples(&folder.path().join("in"));
    symlink("nowhere", input.join("dangling.jpg")).unwrap();
    let locked = input.join("coffee.jpg");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
    // Root may read it all the same.
    let readable = fs::read(&locked).is_ok();
    let mut command = imgproc(folder.path());
    command.args(["-i", "in", "-o", "out"]);
    let (_, err) = ended(command.output_in_time(), 1);
    assert!(err.contains("in/dangling.jpg: No such file"), "{err}");
    assert_eq!(
        err.contains("in/coffee.jpg: can't open: Permission denied"),
        !readable,
        "{err}"
    );
}

#[test]
fn a_worker_ends_with_its_input_and_reports_nonsense() {
    let worker = |input: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_imgproc"));
        command
            .arg("__child")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut pipe = child.stdin.take().unwrap();
        pipe.write_all(input.as_bytes()).unwrap();
        drop(pipe);
        child.output_in_time()
    };
    let settings = serde_json::to_string(&Settings::new(Filter::Grey(Grey))).unwrap();
    let order = format!("{{\"clock\":null,\"lane\":\"process 0\",\"order\":{settings}}}\n");
    ended(worker(&order), 0);
    for nonsense in ["hello\n".to_owned(), format!("{order}hello\n")] {
        let (_, err) = ended(worker(&nonsense), 1);
        assert!(err.contains("child process: expected value"), "{err}");
    }
}

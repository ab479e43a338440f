//! What a run leaves behind when it is interrupted or killed.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use timing::limit::InTime;

use imgproc::samples;

use crate::common::tree;

/// So many photos that no strategy has done them all when a signal arrives, even late: `mpirun`
/// passes one on after a second.
pub const MANY: usize = 2_000;

/// Makes so many large photos in the folder `in`.
pub fn photos(folder: &Path, count: usize) {
    let input = folder.join("in");
    let large = samples::enlarge_into(&input, 4).unwrap();
    for (copy, path) in (0..)
        .zip(large.iter().cycle().take(count))
        .skip(large.len())
    {
        let name = path.file_stem().unwrap().to_str().unwrap();
        // Hard links are several photos to the program, and one file on the disk.
        fs::hard_link(path, input.join(format!("{name}-{copy}.jpg"))).unwrap();
    }
}

/// Starts `processes` or another strategy on so many photos.
fn started(folder: &Path, strategy: &str, count: usize) -> Child {
    photos(folder, count);
    let mut command = Command::new(env!("CARGO_BIN_EXE_imgproc"));
    command
        .args([
            strategy,
            "--workers",
            "2",
            "--filter",
            "blur",
            "-i",
            "in",
            "-o",
            "out",
        ])
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Waits for `ready`, and fails after minutes: no machine is so slow.
pub fn wait_until(what: &str, mut ready: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !ready() {
        assert!(
            begin.elapsed() < Duration::from_secs(120),
            "{what} never came"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
}

pub fn finished(folder: &Path) -> usize {
    let visible = |path: &Path| !path.to_string_lossy().starts_with('.');
    let out = folder.join("out");
    if !out.exists() {
        return 0;
    }
    let names = fs::read_dir(out)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    names.filter(|name| visible(Path::new(name))).count()
}

/// The processes whose parent is this one.
fn children(parent: u32) -> Vec<u32> {
    let path = format!("/proc/{parent}/task/{parent}/children");
    let list = |thread: &Path| fs::read_to_string(thread.join("children")).unwrap_or_default();
    let threads = Path::new(&path).ancestors().nth(2).unwrap();
    let threads = fs::read_dir(threads).map(|all| all.flatten().map(|e| e.path()).collect());
    let threads: Vec<_> = threads.unwrap_or_default();
    let all: String = threads.iter().map(|thread| list(thread)).collect();
    all.split_whitespace()
        .map(|pid| pid.parse().unwrap())
        .collect()
}

pub fn is_alive(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // A zombie process is dead.
    stat.rsplit(") ")
        .next()
        .is_some_and(|rest| !rest.is_empty() && !rest.starts_with('Z'))
}

pub fn signal(name: &str, pid: u32) {
    let status = Command::new("kill")
        .args([name, &pid.to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

/// Asserts that every visible file is a whole photo. Returns the number of hidden files.
pub fn only_whole_photos(folder: &Path) -> usize {
    let mut hidden = 0;
    for (path, bytes) in tree(&folder.join("out")) {
        if path.to_string_lossy().starts_with('.') {
            hidden += 1;
        } else {
            assert!(
                image::load_from_memory(&bytes).is_ok(),
                "{}",
                path.display()
            );
        }
    }
    hidden
}

#[test]
fn killed_in_the_middle_no_half_photo_is_seen_and_no_worker_stays() {
    for strategy in ["rayon", "processes", "pipeline", "rows"] {
        let folder = tempfile::tempdir().unwrap();
        let mut child = started(folder.path(), strategy, MANY);
        wait_until("the second result", || finished(folder.path()) >= 2);
        let workers = children(child.id());
        assert_eq!(workers.len(), if strategy == "processes" { 2 } else { 0 });
        child.kill().unwrap();
        child.wait().unwrap();
        for pid in workers {
            wait_until("a worker's end", || !is_alive(pid));
        }
        let left = finished(folder.path());
        assert!(left < MANY, "it was not in the middle");
        only_whole_photos(folder.path());
    }
}

#[test]
fn a_signal_keeps_what_is_finished_and_cleans_up() {
    let interrupt = ("-INT", 130, "Ctrl-C");
    let terminate = ("-TERM", 143, "SIGTERM");
    // Both set the same flag, which each strategy looks at; workers that are processes get a signal
    // of their own.
    for (strategy, (name, status, said)) in [
        ("sequential", interrupt),
        ("rayon", interrupt),
        ("rows", interrupt),
        ("pipeline", interrupt),
        ("processes", interrupt),
        ("sequential", terminate),
        ("processes", terminate),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let child = started(folder.path(), strategy, MANY);
        wait_until("the second result", || finished(folder.path()) >= 2);
        let workers = children(child.id());
        signal(name, child.id());
        // A terminal, and a system that ends a service, send it to the workers, too. Here they may
        // have ended already.
        for pid in &workers {
            let _ = Command::new("kill")
                .args([name, &pid.to_string()])
                .output_in_time();
        }
        let output = child.output_in_time();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(status), "{strategy}: {err}");
        let left = finished(folder.path());
        assert!((2..MANY).contains(&left), "{strategy}: {left}");
        let undone = MANY - left;
        let line = format!(
            "stopped by {said}: what was finished is kept, {undone} photos are left undone (--resume does them)\n"
        );
        assert_eq!(err, line, "{strategy}");
        assert!(workers.into_iter().all(|pid| !is_alive(pid)));
        assert_eq!(only_whole_photos(folder.path()), 0, "{strategy}");
        let out = String::from_utf8(output.stdout).unwrap();
        assert!(
            out.contains(&format!("{left} of {MANY}")),
            "{strategy}: {left}\n{out}"
        );
    }
}

/// As `nohup` does it.
#[test]
fn a_hang_up_that_is_ignored_ends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    photos(folder.path(), 20);
    let script = format!(
        "trap '' HUP; exec '{}' rayon -f blur -i in -o out",
        env!("CARGO_BIN_EXE_imgproc")
    );
    let mut command = Command::new("sh");
    command
        .args(["-c", &script])
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    wait_until("the first result", || finished(folder.path()) >= 1);
    signal("-HUP", child.id());
    assert_eq!(child.output_in_time().status.code(), Some(0));
    assert_eq!(finished(folder.path()), 20);
}

/// The disk is one of 600 kB, which only this test sees. Where the system allows no such disk, the
/// test says so, and tests nothing.
#[test]
fn a_full_disk_ends_the_run_at_once() {
    let folder = tempfile::tempdir().unwrap();
    photos(folder.path(), 40);
    let out = folder.path().join("out");
    fs::create_dir(&out).unwrap();
    let run = |script: &str| {
        let script = format!("mount -t tmpfs -o size=600k none out && {script}");
        let mut command = Command::new("unshare");
        command
            .args(["--map-root-user", "--mount", "sh", "-c", &script])
            .current_dir(folder.path());
        command.output_in_time()
    };
    if !run("true").status.success() {
        eprintln!("skipped: this system lets nobody but root mount a disk");
        return;
    }
    for strategy in ["sequential", "rayon", "rows", "pipeline", "processes"] {
        let program = env!("CARGO_BIN_EXE_imgproc");
        let output = run(&format!(
            "'{program}' {strategy} --workers 2 -f blur -i in -o out; status=$?; ls -A out | sed 's/^/left: /' >&2; exit $status"
        ));
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{strategy}: {err}");
        let errors: Vec<_> = err
            .lines()
            .filter(|line| line.starts_with("error"))
            .collect();
        // As many as were in work at once: in the pipeline one in each stage and each channel.
        let most = if strategy == "pipeline" { 5 } else { 2 };
        assert!((1..=most).contains(&errors.len()), "{strategy}: {err}");
        let full = |line: &&str| line.contains("No space left on device");
        assert!(errors.iter().all(full), "{strategy}: {err}");
        let results: Vec<_> = err
            .lines()
            .filter(|line| line.starts_with("left: "))
            .collect();
        let undone = 40 - results.len();
        let line = format!(
            "stopped: nothing more can be written: what was finished is kept, {undone} photos are left undone (--resume does them)"
        );
        assert!(err.contains(&line), "{strategy}: {err}");
        assert!(!err.contains(".part"), "{strategy}: {err}");
    }
}

/// The folder may be root's, whom nothing keeps from writing. So it is a file.
#[test]
fn where_nothing_can_be_written_nothing_is_begun() {
    let folder = tempfile::tempdir().unwrap();
    photos(folder.path(), 5);
    fs::write(folder.path().join("file"), "").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_imgproc"));
    command
        .args(["-i", "in", "-o", "file/out"])
        .current_dir(folder.path());
    let output = command.output_in_time();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert_eq!(err.lines().count(), 1, "{err}");
    assert!(err.contains("can't write in file: "), "{err}");
}

#[test]
fn a_worker_that_dies_loses_its_photo_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let child = started(folder.path(), "processes", 20);
    wait_until("the first result", || finished(folder.path()) >= 1);
    let workers = children(child.id());
    // It may die while it writes. So that this happens in every run, the test leaves a half-written
    // file in its name; the one of a process that nobody has seen die stays.
    let half = |pid: u32| folder.path().join(format!("out/.imgproc-{pid}-0.part"));
    let (dead, other) = (half(workers[0]), half(std::process::id()));
    fs::write(&dead, "half").unwrap();
    fs::write(&other, "half").unwrap();
    signal("-KILL", workers[0]);
    let output = child.output_in_time();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{err}");
    let lines: Vec<_> = err.lines().collect();
    assert_eq!(lines.len(), 1, "{err}");
    assert!(lines[0].starts_with("error: in/"), "{err}");
    assert!(
        lines[0].contains("its worker process died (signal: 9 (SIGKILL))"),
        "{err}"
    );
    // A worker may die after it has written a result, and before it has sent the outcome: then the
    // photo exists, and is still named.
    assert!(finished(folder.path()) >= 19);
    assert!(!dead.exists());
    fs::remove_file(other).unwrap();
    assert_eq!(only_whole_photos(folder.path()), 0);
}

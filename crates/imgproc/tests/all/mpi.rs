//! Tests of ranks, which start `mpirun`. Without it they print that they were skipped.
#![cfg(all(feature = "mpi", target_os = "linux"))]

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use timing::limit::InTime;

use crate::common::{bad_ones, odd_ones, samples, tree};
use crate::signals::{MANY, finished, is_alive, only_whole_photos, photos, signal, wait_until};

/// Returns an `mpirun` with so many ranks of `imgproc`. `None`, and a line that says so, without
/// Open MPI.
fn mpirun(folder: &Path, ranks: usize) -> Option<Command> {
    let there = Command::new("mpirun").arg("--version").output();
    if there.is_err() {
        eprintln!("skipped: no mpirun on the PATH");
        return None;
    }
    let mut command = Command::new("mpirun");
    command
        .args(["--oversubscribe", "--bind-to", "none", "-n"])
        .arg(ranks.to_string())
        .arg(env!("CARGO_BIN_EXE_imgproc"))
        // In a container, root is root of nothing else.
        .env("OMPI_ALLOW_RUN_AS_ROOT", "1")
        .env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1")
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    Some(command)
}

/// Asserts on the exit status, and that nothing panicked, and returns stdout and stderr.
#[track_caller]
fn ended(output: Output, status: i32) -> (String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (out, err) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(status), "{out}\n{err}");
    assert!(!err.contains("panicked"), "{err}");
    (out, err)
}

/// The process of each rank of this `mpirun`, in their order.
fn ranks(mpirun: &Child, folder: &Path) -> Vec<u32> {
    let of = |pid: u32, name: &str| -> Option<String> {
        let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
        let mut entries = environment.split(|byte| *byte == 0);
        let value = entries.find_map(|entry| entry.strip_prefix(format!("{name}=").as_bytes()))?;
        Some(String::from_utf8_lossy(value).into_owned())
    };
    let all = fs::read_dir("/proc").unwrap().flatten();
    let mut found: Vec<_> = all
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let rank: usize = of(pid, "OMPI_COMM_WORLD_RANK")?.parse().ok()?;
            let here = fs::read_link(entry.path().join("cwd")).ok()?;
            (pid != mpirun.id() && here == folder).then_some((rank, pid))
        })
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, pid)| pid).collect()
}

#[test]
fn mpi_writes_what_sequential_writes() {
    let folder = tempfile::tempdir().unwrap();
    odd_ones(&samples(&folder.path().join("in")));
    for count in [1, 2, 3] {
        let Some(mut command) = mpirun(folder.path(), count) else {
            return;
        };
        let output = format!("out{count}");
        let names = ["sequential", "mpi", "mpi-static"];
        command.args(names).args(["--runs", "2"]);
        command.args(["--svg", "t.svg", "--trace", "t.json"]);
        command.args(["--filter", "blur", "-i", "in", "-o", &output]);
        let (out, err) = ended(command.output_in_time(), 0);
        // Once, whichever rank had the photo.
        let note = "note: in/deep.png: left out: all but 8 of its 16 bits a channel\n";
        assert_eq!(err, note);
        let same = "every strategy has written the same bytes";
        assert!(out.contains(same), "{out}");
        assert!(!out.contains('\u{1b}'), "no colour in a pipe");
        let output = folder.path().join(output);
        for name in names {
            assert_eq!(tree(&output.join(name)).len(), 14, "{name}");
            let row = out.lines().find(|l| l.starts_with(&format!(" {name} ")));
            assert!(row.unwrap().contains("14 of 14"), "{out}");
        }
        // A lane for each rank, in their order, with its host.
        let picture = fs::read_to_string(folder.path().join("t.svg")).unwrap();
        for rank in 0..count {
            assert!(picture.contains(&format!("rank {rank} on ")), "{rank}");
        }
        assert!(!picture.contains(&format!("rank {count} on ")));
        // The trace has every span; the picture draws those below a pixel together.
        let trace = fs::read_to_string(folder.path().join("t.json")).unwrap();
        assert_eq!(trace.contains("for rank 0"), count > 1);
    }
}

#[test]
fn without_mpirun_one_rank_does_it_all() {
    let folder = tempfile::tempdir().unwrap();
    samples(&folder.path().join("in"));
    if mpirun(folder.path(), 1).is_none() {
        return;
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_imgproc"));
    command.args(["mpi", "-i", "in", "-o", "out"]);
    let output = command.current_dir(folder.path()).output_in_time();
    let (out, err) = ended(output, 0);
    assert_eq!(err, "");
    assert!(
        out.contains("5 of 5") && out.contains("rank 0 on "),
        "{out}"
    );
}

#[test]
fn a_bad_photo_is_named_once_whichever_rank_had_it() {
    let folder = tempfile::tempdir().unwrap();
    let input = samples(&folder.path().join("in"));
    for (name, bytes, _) in bad_ones() {
        fs::write(input.join(name), bytes).unwrap();
    }
    for strategy in ["mpi", "mpi-static"] {
        let Some(mut command) = mpirun(folder.path(), 3) else {
            return;
        };
        command.args([strategy, "-i", "in", "-o", strategy]);
        let (out, err) = ended(command.output_in_time(), 1);
        assert!(out.contains("5 of 12"), "{out}");
        for (name, _, cause) in bad_ones() {
            let lines = err.lines().filter(|line| line.contains(name));
            let lines: Vec<_> = lines.collect();
            assert_eq!(lines.len(), 1, "{name}: {err}");
            assert!(lines[0].starts_with("error: ") && lines[0].contains(cause));
        }
        assert_eq!(tree(&folder.path().join(strategy)).len(), 5);
    }
}

#[test]
fn a_rank_that_sees_another_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    // Two working folders stand for two hosts that share no folder: the same name means two places.
    for host in ["a", "b"] {
        samples(&folder.path().join(host).join("in"));
    }
    let Some(mut command) = mpirun(&folder.path().join("a"), 1) else {
        return;
    };
    let run = ["mpi", "-i", "in", "-o", "out"];
    let other = folder.path().join("b");
    command
        .args(run)
        .args([":", "-n", "1", "--wdir"])
        .arg(&other);
    command.arg(env!("CARGO_BIN_EXE_imgproc")).args(run);
    let (_, err) = ended(command.output_in_time(), 1);
    let expected = "does not see what rank 0 writes to out: all ranks need the same folder there";
    let line = err.lines().find(|line| line.contains(expected));
    assert!(
        line.is_some_and(|line| line.starts_with("error: mpi: rank 1 on ")),
        "{err}"
    );
    assert_eq!(tree(&folder.path().join("a/out")), []);
    // And photos that only rank 0 has are refused, too.
    fs::remove_dir_all(other.join("in")).unwrap();
    let shared = folder.path().join("shared").display().to_string();
    let Some(mut command) = mpirun(&folder.path().join("a"), 1) else {
        return;
    };
    let run = ["mpi", "-i", "in", "-o", &shared];
    command
        .args(run)
        .args([":", "-n", "1", "--wdir"])
        .arg(&other);
    command.arg(env!("CARGO_BIN_EXE_imgproc")).args(run);
    let (_, err) = ended(command.output_in_time(), 1);
    assert!(err.contains("does not see in/astronaut.jpg"), "{err}");
    assert_eq!(tree(Path::new(&shared)), []);
}

/// Starts ranks on many large photos, and waits until some are done.
fn in_the_middle(folder: &Path) -> Option<(Child, Vec<u32>)> {
    photos(folder, MANY);
    let mut command = mpirun(folder, 3)?;
    let child = command
        .args(["mpi", "--filter", "blur", "-i", "in", "-o", "out"])
        .spawn()
        .unwrap();
    wait_until("the third result", || finished(folder) >= 3);
    let ranks = ranks(&child, &folder.canonicalize().unwrap());
    assert_eq!(ranks.len(), 3);
    Some((child, ranks))
}

fn nothing_half_and_nobody_left(folder: &Path, ranks: Vec<u32>) -> usize {
    for pid in ranks {
        wait_until("a rank's end", || !is_alive(pid));
    }
    let left = finished(folder);
    assert!(
        (3..MANY).contains(&left),
        "it was not in the middle: {left}"
    );
    only_whole_photos(folder);
    left
}

#[test]
fn a_rank_that_dies_ends_the_job_and_a_second_run_does_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let Some((child, ranks)) = in_the_middle(folder.path()) else {
        return;
    };
    signal("-KILL", ranks[1]);
    let output = child.output_in_time();
    assert!(!output.status.success());
    let left = nothing_half_and_nobody_left(folder.path(), ranks);
    let before = tree(&folder.path().join("out"));
    // Of the photos without a result, ten are enough.
    let photos = fs::read_dir(folder.path().join("in")).unwrap().flatten();
    let undone = photos.filter(|photo| before.iter().all(|(done, _)| *done != photo.file_name()));
    for photo in undone.skip(10) {
        fs::remove_file(photo.path()).unwrap();
    }
    let mut again = mpirun(folder.path(), 2).unwrap();
    again.args([
        "mpi", "--filter", "blur", "-i", "in", "-o", "out", "--resume",
    ]);
    let (out, _) = ended(again.output_in_time(), 0);
    assert!(out.contains("10 of 10"), "{out}");
    let said = format!("Left out, because their results are there: {left}.");
    assert!(out.contains(&said), "{out}");
    assert_eq!(finished(folder.path()), left + 10);
    let after = tree(&folder.path().join("out"));
    assert!(before.iter().all(|file| after.contains(file)));
}

#[test]
fn ctrl_c_on_mpirun_leaves_whole_photos_and_no_rank() {
    let folder = tempfile::tempdir().unwrap();
    let Some((child, ranks)) = in_the_middle(folder.path()) else {
        return;
    };
    signal("-INT", child.id());
    let output = child.output_in_time();
    assert!(!output.status.success());
    nothing_half_and_nobody_left(folder.path(), ranks);
}

//! Many photos need no more memory than those that are in flight at once.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use imgproc::samples;

/// The pixels of the photo below, in KiB.
const PHOTO: u64 = 3_200 * 1_800 * 3 / 1_024;

/// Returns the most memory, in KiB, that the program had while it blurred so many photos.
fn most_memory(folder: &Path, strategy: &str, photos: usize) -> u64 {
    let input = folder.join(format!("in-{photos}"));
    let large = samples::enlarge_into(&folder.join("large"), 2).unwrap();
    let largest = large
        .iter()
        .find(|path| path.ends_with("seeding.jpg"))
        .unwrap();
    fs::create_dir_all(&input).unwrap();
    for number in 0..photos {
        let _ = fs::hard_link(largest, input.join(format!("{number}.jpg")));
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_imgproc"));
    command
        .args([
            strategy,
            "--workers",
            "2",
            "--filter",
            "blur",
            "--force",
            "-o",
            "out",
            "-i",
        ])
        .arg(&input)
        .current_dir(folder)
        .stdout(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut most = 0;
    // The kernel's maximum is gone with the process, so it is read all the time.
    while child.try_wait().unwrap().is_none() {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id()));
        let line = status.unwrap_or_default();
        let line = line.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        most = most.max(kib.unwrap_or(0));
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    assert!(child.wait().unwrap().success());
    assert!(most > 10_000, "{strategy}: {most} KiB can't be true");
    most
}

#[test]
fn it_does_not_grow_with_the_number_of_photos() {
    let folder = tempfile::tempdir().unwrap();
    // Who holds pixels at once, with two workers: a worker has a photo and its result. The pipeline
    // has one in each of its three stages and two channels, and the filter's result. How many of
    // them are full at the same time differs from run to run, so a run with fewer photos is no
    // measure: only this bound can be told beforehand. The files and the program are below one
    // photo more, so half a megabyte that stays behind for each of the 24 would be noticed.
    for (strategy, photos) in [
        ("sequential", 2),
        ("rayon", 4),
        ("rows", 2),
        ("pipeline", 6),
    ] {
        let most = most_memory(folder.path(), strategy, 24);
        let bound = (photos + 1) * PHOTO;
        assert!(most < bound, "{strategy}: {most} KiB, not below {bound}");
    }
}

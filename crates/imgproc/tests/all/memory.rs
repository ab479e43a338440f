//! Four times the photos need no more memory.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use imgproc::samples;

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
    for strategy in ["sequential", "rayon", "rows", "pipeline"] {
        // Twelve photos fill every buffer, also those between the stages of the pipeline, where a
        // stage that is faster than the next one has to get ahead of it. One more photo finds a
        // buffer that is free again.
        let few = most_memory(folder.path(), strategy, 12);
        let many = most_memory(folder.path(), strategy, 48);
        assert!(
            many < few + few / 3,
            "{strategy}: {few} KiB for 12, {many} KiB for 48"
        );
    }
}

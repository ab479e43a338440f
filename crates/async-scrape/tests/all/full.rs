//! A disk that becomes full in the middle of a crawl.

use std::process::Command;

use async_scrape::crawl::index::Index;
use timing::limit::InTime;

use crate::heads::bytes;
use crate::{ended, files, scrape, warc};

/// Whether a file system can be mounted here that only this test and its children see.
fn can_mount() -> bool {
    let mut command = Command::new("unshare");
    command.args(["-rm", "mount", "-t", "tmpfs", "none", "/mnt"]);
    let ended = command.output_in_time();
    ended.status.success()
}

#[test]
fn a_crawl_ends_with_a_line_and_an_index() {
    if cfg!(not(target_os = "linux")) || !can_mount() {
        eprintln!("skipped: no small file system can be mounted here");
        return;
    }
    let archive: &[&str] = &["--warc", "out/a.warc.gz"];
    let convert = &["--convert-links"];
    // First most of the disk is for pages, then for what is known of them, and then for an archive.
    // At the end there is no room for the files with other links.
    for (page, title, more) in [
        (9000, 10, &[][..]),
        (0, 3000, &[]),
        (9000, 10, archive),
        (9000, 10, convert),
    ] {
        let (server, _) = bytes(move |path| {
            let links = (0..200).map(|n| format!("<a href=/{n}>"));
            let body = match path {
                "/" => links.collect(),
                _ => format!(
                    "<title>{}</title><a href=/>{}",
                    "t".repeat(title),
                    "x".repeat(page)
                ),
            };
            let length = body.len();
            let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/html";
            format!("{head}\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
        });
        let folder = tempfile::tempdir().unwrap();
        let script = "mkdir out && mount -t tmpfs -o size=800k none out || exit 9
            \"$@\"; status=$?; cp -a out kept; exit $status";
        let arguments = [&["--url", &server, "--ignore-robots"], more].concat();
        let crawl = scrape(&arguments, folder.path());
        let mut command = scrape(&[], folder.path());
        let mut unshared = Command::new("unshare");
        unshared
            .args(["-rm", "sh", "-c", script, "sh"])
            .arg(crawl.get_program());
        unshared.args(crawl.get_args()).args(["--output", "out"]);
        unshared.current_dir(folder.path());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => unshared.env(name, value),
                None => unshared.env_remove(name),
            };
        }
        let (out, err) = ended(unshared.output_in_time(), 1);
        assert!(err.contains("No space left on device"), "{err}");
        match more == convert {
            true => assert!(err.contains("the files stay as they were sent"), "{err}"),
            false => assert!(out.contains("; stopped after "), "{out}"),
        }
        let kept = folder.path().join("kept");
        assert!(!kept.join(".crawl").exists());
        assert!(!kept.join(".original").exists());
        let index = Index::read(&kept).unwrap().unwrap();
        assert!(!index.complete);
        let mut have = files(&kept);
        if have.remove("a.warc.gz").is_some() {
            // Records that were begun are taken back.
            let records = warc::read(&kept.join("a.warc.gz"));
            assert!(records.len() >= 2 * have.len(), "{}", records.len());
        }
        let listed = index
            .pages
            .iter()
            .filter_map(|page| page.file.as_ref().map(|file| (file, page.bytes)));
        let listed: Vec<_> = listed.collect();
        assert!(listed.len() > 20, "{}", listed.len());
        assert_eq!(listed.len(), have.len());
        for (file, bytes) in listed {
            assert_eq!(have[file].len() as u64, bytes, "{file}");
        }
        // On another disk it goes on.
        let arguments = [
            "--url",
            &server,
            "--output",
            "kept",
            "--resume",
            "--ignore-robots",
        ];
        command.args(arguments);
        if more == archive {
            command.args(["--warc", "kept/a.warc.gz"]);
        } else {
            command.args(more);
        }
        ended(command.output_in_time(), 0);
        let mut have = files(&kept);
        if have.remove("a.warc.gz").is_some() {
            let records = warc::read(&kept.join("a.warc.gz"));
            assert!(records.len() >= 2 * 201, "{}", records.len());
        }
        have.retain(|name, _| !name.starts_with(".original/"));
        assert_eq!(have.len(), 201);
    }
}

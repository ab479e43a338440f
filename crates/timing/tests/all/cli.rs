//! The common command line, in the example that has nothing else.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use timing::limit::InTime;

/// An example of this crate, which cargo builds before it runs all tests; but not for `--test all`
/// or for a test that is named.
pub(crate) fn program(name: &str) -> Command {
    let mut path: PathBuf = std::env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.push(format!("examples/{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        path.exists(),
        "no {}: `cargo test -p timing` builds it, and so does `cargo build -p timing --examples`",
        path.display()
    );
    let mut command = Command::new(path);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn example() -> Command {
    program("first_timeline")
}

#[track_caller]
pub(crate) fn ended(output: Output, status: i32) -> (String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (out, err) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(status), "{out}{err}");
    assert!(!err.contains("panicked"), "{err}");
    (out, err)
}

#[test]
fn it_prints_the_table_and_the_timelines_and_writes_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = example();
    command.current_dir(folder.path());
    command.args(["--svg", "a.svg", "--trace", "a.trace", "--json", "a.json"]);
    let (out, _) = ended(command.output_in_time(), 0);
    for word in [
        "sequential",
        "threads",
        "speed-up",
        "4 loaves",
        "Alice",
        "Bob",
        "█",
        "░",
        "may be used",
    ] {
        assert!(out.contains(word), "no {word}:\n{out}");
    }
    assert!(!out.contains('\u{1b}'), "no colour in a pipe");
    let mut names: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        ["a.json", "a.svg", "a.trace"],
        "nothing else is left"
    );
}

/// The page needs nothing else: it names no other file, and no server. Words of the user's are
/// escaped. It is XML, too, so that a parser can look at it.
#[test]
fn the_page_has_the_table_and_the_timelines_and_needs_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    // A file on Windows has no `<` in its name.
    let name = if cfg!(windows) {
        "a &'c'.html"
    } else {
        "a <b>&'c'.html"
    };
    let mut command = example();
    command.current_dir(folder.path());
    command.args([
        "--html",
        name,
        "--zoom",
        "50ms..150ms",
        "--predict",
        "threads=3x",
    ]);
    ended(command.output_in_time(), 0);
    let page = fs::read_to_string(folder.path().join(name)).unwrap();
    let options = roxmltree::ParsingOptions {
        allow_dtd: true,
        ..Default::default()
    };
    let document = roxmltree::Document::parse_with_options(&page, options).unwrap();
    let texts = |name: &str| -> Vec<_> {
        let nodes = document
            .descendants()
            .filter(|node| node.tag_name().name() == name);
        nodes.filter_map(|node| node.text()).collect()
    };
    assert_eq!(
        texts("code"),
        [format!(
            "first_timeline --html {name} --zoom 50ms..150ms --predict threads=3x"
        )]
    );
    assert_eq!(texts("th").last(), Some(&"threads"));
    assert_eq!(
        texts("td")
            .iter()
            .filter(|cell| **cell == "4 loaves")
            .count(),
        2
    );
    assert!(
        texts("p").iter().any(|note| note.contains("may be used")),
        "{page}"
    );
    assert!(
        texts("title")
            .iter()
            .any(|bar| bar.starts_with("bake rye (act): "))
    );
    assert!(texts("text").contains(&"The same runs, from 50 ms to 150 ms:"));
    for reference in [" src=", " href=", "url(http", "@import"] {
        assert!(!page.contains(reference), "{reference}");
    }
    let addresses = page.matches("://").count();
    assert_eq!(
        addresses,
        page.matches("http://www.w3.org/2000/svg").count()
    );
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "nothing else is left");
}

#[test]
fn a_part_of_the_time_is_two_times() {
    for (zoom, complaint) in [
        ("50ms", "such as 200ms..400ms"),
        ("..", "such as 200ms..400ms"),
        ("2ms..1ms", "has to be later"),
        ("1ms..x", "such as 200ms..400ms"),
    ] {
        let (out, err) = ended(example().args(["--zoom", zoom]).output_in_time(), 2);
        assert!(out.is_empty() && err.contains(complaint), "{zoom}: {err}");
    }
}

#[test]
fn a_guess_for_what_was_not_run_is_a_wrong_argument() {
    let mut command = example();
    let (out, _) = ended(
        command.args(["--predict", "threads=1h"]).output_in_time(),
        0,
    );
    assert!(out.contains("\nthreads: guess 3600 s, measured "), "{out}");
    let mut command = example();
    let (_, err) = ended(command.args(["--predict", "tasks=1h"]).output_in_time(), 2);
    let words =
        "error: --predict tasks=3600 s: this command does not run tasks, but sequential, threads\n";
    assert_eq!(err, words);
}

#[test]
fn a_file_that_cannot_be_written_is_named() {
    let (_, err) = ended(
        example()
            .args(["--svg", "no/such/folder.svg"])
            .output_in_time(),
        1,
    );
    assert!(
        err.starts_with("error: can't write no/such/folder.svg: "),
        "{err}"
    );
    assert_eq!(err.lines().count(), 1, "{err}");
    let (_, err) = ended(
        example().args(["--svg", "no\nsuch/x.svg"]).output_in_time(),
        1,
    );
    assert_eq!(err.lines().count(), 1, "{err}");
}

#[test]
fn a_closed_stdout_is_quiet() {
    let mut child = example().spawn().unwrap();
    drop(child.stdout.take());
    let (_, err) = ended(child.output_in_time(), 0);
    assert_eq!(err, "");
}

#[test]
fn a_closed_stdout_still_leaves_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = example()
        .current_dir(folder.path())
        .args(["--svg", "a.svg"])
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    ended(child.output_in_time(), 0);
    assert!(
        fs::read_to_string(folder.path().join("a.svg"))
            .unwrap()
            .contains("</svg>")
    );
}

/// Renaming something onto a link or a pipe would put a file in its place.
#[cfg(target_os = "linux")]
#[test]
fn links_stay_links_and_pipes_stay_pipes() {
    use std::io::Read;
    use std::os::unix::fs::FileTypeExt;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("real.svg"), "old").unwrap();
    std::os::unix::fs::symlink("real.svg", at("link.svg")).unwrap();
    assert!(
        Command::new("mkfifo")
            .arg(at("pipe"))
            .status()
            .unwrap()
            .success()
    );
    // Linux opens a pipe for both ends at once without waiting for the other.
    let mut pipe = fs::File::options()
        .read(true)
        .write(true)
        .open(at("pipe"))
        .unwrap();
    let mut command = example();
    command
        .current_dir(folder.path())
        .args(["--svg", "link.svg", "--json", "pipe"]);
    ended(command.output_in_time(), 0);
    assert!(fs::symlink_metadata(at("link.svg")).unwrap().is_symlink());
    assert!(
        fs::read_to_string(at("real.svg"))
            .unwrap()
            .contains("</svg>")
    );
    assert!(
        fs::symlink_metadata(at("pipe"))
            .unwrap()
            .file_type()
            .is_fifo()
    );
    let mut start = [0];
    pipe.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"{");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_stdout_is_told() {
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let (_, err) = ended(
        example()
            .stdout(full)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
            .output_in_time(),
        1,
    );
    assert!(
        err.contains("can't write to stdout: No space left"),
        "{err}"
    );
}

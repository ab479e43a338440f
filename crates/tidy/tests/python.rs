//! The course's programs in Python, in `docs/python`: each is shown in the book and does what the
//! lesson in Rust does. They are run by the `python3` on the PATH, if there is one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tidy::outputs::Captured;
use tidy::{files, lessons, read, root};
use timing::limit::InTime;

fn folder() -> PathBuf {
    root().join("docs/python")
}

/// All scripts, as `LESSON/NAME.py`.
fn scripts() -> BTreeSet<String> {
    files("docs/python", "py")
        .iter()
        .map(|path| path.strip_prefix(folder()).unwrap().display().to_string())
        .map(|name| name.replace('\\', "/"))
        .collect()
}

fn there() -> bool {
    let version = Command::new("python3").arg("--version").output();
    let there = version.is_ok_and(|output| output.status.success());
    if !there {
        println!("skipped: no python3 on the PATH, so no script was run");
    }
    there
}

/// Runs a script, which must succeed, and returns its lines.
fn run(script: &str, arguments: &[&str]) -> Vec<String> {
    let mut command = Command::new("python3");
    // `-B`: no folder with compiled modules is left beside the scripts.
    let command = command
        .arg("-B")
        .arg(folder().join(script))
        .args(arguments)
        .current_dir(root());
    let output = command.output_in_time();
    assert!(output.status.success(), "{script}: {output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn every_script_is_shown_in_the_book_and_uses_the_standard_library_alone() {
    let pages: String = files("docs/src", "md").iter().map(read).collect();
    let standard = [
        "asyncio",
        "concurrent",
        "functools",
        "http",
        "multiprocessing",
        "pathlib",
        "queue",
        "random",
        "selectors",
        "struct",
        "sys",
        "threading",
        "time",
        "urllib",
    ];
    let scripts = scripts();
    assert!(scripts.len() > 25, "{scripts:?}");
    for script in &scripts {
        let shown = pages.contains(&format!("python/{script}}}}}"));
        assert!(shown, "no page shows docs/python/{script}");
        let text = read(folder().join(script));
        for line in text.lines() {
            assert!(line.len() <= 100, "{script}: {line}");
            let mut words = line.split(' ');
            let module = match (words.next(), words.next()) {
                (Some("import" | "from"), Some(module)) => module.split('.').next().unwrap(),
                _ => continue,
            };
            let beside = Path::new(script).with_file_name(format!("{module}.py"));
            let own = scripts.contains(&beside.to_str().unwrap().replace('\\', "/"));
            assert!(own || standard.contains(&module), "{script}: {line}");
        }
    }
}

/// A strategy has a script of its name, or the page for those who know Python names it among those
/// without one.
#[test]
fn every_strategy_is_there_in_python_or_is_said_not_to_be() {
    let page = read(root().join("docs/src/from-python.md"));
    let missing = page.split("has no counterpart").nth(1).expect("a list");
    let mut without = 0;
    for lesson in lessons() {
        let readme = read(root().join(format!("crates/{lesson}/README.md")));
        let headings = readme.lines().filter_map(|line| line.strip_prefix("### `"));
        for name in headings.filter_map(|line| line.strip_suffix('`')) {
            // The threads of a Python with a global lock are the lesson's `gil`.
            let name = if name == "gil" { "threads" } else { name };
            let script = format!("{lesson}/{}.py", name.replace('-', "_"));
            let there = folder().join(&script).exists();
            assert!(
                there || missing.contains(&format!("`{name}`")),
                "no {script}"
            );
            without += usize::from(!there);
        }
    }
    assert!(without < 12, "{without}");
}

#[test]
fn the_countdowns_say_what_the_lesson_says() {
    if !there() {
        return;
    }
    for (script, prefix) in [
        ("sequential", ""),
        ("threads", "Thread "),
        ("workers", "Thread "),
        ("processes", "Process "),
        ("tasks", "Coroutine "),
    ] {
        let lines = run(&format!("countdown/{script}.py"), &["0.01"]);
        let mut seen = 0;
        for name in ["Alice", "Bob"] {
            let numbers = (1..=5).rev();
            let mut expected: Vec<_> = numbers
                .map(|number| format!("{prefix}{name} is counting down: {number}..."))
                .collect();
            expected.push(format!("{prefix}{name} finished counting down"));
            if script == "workers" {
                expected.insert(0, format!("{prefix}{name} starting..."));
                expected.push(format!("{prefix}{name} finished"));
            }
            let own: Vec<_> = lines.iter().filter(|line| line.contains(name)).collect();
            assert_eq!(own, expected.iter().collect::<Vec<_>>(), "{script}");
            seen += own.len();
        }
        assert_eq!(seen, lines.len(), "{script}: {lines:?}");
        let bob = lines.iter().position(|line| line.contains("Bob"));
        assert!(script != "sequential" || bob == Some(6), "{lines:?}");
    }
}

#[test]
fn the_pings_get_the_answers_of_the_course() {
    if !there() {
        return;
    }
    let expected = [
        "/200:OK",
        "/200?sleep=2000:OK",
        "/404:Not Found",
        "/500?sleep=3000:Internal Server Error",
        "/524:A Timeout Occurred",
    ];
    for script in ["sequential", "threads", "pool", "tasks"] {
        let mut lines = run(&format!("ping/{script}.py"), &["0.01"]);
        if script != "sequential" {
            lines.sort();
        }
        let answers = lines.iter().map(|line| line.splitn(4, '/').nth(3).unwrap());
        let answers: Vec<_> = answers.map(|answer| format!("/{answer}")).collect();
        let mut expected = expected.to_vec();
        if script != "sequential" {
            expected.sort_unstable();
        }
        assert_eq!(answers, expected, "{script}");
    }
}

#[test]
fn the_large_countdowns_count_all() {
    if !there() {
        return;
    }
    for script in ["sequential", "threads", "processes", "pool"] {
        let lines = run(&format!("cpu-bound/{script}.py"), &["256000"]);
        let [line] = &lines[..] else {
            panic!("{script}: {lines:?}");
        };
        assert!(line.starts_with("256000 counted in "), "{script}: {line}");
    }
}

#[test]
fn the_counters_lose_updates_only_in_the_race() {
    if !there() {
        return;
    }
    for script in ["mutex", "channel", "local"] {
        let lines = run(&format!("locks/{script}.py"), &["0.002"]);
        assert_eq!(lines, ["Final counter value: 20"], "{script}");
    }
    // Right only if all twenty threads draw no pause, or each starts after the pause of the last.
    let lines = run("locks/race.py", &["0.5"]);
    let value = lines[0].strip_prefix("Final counter value: ").unwrap();
    assert!(value.parse::<u32>().unwrap() < 20, "{lines:?}");
}

#[test]
fn the_deadlocks_happen_and_end_and_the_cures_cure() {
    if !there() {
        return;
    }
    let lines = run("locks/deadlock.py", &[]);
    let firsts = lines.iter().filter(|line| line.ends_with("its first lock"));
    assert_eq!(firsts.count(), 2, "{lines:?}");
    assert_eq!(lines[2..], ["Task 2 gives up", "Task 1 has acquired both"]);
    let mut lines = run("locks/lock_order.py", &[]);
    lines.sort();
    assert_eq!(
        lines,
        ["Task 1 has acquired both", "Task 2 has acquired both"]
    );
    let lines = run("philosophers/naive.py", &[]);
    assert!(lines[0].ends_with("leaves after 0 meals"), "{lines:?}");
    for rule in ["ordered", "waiter", "try_lock", "monitor"] {
        let lines = run(&format!("philosophers/{rule}.py"), &[]);
        let full = lines
            .iter()
            .filter(|line| line.ends_with("has eaten 5 times"));
        assert_eq!((full.count(), lines.len()), (5, 5), "{rule}: {lines:?}");
    }
}

/// What each file of a folder has in it, by name.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect()
}

#[test]
fn the_scrapers_leave_the_same_files() {
    if !there() {
        return;
    }
    let mut all = Vec::new();
    for script in ["sequential", "threads", "tasks"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        let lines = run(&format!("async-scrape/{script}.py"), &[path, "0.01"]);
        assert_eq!(lines.len(), 5, "{script}: {lines:?}");
        all.push(contents(folder.path()));
    }
    let names: Vec<_> = all[0].keys().collect();
    let expected = [
        "200.html",
        "200sleep=2000.html",
        "404.html",
        "500sleep=3000.html",
        "524.html",
    ];
    assert_eq!(names, expected);
    assert!(all[0].values().all(|body| body.len() > 50));
    assert!(all[0] == all[1] && all[0] == all[2]);
    let chess = run("async-scrape/chess.py", &[]);
    let expected = [
        "one_by_one: all over after 1600 minutes",
        "moving_on: all over after 605 minutes",
    ];
    assert_eq!(chess, expected);
}

/// `imgproc` turns the sample photos into small BMPs, and the results of Python and its own into
/// PNGs: the same bytes are the same pixels.
#[test]
fn the_photos_get_the_same_pixels_as_in_rust() {
    if !there() {
        return;
    }
    let work = tempfile::tempdir().unwrap();
    let [bmp, python, ours, theirs] =
        ["bmp", "python", "ours", "theirs"].map(|name| work.path().join(name));
    let photos = root().join("crates/imgproc/photos");
    let imgproc = |input: &Path, output: &Path, filter: &str, format: &str| {
        let arguments = ["-p", "imgproc", "--", "sequential", "--filter", filter];
        let paths = [input, output].map(|path| path.to_str().unwrap());
        let more = [
            "--size", "64", "--format", format, "--input", paths[0], "--output", paths[1],
        ];
        let output = Captured::of(&[&arguments[..], &more].concat()).run(&[]);
        assert!(output.status.success(), "{output:?}");
    };
    imgproc(&photos, &bmp, "thumbnail", "bmp");
    imgproc(&bmp, &ours, "grey", "png");
    let expected = contents(&ours);
    assert_eq!(expected.len(), 5);
    for script in ["sequential", "processes", "rows", "pipeline"] {
        for folder in [&python, &theirs] {
            let _ = fs::remove_dir_all(folder);
        }
        let [from, to] = [&bmp, &python].map(|path| path.to_str().unwrap());
        let lines = run(&format!("imgproc/{script}.py"), &[from, to]);
        assert_eq!(lines.len(), 5, "{script}: {lines:?}");
        imgproc(&python, &theirs, "grey", "png");
        assert!(contents(&theirs) == expected, "{script}: other pixels");
    }
}

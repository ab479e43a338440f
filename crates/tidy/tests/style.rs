//! The rules for the code's form that neither the compiler nor clippy knows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use tidy::{crates, lessons, read, root};

/// All Rust files of the repository.
fn sources() -> Vec<PathBuf> {
    let folders = ["crates", "benches"].map(|folder| root().join(folder));
    let files = folders.iter().flat_map(walkdir::WalkDir::new);
    let files = files
        .filter_map(Result::ok)
        .map(walkdir::DirEntry::into_path);
    let files: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .collect();
    assert!(files.len() > 100, "{} files", files.len());
    files
}

#[test]
fn comments_are_at_most_a_hundred_columns_wide() {
    let mut wide = Vec::new();
    for path in sources() {
        for (line, number) in read(&path).lines().zip(1..) {
            let is_comment = line.trim_start().starts_with("//");
            // An address can't be broken.
            if is_comment && line.chars().count() > 100 && !line.contains("://") {
                wide.push(format!("{}:{number}: {line}", path.display()));
            }
        }
    }
    assert!(wide.is_empty(), "{}", wide.join("\n"));
}

#[test]
fn a_section_about_errors_names_one() {
    for path in sources() {
        let source = read(&path);
        let mut lines = source.lines().zip(1..);
        while let Some((line, _)) = lines.next() {
            if !line.trim_start().ends_with("# Errors") {
                continue;
            }
            let (words, number) = lines.next().expect("a line follows a heading");
            let words = words.trim_start().trim_start_matches("/// ");
            for none in ["Never", "None", "No error", "There are none"] {
                assert!(
                    !words.starts_with(none),
                    "{}:{number}: {words}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn a_program_is_its_arguments_and_its_loop() {
    for lesson in lessons() {
        let lines = read(root().join(format!("crates/{lesson}/src/main.rs")))
            .lines()
            .count();
        assert!(lines <= 110, "{lesson}: main.rs has {lines} lines");
    }
}

/// The paths below `crate::` that a source text names: `a::b` for `crate::a::b` and
/// `crate::{a::b}`.
fn paths(source: &str) -> BTreeSet<String> {
    let code = source
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    let code: Vec<&str> = code.collect();
    let code = code.join("\n");
    let code = code.split("#[cfg(test)]").next().unwrap_or_default();
    let mut found = BTreeSet::new();
    for tree in code.split("crate::").skip(1) {
        expand("", tree, &mut found);
    }
    found
}

/// Reads one use tree (`a::{b, c::d}`) from the start of a text. Returns the rest of the text.
fn expand<'a>(prefix: &str, text: &'a str, found: &mut BTreeSet<String>) -> &'a str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = expand(prefix, rest, found).trim_start();
            if let Some(after) = rest.strip_prefix(',') {
                rest = after;
            } else {
                return rest.strip_prefix('}').unwrap_or(rest);
            }
        }
    }
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
    let (name, rest) = text.split_at(end.unwrap_or(text.len()));
    let path = match prefix {
        "" => name.to_owned(),
        _ => format!("{prefix}::{name}"),
    };
    match rest.strip_prefix("::") {
        Some(rest) => expand(&path, rest, found),
        None => {
            found.insert(path);
            rest
        }
    }
}

#[test]
fn use_trees_are_read() {
    let found = paths("use crate::{Job, a::{b, c::D}};\nlet x = crate::e::f(1); // crate::g\n");
    let expected = ["Job", "a::b", "a::c::D", "e::f"];
    assert_eq!(found, expected.map(str::to_owned).into());
}

/// A module may use those below it, and they may use what it holds; but apart from that, modules
/// that need each other are one module.
#[test]
fn no_modules_need_each_other() {
    for name in crates() {
        let folder = root().join("crates").join(&name).join("src");
        let files = walkdir::WalkDir::new(&folder)
            .into_iter()
            .filter_map(Result::ok);
        let mut texts = BTreeMap::new();
        for path in files.map(walkdir::DirEntry::into_path) {
            let Some(module) = module(&folder, &path) else {
                continue;
            };
            texts.insert(module, read(&path));
        }
        let mut needs: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (module, text) in &texts {
            // `super::x` is `crate::` and the parent.
            let parent = module.rsplit_once("::").map_or("", |(parent, _)| parent);
            let text = match parent {
                "" => text.replace("super::", "crate::"),
                _ => text.replace("super::", &format!("crate::{parent}::")),
            };
            for path in paths(&text) {
                let target = texts.keys().filter(|other| within(&path, other));
                let Some(target) = target.max_by_key(|other| other.len()) else {
                    continue;
                };
                if !within(target, module) && !within(module, target) {
                    needs.entry(module).or_default().insert(target);
                }
            }
        }
        for start in texts.keys() {
            let mut seen = BTreeSet::new();
            let mut next: Vec<&str> = needs
                .get(start.as_str())
                .into_iter()
                .flatten()
                .copied()
                .collect();
            while let Some(module) = next.pop() {
                assert_ne!(module, start, "{name}: {start} is in a cycle: {needs:#?}");
                if seen.insert(module) {
                    next.extend(needs.get(module).into_iter().flatten());
                }
            }
        }
    }
}

fn within(path: &str, module: &str) -> bool {
    path == module
        || path
            .strip_prefix(module)
            .is_some_and(|rest| rest.starts_with("::"))
}

/// The path of a module: `a::b` for `src/a/b.rs`. None for the root of the crate and other files.
fn module(folder: &Path, path: &Path) -> Option<String> {
    let path = path.strip_prefix(folder).unwrap().to_str()?;
    let path = path.strip_suffix(".rs")?;
    let path = path.strip_suffix("/mod").unwrap_or(path);
    let is_root = ["lib", "main", "args", "session"].contains(&path);
    (!is_root).then(|| path.replace('/', "::"))
}

/// Where locks, threads and timers come from that a checker does not see.
const UNSEEN: [&str; 6] = [
    "std::sync",
    "std::thread",
    "crossbeam",
    "parking_lot",
    "tokio::sync",
    "tokio::time",
];

/// Locks and threads that a checker does not see make a proof worthless: they hide schedules. So a
/// file that a proof compiles takes them from `crate::sync`, which the proof replaces.
#[test]
fn a_file_that_is_proven_has_locks_and_threads_from_one_module() {
    // Files with others, and why that is sound.
    let excused = [
        ("locks/src/sharded.rs", "crossbeam", "CachePadded only pads"),
        (
            "philosophers/src/lib.rs",
            "",
            "has the module `sync` itself",
        ),
        (
            "philosophers/src/dine.rs",
            "",
            "its `std` items only observe, see the README",
        ),
        (
            "philosophers/src/seat.rs",
            "",
            "its `std` items only observe, see the README",
        ),
        (
            "philosophers/src/table.rs",
            "",
            "its `std` items only observe, see the README",
        ),
        (
            "philosophers/src/pace.rs",
            "",
            "`Arc` alone has no operation that a checker could order",
        ),
    ];
    let mut mounted = Vec::new();
    for proof in [
        "async-scrape/tests/proof.rs",
        "cpu-bound/tests/proof.rs",
        "imgproc/tests/proof.rs",
        "locks/examples/prove.rs",
        "philosophers/examples/prove_table.rs",
        "ping/tests/proof.rs",
        "timing/tests/proof.rs",
    ] {
        let proof = root().join("crates").join(proof);
        let source = read(&proof);
        let before = mounted.len();
        for path in source.split('"').filter(|text| text.starts_with("../src/")) {
            let file = proof.parent().unwrap().join(path).canonicalize().unwrap();
            if file.is_dir() {
                // The modules in it that the proof declares, and all below them.
                let all = walkdir::WalkDir::new(&file).into_iter();
                let all = all.map(|entry| entry.unwrap().into_path());
                mounted.extend(all.filter(|path| {
                    let below = path.strip_prefix(&file).unwrap().with_extension("");
                    let module = below.iter().next().and_then(|name| name.to_str());
                    path.extension().is_some_and(|end| end == "rs")
                        && module.is_some_and(|it| source.contains(&format!("pub mod {it};")))
                }));
            } else if file.ends_with("lib.rs") {
                // A whole lesson that is mounted brings all of its modules.
                let parts = ["main.rs", "args.rs"];
                let all = walkdir::WalkDir::new(file.parent().unwrap()).into_iter();
                let all = all.map(|entry| entry.unwrap().into_path());
                mounted.extend(all.filter(|path| {
                    let name = path.file_name().unwrap().to_str().unwrap();
                    name.ends_with(".rs") && !parts.contains(&name)
                }));
            } else {
                mounted.push(file);
            }
        }
        assert!(mounted.len() > before, "{}", proof.display());
    }
    assert!(mounted.len() > 45, "{} files", mounted.len());
    let frontier = ["frontier.rs", "delays.rs", "distances.rs", "limits.rs"];
    for file in frontier {
        assert!(mounted.iter().any(|path| path.ends_with(file)), "{file}");
    }
    let mut used = BTreeSet::new();
    for path in mounted {
        let name = path.to_str().unwrap().replace('\\', "/");
        for (line, number) in read(&path).lines().zip(1..) {
            let code = line.split("//").next().unwrap();
            for other in UNSEEN {
                if !code.contains(other) {
                    continue;
                }
                let excuse = excused
                    .iter()
                    .find(|(file, what, _)| name.ends_with(file) && other.contains(what));
                let Some((file, _, _)) = excuse else {
                    panic!(
                        "{name}:{number}: {}: the checker does not see it",
                        line.trim()
                    );
                };
                used.insert(*file);
            }
        }
    }
    assert_eq!(
        used.len(),
        excused.len(),
        "only these need an excuse: {used:?}"
    );
}

/// A program that hangs is a test that fails: `timing::limit` waits for it, and not for ever. Only
/// to ask whether a program is installed needs no limit.
#[test]
fn tests_wait_for_no_program_for_ever() {
    let mut seen = 0;
    for path in sources() {
        let name = path.to_string_lossy();
        if !name.contains("/tests/") || name.contains("/tidy/tests/") {
            continue;
        }
        let text = read(&path);
        seen += text.matches(".output_in_time()").count();
        for line in text.lines() {
            let for_ever = [".output()", ".wait_with_output()"]
                .iter()
                .any(|it| line.contains(it));
            let asks = line.contains("\"--version\"") || line.contains("\"-V\"");
            assert!(!for_ever || asks, "{name}: {line}");
        }
    }
    assert!(seen > 60, "{seen}");
}

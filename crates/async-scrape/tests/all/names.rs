//! The names of a site's files, whatever the URL.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::io::Write;

use async_scrape::crawl::names::{Case, Names};

use crate::url;

fn one(text: &str) -> String {
    Names::tree(Case::Ignored).of(&url(text))
}

#[test]
fn files_are_where_they_are_on_the_server() {
    for (url, file) in [
        ("http://h/", "h/index.html"),
        ("http://h:8080/a/b.html", "h%3A8080/a/b.html"),
        ("http://h/a/", "h/a/index.html"),
        ("http://h/a?b=c/d&e", "h/a%3Fb=c%2Fd&e"),
        ("http://h/a/?b", "h/a/index.html%3Fb"),
        ("http://h/%C3%A9 ü", "h/%C3%A9 %C3%BC"),
        ("http://h/%FF", "h/%25FF"),
        ("http://[::1]/a", "[%3A%3A1]/a"),
    ] {
        assert_eq!(one(url), file, "{url}");
    }
}

/// Whether Windows takes a file of this name for a device, in whatever folder it is, as Microsoft's
/// page "Naming Files, Paths, and Namespaces" lists them. An ending makes no difference, nor do
/// spaces before it.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap().trim_end().to_lowercase();
    let numbered = ["com", "lpt"].map(|port| stem.strip_prefix(port));
    let is_digit = |rest: &str| rest.len() == 1 && rest.chars().all(|c| c.is_ascii_digit());
    ["con", "prn", "aux", "nul", "conin$", "conout$"].contains(&&*stem)
        || numbered.into_iter().flatten().any(is_digit)
}

/// Paths on a server that are no names of files everywhere.
const HOSTILE: &[&str] = &[
    "..",
    "%2e%2e",
    "%2e%2e/x",
    "..%2f..%2fx",
    "..%5cx",
    "a%00b",
    "a%0ab",
    ".hidden",
    "%2ehidden",
    "a//b",
    "//",
    "C:/x",
    "c%3a%5cx",
    "nul",
    "NUL.txt",
    "nul%20.txt",
    "Con%20%20.tar.gz",
    "prn.",
    "CONIN$",
    "conout$.txt",
    "com1",
    "LPT9.a",
    "com%C2%B9",
    "a/aux.c/b",
    "a%20/x",
    "a./x",
    "a%20./x",
    "x.",
    "x%20",
    "~",
    "a%7eb",
    "-rf",
    "a*b?c|d",
    "%80",
    ".crawl/journal",
    "%2ecrawl/parts",
];

#[test]
fn no_file_leaves_the_folder() {
    for path in HOSTILE {
        let file = one(&format!("http://h/{path}"));
        for name in file.split('/') {
            assert!(
                !name.is_empty()
                    && !name.starts_with('.')
                    && !name.ends_with(['.', ' '])
                    && !name.contains(['\\', ':', '*', '?', '"', '<', '>', '|', '~'])
                    && !name.contains(|c: char| c.is_control() || !c.is_ascii())
                    && !is_device(name),
                "{path}: {file}"
            );
        }
        assert!(file.starts_with("h/"), "{path}: {file}");
    }
    let long = one(&format!("http://h/{0}/{0}/{0}?{0}", "a".repeat(400)));
    assert!(
        long.split('/').all(|name| name.len() <= 255) && long.len() < 1100,
        "{long}"
    );
    let deep = one(&format!("http://h{}", "/a".repeat(900)));
    assert!(deep.len() < 300, "{deep}");
}

/// URLs whose files differ by little, or of which one is where another has a folder.
const CLOSE: [&str; 15] = [
    "http://h/a",
    "http://h/A",
    "http://h/a/b",
    "http://h/a/",
    "http://h/a/index.html",
    "http://h/a/b/c",
    "https://h/a",
    "http://h:81/a",
    "http://h/a?b",
    "http://h/a%3Fb",
    "http://h/%FF",
    "http://h/%25FF",
    "http://h/d/e",
    "http://h/d",
    "http://h/D/e",
];

#[test]
fn each_page_has_a_file_of_its_own() {
    for turn in 0..CLOSE.len() {
        let mut names = Names::tree(Case::Ignored);
        let mut files = HashMap::new();
        let turned = CLOSE.iter().cycle().skip(turn).take(CLOSE.len());
        for text in turned {
            let file = names.of(&url(text));
            assert_eq!(file, names.of(&url(text)), "the same each time");
            let lower = file.to_lowercase();
            for (other, _) in files.iter() {
                let (a, b): (&String, &String) = (other, &lower);
                assert!(
                    a != b && !a.starts_with(&format!("{b}/")) && !b.starts_with(&format!("{a}/")),
                    "{a} {b}"
                );
            }
            files.insert(lower, text);
        }
    }
}

/// What the tests above know of file systems, asked of the one that is here.
#[test]
fn the_disk_has_a_file_of_each_name() {
    let folder = tempfile::tempdir().unwrap();
    let mut names = Names::tree(Case::Ignored);
    let hostile = HOSTILE.iter().map(|path| format!("http://h/{path}"));
    let close = CLOSE.iter().map(|url| (*url).to_owned());
    let long = format!("http://h/{0}/{0}/{0}?{0}", "a".repeat(400));
    let urls: HashSet<_> = hostile
        .chain(close)
        .chain([long])
        .map(|text| url(&text))
        .collect();
    let files: BTreeSet<_> = urls.iter().map(|url| names.of(url)).collect();
    assert_eq!(files.len(), urls.len());
    for file in &files {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap_or_else(|e| panic!("{file}: {e}"));
        let mut new = fs::File::create_new(path).unwrap_or_else(|e| panic!("{file}: {e}"));
        new.write_all(file.as_bytes()).unwrap();
    }
    let mut found = BTreeSet::new();
    for entry in walkdir::WalkDir::new(folder.path()) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let path = entry.path().strip_prefix(folder.path()).unwrap();
            let name = path.to_str().unwrap().replace('\\', "/");
            assert_eq!(fs::read_to_string(entry.path()).unwrap(), name);
            found.insert(name);
        }
    }
    assert_eq!(found, files);
}

#[test]
fn the_order_of_pages_makes_no_difference_in_the_end() {
    let urls = [
        "http://h/a",
        "http://h/A",
        "http://h/a/b",
        "http://h/d/e",
        "http://h/d",
        "http://h/plain",
        // Too long, so it has a hash in any case.
        &format!("http://h/{}", "x".repeat(220)),
        &format!("http://h/{}/b", "x".repeat(220)),
    ];
    let mut trees = Vec::new();
    for turn in 0..urls.len() {
        let (folder, aside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut names = Names::tree(Case::Ignored);
        let mut files = Vec::new();
        for text in urls.iter().cycle().skip(turn).take(urls.len()) {
            let file = names.of(&url(text));
            let path = folder.path().join(&file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
            files.push((url(text).to_string(), file));
        }
        assert!(names.has_clashed());
        let contested = files.iter().filter(|(_, file)| names.is_contested(file));
        let contested: Vec<_> = contested.cloned().collect();
        let is_plain = |(url, _): &(String, String)| url.ends_with("plain");
        assert!(!contested.iter().any(is_plain), "{contested:?}");
        let moved = names
            .settle(folder.path(), aside.path(), &contested)
            .unwrap();
        for (_, file) in &mut files {
            *file = moved.get(file).unwrap_or(file).clone();
        }
        assert!(
            names
                .settle(folder.path(), aside.path(), &files)
                .unwrap()
                .is_empty(),
            "it is settled"
        );
        let mut tree: Vec<_> = walkdir::WalkDir::new(folder.path())
            .into_iter()
            .map(Result::unwrap)
            .map(|entry| {
                let path = entry.path().strip_prefix(folder.path()).unwrap().to_owned();
                (path, fs::read_to_string(entry.path()).unwrap_or_default())
            })
            .collect();
        tree.sort();
        assert_eq!(
            tree.iter().filter(|(_, text)| !text.is_empty()).count(),
            urls.len()
        );
        trees.push(tree);
    }
    assert!(trees.windows(2).all(|two| two[0] == two[1]), "{trees:#?}");
}

#[test]
fn files_that_are_not_contested_need_not_be_settled() {
    let mut random = fastrand::Rng::with_seed(1);
    for turn in 0..100 {
        let case = [Case::Ignored, Case::Kept][turn % 2];
        let (folder, aside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut names = Names::tree(case);
        let mut urls = CLOSE;
        random.shuffle(&mut urls);
        let urls = &urls[..random.usize(2..urls.len())];
        let mut files: Vec<_> = urls
            .iter()
            .map(|text| ((*text).to_owned(), names.of(&url(text))))
            .collect();
        for (_, file) in &files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let contested = files.iter().filter(|(_, file)| names.is_contested(file));
        let contested: Vec<_> = contested.cloned().collect();
        let settle = |files: &[_]| names.settle(folder.path(), aside.path(), files).unwrap();
        let moved = settle(&contested);
        for (_, file) in &mut files {
            *file = moved.get(file).unwrap_or(file).clone();
        }
        assert!(settle(&files).is_empty(), "{files:?}");
    }
}

#[test]
fn letter_case_is_kept_where_it_is_wanted() {
    let mut names = Names::tree(Case::Kept);
    for path in ["h/d/a", "h/d/A", "h/D/a"] {
        assert_eq!(names.of(&url(&format!("http://{path}"))), path);
    }
    assert!(!names.has_clashed());
    // A file and a folder of one name still can't be.
    assert!(names.of(&url("http://h/d")).contains('~'));
}

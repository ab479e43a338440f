//! The rules for the book: what it includes is there, what it shows is what the programs print, and
//! no chapter lacks a part.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, thread};

use tidy::examples;
use tidy::outputs::{self, Captured, shapes};
use tidy::{read, root};

/// The chapters of the course, in its order.
const COURSE: [&str; 12] = [
    "what-is-parallelism.md",
    "countdown/README.md",
    "cpu-bound/context.md",
    "countdown/threads.md",
    "ping/README.md",
    "cpu-bound/README.md",
    "cpu-bound/processes.md",
    "imgproc/README.md",
    "locks/README.md",
    "philosophers/README.md",
    "countdown/tasks.md",
    "async-scrape/README.md",
];

fn src() -> PathBuf {
    root().join("docs/src")
}

/// Every page that the summary names.
fn pages() -> Vec<String> {
    let summary = read(src().join("SUMMARY.md"));
    let links = summary.split("](").skip(1);
    links
        .filter_map(|rest| rest.split(')').next())
        .map(str::to_owned)
        .collect()
}

/// A line of a page, with the file and the number of the line that it comes from.
struct Line {
    text: String,
    file: PathBuf,
    number: usize,
}

/// A page as mdBook puts it together. What mdBook only warns of is a panic here.
fn expand(path: &Path) -> Vec<Line> {
    let mut lines = Vec::new();
    for (text, number) in read(path).lines().zip(1..) {
        let include = text
            .split_once("{{#include ")
            .and_then(|(_, rest)| rest.split_once("}}"));
        match include {
            Some((target, _)) => {
                let place = format!("{}:{number}", path.display());
                lines.extend(included(path.parent().unwrap(), target.trim(), &place));
            }
            None => lines.push(Line {
                text: text.to_owned(),
                file: path.to_owned(),
                number,
            }),
        }
    }
    lines
}

fn included(folder: &Path, target: &str, place: &str) -> Vec<Line> {
    let (file, part) = target.split_once(':').unwrap_or((target, ""));
    let path = folder
        .join(file)
        .canonicalize()
        .unwrap_or_else(|error| panic!("{place} includes {file}: {error}"));
    let lines = expand(&path);
    let is_mark =
        |line: &Line| line.text.contains("ANCHOR: ") || line.text.contains("ANCHOR_END: ");
    let lines: Vec<Line> = if part.is_empty() {
        lines
    } else if part.starts_with(|c: char| c.is_ascii_digit()) {
        // `2:` is all but the title, and nothing else is used: numbers of lines say nothing when a
        // file changes.
        assert_eq!(part, "2:", "{place}: by an anchor, please");
        lines.into_iter().skip(1).collect()
    } else {
        let at = |mark: &str| {
            let ends = |line: &Line| {
                line.text
                    .split_once(mark)
                    .is_some_and(|(_, rest)| rest.trim_end_matches("-->").trim() == part)
            };
            lines
                .iter()
                .position(ends)
                .unwrap_or_else(|| panic!("{place}: {file} has no {mark}{part}"))
        };
        let (first, last) = (at("ANCHOR: "), at("ANCHOR_END: "));
        assert!(
            first + 1 < last,
            "{place}: nothing between {part} and its end"
        );
        let inside = lines.into_iter().enumerate();
        inside
            .filter(|(i, line)| (first + 1..last).contains(i) && !is_mark(line))
            .map(|(_, line)| line)
            .collect()
    };
    assert!(!lines.is_empty(), "{place} includes nothing of {file}");
    lines
}

fn text(lines: &[Line]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| line.text.as_str()).collect();
    lines.join("\n")
}

#[test]
fn everything_that_is_included_is_there() {
    let mut included = 0;
    for page in pages() {
        included += expand(&src().join(&page)).len();
    }
    assert!(included > 0);
}

/// A page that the summary lacks is not in the book.
#[test]
fn every_page_is_in_the_summary() {
    let pages: BTreeSet<_> = pages().into_iter().map(|page| src().join(page)).collect();
    for entry in walkdir::WalkDir::new(src()) {
        let path = entry.unwrap().into_path();
        let is_page = path.extension().is_some_and(|e| e == "md")
            && !path.starts_with(src().join("outputs"))
            && !path.starts_with(src().join("measured"))
            && path.file_name().is_some_and(|name| name != "SUMMARY.md");
        assert!(!is_page || pages.contains(&path), "{}", path.display());
    }
}

/// The lessons' READMEs are the source of the book: each of their lines is in it, and in one place.
#[test]
fn a_readme_stands_in_the_book_once() {
    let mut seen: BTreeMap<(PathBuf, usize), String> = BTreeMap::new();
    for page in pages() {
        for line in expand(&src().join(&page)) {
            let of_a_crate = line
                .file
                .starts_with(root().join("crates").canonicalize().unwrap())
                && line.file.ends_with("README.md");
            if of_a_crate {
                let place = format!("{}:{}", line.file.display(), line.number);
                let other = seen.insert((line.file, line.number), page.clone());
                assert_eq!(other, None, "{place} is in {page}, too");
            }
        }
    }
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let path = entry
            .unwrap()
            .path()
            .canonicalize()
            .unwrap()
            .join("README.md");
        if !path.exists() {
            continue;
        }
        for (line, number) in read(&path).lines().zip(1..) {
            // Headings are also the book's own.
            let needed =
                !line.is_empty() && !line.starts_with('#') && !line.contains("<!-- ANCHOR");
            assert!(
                !needed || seen.contains_key(&(path.clone(), number)),
                "{}:{number} is in no chapter: between two anchors?",
                path.display()
            );
        }
    }
}

#[test]
fn a_chapter_has_all_its_parts() {
    for page in COURSE {
        assert!(
            pages().contains(&page.to_owned()),
            "the summary has no {page}"
        );
        let lines = expand(&src().join(page));
        let whole = text(&lines);
        let headings: Vec<_> = whole.lines().filter(|l| l.starts_with('#')).collect();
        for part in ["Predict", "Run", "See", "The code, line by line", "Try it"] {
            let wanted = format!("## {part}");
            assert!(headings.contains(&wanted.as_str()), "{page}: no `{wanted}`");
        }
        let command = whole.lines().any(|line| line.starts_with("cargo run -p "));
        assert!(command, "{page}: no command to type");
        assert!(whole.contains("```text\n"), "{page}: no output");
        assert!(whole.contains("]("), "{page}: no picture");
        let code = lines.iter().filter(|line| {
            line.file.extension().is_some_and(|e| e == "rs") && !line.text.trim().is_empty()
        });
        assert!(code.count() >= 5, "{page}: hardly any code");
        let tries = whole.split("\n## Try it").nth(1).unwrap();
        let tries = tries.split("\n## ").next().unwrap();
        for number in ["1. ", "2. ", "3. "] {
            let there = tries.lines().any(|line| line.starts_with(number));
            assert!(there, "{page}: nothing to try as {number}");
        }
    }
}

/// The times in a text: the number, and its unit.
fn times(text: &str) -> Vec<(&str, &str)> {
    let words: Vec<_> = text.split_whitespace().collect();
    let marks = ['.', ',', ':', ';', '(', ')'];
    words
        .windows(2)
        .map(|pair| (pair[0].trim_matches(marks), pair[1].trim_matches(marks)))
        .filter(|(number, unit)| ["s", "ms", "µs"].contains(unit) && number.parse::<f64>().is_ok())
        .collect()
}

/// A sentence about "the run below" has times of a run that its page shows, exact or rounded.
#[test]
fn the_times_of_the_run_below_are_in_it() {
    let mut compared = 0;
    for page in pages() {
        let text = text(&expand(&src().join(&page)));
        // What is outside of fences, what is inside of one, and so on by turns.
        let (shown, prose): (Vec<_>, Vec<_>) =
            text.split("```").enumerate().partition(|(i, _)| i % 2 == 1);
        let shown: Vec<_> = shown.iter().flat_map(|(_, run)| times(run)).collect();
        let prose: Vec<_> = prose
            .iter()
            .map(|(_, prose)| prose.replace('\n', " "))
            .collect();
        let sentences = prose.iter().flat_map(|prose| prose.split(". "));
        for sentence in sentences.filter(|sentence| sentence.contains("he run below")) {
            for (number, unit) in times(sentence) {
                let decimals = number.split_once('.').map_or(0, |(_, part)| part.len());
                let is_it = |(exact, its): &(&str, &str)| {
                    let exact: f64 = exact.parse().unwrap();
                    *its == unit && format!("{exact:.decimals$}") == number
                };
                assert!(
                    shown.iter().any(is_it),
                    "{page}: no {number} {unit} in: {sentence}"
                );
                compared += 1;
            }
        }
    }
    assert!(compared > 0);
}

/// Code that is typed into a page is code that nobody compiles.
#[test]
fn code_is_included_and_never_typed() {
    for page in pages() {
        let path = src().join(&page);
        let mut code = false;
        for line in read(&path).lines() {
            if line.trim_start().starts_with("```") {
                code = line.contains("```rust") || line.contains("```python");
            } else if code {
                assert!(line.starts_with("{{#include "), "{page}: {line}");
            }
        }
    }
}

/// The pictures that the course's notes refer to, by what shows them here.
#[test]
fn the_courses_pictures_are_there() {
    let shown: String = pages()
        .iter()
        .map(|page| text(&expand(&src().join(page))))
        .collect();
    for picture in [
        "web_request.svg",
        "shared_resource.svg",
        "lock.svg",
        "sequentiality.svg",
        "table.svg",
        "starvation.svg",
        "threads.svg",
        "pixels.svg",
        "async_elements.svg",
        "web_scraping.svg",
        "async_web_scraping.svg",
    ] {
        let there = shown.contains(&format!("figures/{picture})"));
        assert!(there, "no page shows {picture}");
    }
}

/// Pictures: there, with words for who can't see them, and drawn for light and dark.
#[test]
fn every_picture_can_be_seen_by_everybody() {
    let mut pictures = BTreeSet::new();
    for page in pages() {
        let path = src().join(&page);
        let lines = expand(&path);
        let mut fenced = false;
        for line in &lines {
            if line.text.trim_start().starts_with("```") {
                fenced = !fenced;
            }
            if fenced {
                continue;
            }
            for image in line.text.split("![").skip(1) {
                let (alt, rest) = image.split_once("](").expect("an image");
                let target = rest.split(')').next().unwrap();
                assert!(alt.len() > 20, "{page}: {target} says only {alt:?}");
                // Folders of figures are links to those of the lessons.
                let file = path.parent().unwrap().join(target);
                assert!(file.exists(), "{page}: no {target}");
                pictures.insert(file.canonicalize().unwrap());
            }
        }
    }
    assert!(pictures.len() >= 20, "{pictures:?}");
    for path in pictures {
        assert_eq!(path.extension().unwrap(), "svg", "{}", path.display());
        let svg = read(&path);
        for part in ["viewBox=\"", "<title", "prefers-color-scheme: dark"] {
            assert!(svg.contains(part), "{}: no {part}", path.display());
        }
    }
}

/// What a page says in words can't be run, so it must name what exists: packages, examples,
/// benches, files.
#[test]
fn every_command_and_file_that_the_book_names_exists() {
    for page in pages() {
        let own = read(src().join(&page));
        let mut fenced = false;
        for line in own.lines() {
            if line.trim_start().starts_with("```") {
                fenced = !fenced;
                continue;
            }
            let spans: Vec<&str> = match fenced {
                true => vec![line],
                false => line.split('`').skip(1).step_by(2).collect(),
            };
            for span in spans {
                let words: Vec<_> = span.split_whitespace().collect();
                let place = format!("{page}: {span}");
                let after = |flag: &str| {
                    let at = words.iter().position(|word| *word == flag)?;
                    words.get(at + 1).copied()
                };
                if words.contains(&"cargo") {
                    if let Some(package) = after("-p") {
                        let folder = root().join("crates").join(package);
                        assert!(folder.exists(), "{place}");
                        if let Some(example) = after("--example") {
                            let mut all = examples(package).into_iter();
                            assert!(all.any(|(name, _)| name == example), "{place}");
                        }
                    }
                    if let Some(bench) = after("--bench") {
                        let file = root().join(format!("benches/{bench}.rs"));
                        assert!(file.exists(), "{place}");
                    }
                } else if let [file] = words[..]
                    && file.starts_with("crates/")
                {
                    assert!(root().join(file).exists(), "{place}");
                }
            }
        }
    }
}

/// A page to decide by is of use if one can look for oneself.
#[test]
fn each_row_of_the_decisions_names_a_run() {
    let page = read(src().join("decide.md"));
    let rows = page.lines().filter(|line| line.starts_with("| "));
    let mut count = 0;
    for row in rows.filter(|row| !row.ends_with("see it |")) {
        assert!(row.contains("`cargo "), "no run: {row}");
        count += 1;
    }
    assert!(count > 10);
}

#[test]
fn each_word_is_explained_in_a_chapter() {
    let page = read(src().join("glossary.md"));
    let rows = page.lines().filter(|line| line.starts_with("| "));
    let mut words = Vec::new();
    for row in rows.skip(1) {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").collect();
        assert_eq!(cells.len(), 3, "{row}");
        assert!(cells[2].contains("](") && cells[2].contains(".md"), "{row}");
        words.push(cells[0].trim().to_lowercase());
    }
    assert!(words.len() > 40);
    assert!(words.is_sorted(), "not in the order of letters: {words:?}");
}

#[test]
fn every_output_is_one_that_the_recipe_makes() {
    let mut files: BTreeSet<_> = fs::read_dir(src().join("outputs"))
        .unwrap()
        .map(|entry| entry.unwrap().path().canonicalize().unwrap())
        .collect();
    let all_pages: String = pages().iter().map(|page| read(src().join(page))).collect();
    for captured in outputs::all() {
        let text = read(captured.path());
        let begins = format!("```text\n$ {}\n", captured.command());
        assert!(
            text.starts_with(&begins),
            "{} is not from `{}`: cargo run -p tidy --example capture -- {}",
            captured.path().display(),
            captured.command(),
            captured.name
        );
        let shown = format!("outputs/{}.md}}}}", captured.name);
        assert!(
            all_pages.contains(&shown),
            "no page shows {}",
            captured.name
        );
        if let Some(svg) = &captured.svg {
            assert!(all_pages.contains(svg.as_str()), "no page shows {svg}");
        }
        files.remove(&captured.path().canonicalize().unwrap());
    }
    assert!(files.is_empty(), "captured by nobody: {files:?}");
}

/// The page plays what the programs would: each puzzle's states are printed again. And a puzzle is
/// small enough for a slow line.
#[test]
fn the_puzzles_are_those_of_the_programs() {
    let page = read(src().join("scheduler.md"));
    let list = page
        .split("data-puzzles=\"")
        .nth(1)
        .expect("a list of puzzles");
    let list: Vec<_> = list.split('"').next().unwrap().split(' ').collect();
    let puzzles = outputs::puzzles();
    let names: Vec<_> = puzzles.iter().map(|puzzle| &*puzzle.name).collect();
    assert_eq!(list, names);
    for puzzle in &puzzles {
        let script = read(outputs::script_path(puzzle));
        let is_fresh = script == outputs::script(puzzle);
        let again = format!("cargo run -p tidy --example capture -- {}", puzzle.name);
        assert!(is_fresh, "{} is not fresh: {again}", puzzle.name);
        assert!(script.len() <= 150_000, "{}: {}", puzzle.name, script.len());
    }
    let goals = puzzles
        .iter()
        .map(|puzzle| read(outputs::script_path(puzzle)));
    let reachable = goals.filter(|script| !script.contains("\"wanted\":null"));
    assert!(reachable.count() >= 8);
}

/// What a program prints now, as shapes of lines.
fn fresh(captured: &Captured) -> BTreeSet<String> {
    let output = captured.run(&[]);
    shapes(&String::from_utf8_lossy(&output.stdout), &captured.same)
}

/// The programs wait most of the time, so they do it all at the same time.
#[test]
fn outputs_have_the_form_that_the_programs_give_them() {
    let cheap = outputs::all().into_iter().filter(|output| output.cheap);
    thread::scope(|scope| {
        for captured in cheap {
            scope.spawn(move || {
                let text = read(captured.path());
                let text = text.split_once('\n').unwrap().1.split_once('\n').unwrap().1;
                let text = text.split("\n```\n").next().unwrap();
                let (shown, now) = (shapes(text, &captured.same), fresh(&captured));
                let differ: Vec<_> = shown.symmetric_difference(&now).collect();
                assert!(
                    differ.is_empty(),
                    "`{}` prints other lines now than {} shows, or the other way around: {differ:#?}\n\
                     If that is right: just figures",
                    captured.command(),
                    captured.path().display()
                );
            });
        }
    });
}

#[test]
fn outputs_in_readmes_have_the_form_that_the_programs_give_them() {
    thread::scope(|scope| {
        for typed in outputs::typed() {
            scope.spawn(move || {
                let text = read(root().join(&typed.file));
                let first = typed.runs[0].command();
                // What is outside of fences, what is inside of one, and so on by turns.
                let mut pieces = text.split("\n```").enumerate().skip_while(|(i, piece)| {
                    i % 2 == 0 || !piece.lines().skip(1).any(|line| line == first)
                });
                assert!(pieces.next().is_some(), "{}: no `{first}`", typed.file);
                let outputs: Vec<_> = pieces
                    .take_while(|(i, piece)| match i % 2 {
                        0 => !piece.contains("\n#"),
                        _ => piece.starts_with("text\n"),
                    })
                    .filter_map(|(_, piece)| piece.strip_prefix("text\n"))
                    .collect();
                assert!(
                    !outputs.is_empty(),
                    "{}: no output of `{first}`",
                    typed.file
                );
                let now: BTreeSet<_> = typed.runs.iter().flat_map(fresh).collect();
                for block in outputs {
                    let mut shown = shapes(block, &typed.runs[0].same);
                    shown.remove("...");
                    let strange: Vec<_> = shown.difference(&now).collect();
                    assert!(
                        strange.is_empty(),
                        "{}: `{first}` does not print: {strange:#?}\nIt prints: {now:#?}",
                        typed.file
                    );
                }
            });
        }
    });
}

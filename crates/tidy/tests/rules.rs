//! The rules that hold for every manifest, strategy, example and README.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use tidy::{cargo, crates, examples, files, lessons, manifest, read, root};
use toml::{Table, Value};

#[test]
fn manifests_agree() {
    let mut versions: BTreeMap<String, (String, String)> = BTreeMap::new();
    let of_timing = manifest("crates/timing/Cargo.toml");
    let same = |table: &Table| {
        let package = &table["package"];
        ["edition", "rust-version", "license", "publish"].map(|key| package.get(key).cloned())
    };
    let all = crates()
        .into_iter()
        .map(|name| format!("crates/{name}/Cargo.toml"));
    for path in all.chain(["Cargo.toml".to_owned()]) {
        let table = manifest(&path);
        assert_eq!(same(&table), same(&of_timing), "{path}");
        if path != "Cargo.toml" {
            assert_eq!(table["lints"], of_timing["lints"], "{path}: lints");
        }
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(Value::Table(dependencies)) = table.get(section) else {
                continue;
            };
            for (name, value) in dependencies {
                let version = value.as_str().or_else(|| value.get("version")?.as_str());
                let Some(version) = version else { continue };
                let first = versions
                    .entry(name.clone())
                    .or_insert_with(|| (version.to_owned(), path.clone()));
                assert_eq!(first.0, version, "{name} in {} and {path}", first.1);
            }
        }
    }
}

#[test]
fn lessons_are_self_contained() {
    for lesson in lessons() {
        let path = format!("crates/{lesson}/Cargo.toml");
        assert!(!read(&path).contains("workspace"), "{path}");
        let table = manifest(&path);
        for section in ["dependencies", "dev-dependencies"] {
            let Some(Value::Table(dependencies)) = table.get(section) else {
                continue;
            };
            for (name, value) in dependencies {
                if let Some(folder) = value.get("path") {
                    assert_eq!(name, "timing", "{path}");
                    assert_eq!(folder.as_str(), Some("../timing"), "{path}");
                }
            }
        }
    }
}

/// Cargo warns of a profile for a package that is not there, so a copy has those of the lesson's
/// own dependencies only.
#[test]
fn a_copied_lesson_keeps_the_workspaces_profile() {
    let mut expected = manifest("Cargo.toml")["profile"].clone();
    expected.as_table_mut().unwrap().remove("bench");
    for lesson in lessons() {
        let tree = cargo(&[
            "tree",
            "-p",
            &lesson,
            "-e",
            "normal,build,dev",
            "--prefix",
            "none",
        ]);
        let used = |name: &str| {
            let mut names = tree.lines().filter_map(|line| line.split(' ').next());
            name == "*" || names.any(|other| other == name)
        };
        let mut expected = expected.clone();
        let packages = expected["dev"]["package"].as_table_mut().unwrap();
        packages.retain(|name, _| used(name));
        let config = manifest(format!("crates/{lesson}/.cargo/config.toml"));
        assert_eq!(config["profile"], expected, "{lesson}");
    }
}

/// The variants of `enum Strategy`, in the form that they have on the command line.
fn strategies(lesson: &str) -> Vec<String> {
    let source = read(format!("crates/{lesson}/src/lib.rs"));
    let (_, body) = source.split_once("pub enum Strategy {").expect(lesson);
    let (body, _) = body.split_once('}').unwrap();
    let names = body
        .lines()
        .map(str::trim)
        .filter(|line| line.ends_with(','));
    names
        .map(|name| {
            let mut kebab = String::new();
            for c in name.trim_end_matches(',').chars() {
                if c.is_uppercase() && !kebab.is_empty() {
                    kebab.push('-');
                }
                kebab.extend(c.to_lowercase());
            }
            kebab
        })
        .collect()
}

/// Returns the lesson's `--help`. If the whole workspace was built, its program lies beside this
/// test; to build it again would take a minute.
fn help(lesson: &str) -> String {
    let program = env::current_exe().unwrap();
    let folder = program.ancestors().nth(2).unwrap();
    let program = folder.join(format!("{lesson}{}", env::consts::EXE_SUFFIX));
    if !program.exists() {
        return cargo(&["run", "-q", "-p", lesson, "--", "--help"]);
    }
    let output = Command::new(program).arg("--help").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_strategy_has_one_name_everywhere() {
    // Once for all lessons: Cargo waits while another of it builds, and the gate has one that does.
    let benches = cargo(&["test", "-q", "--workspace", "--bench", "*", "--", "--list"]);
    for lesson in lessons() {
        let strategies = strategies(&lesson);
        assert!(strategies.len() > 1, "{lesson}: {strategies:?}");
        let help = help(&lesson);
        let prefix = format!("{lesson}/");
        let own = || benches.lines().filter(|line| line.starts_with(&prefix));
        let readme = read(format!("crates/{lesson}/README.md"));
        for name in strategies {
            let file = format!("crates/{lesson}/src/{}.rs", name.replace('-', "_"));
            assert!(root().join(&file).exists(), "no {file}");
            let in_help = help.lines().any(|line| {
                line.trim_start()
                    .strip_prefix("- ")
                    .is_some_and(|rest| rest.split([':', ' ']).next() == Some(name.as_str()))
            });
            assert!(in_help, "{lesson} --help has no {name}:\n{help}");
            let heading = format!("### `{name}`");
            assert!(
                readme.lines().any(|l| l == heading),
                "{lesson}: no {heading}"
            );
            // A bench is one process without `mpirun`: a strategy for MPI is timed as its README
            // says.
            if name.starts_with("mpi") {
                continue;
            }
            let is_of = |line: &str| {
                let mut parts = line.trim_end_matches(": benchmark").split('/');
                parts.any(|part| part == name)
            };
            assert!(own().any(is_of), "{lesson}: no bench id {name}:\n{benches}");
        }
    }
}

/// All examples are built into one folder.
#[test]
fn examples_have_names_of_their_own() {
    let mut seen = BTreeMap::new();
    for name in crates() {
        for (example, path) in examples(&name) {
            let other = seen.insert(example, path.clone());
            assert_eq!(other, None, "{}", path.display());
        }
    }
}

#[test]
fn an_examples_header_says_how_to_run_it() {
    for name in crates() {
        for (example, path) in examples(&name) {
            let source = fs::read_to_string(&path).unwrap();
            let header = source.lines().take_while(|line| line.starts_with("//!"));
            let command = format!("cargo run -p {name} --example {example}");
            assert!(
                header.into_iter().any(|line| line.contains(&command)),
                "{}: no `{command}` in its header",
                path.display()
            );
        }
    }
}

/// READMEs, each with the folder that its paths start from.
fn readmes() -> Vec<(PathBuf, String)> {
    let mut readmes = vec![(root(), read("README.md"))];
    for name in crates() {
        let path = root().join("crates").join(&name);
        if path.join("README.md").exists() {
            readmes.push((path.clone(), read(path.join("README.md"))));
        }
    }
    readmes
}

#[test]
fn every_file_that_a_readme_names_exists() {
    let endings = [".rs", ".toml", ".md", ".svg", ".png", ".jpg", ".lock"];
    for (folder, text) in readmes() {
        let links = text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next());
        let links = links.filter(|link| !link.contains("://") && !link.starts_with('#'));
        let code = text.split('`').skip(1).step_by(2).filter(|span| {
            !span.contains([' ', '\n', '*', '<', '$']) && endings.iter().any(|e| span.ends_with(e))
        });
        for name in links.chain(code) {
            let name = name.split('#').next().unwrap();
            assert!(
                folder.join(name).exists() || root().join(name).exists(),
                "{}/README.md names {name}",
                folder.display()
            );
        }
    }
}

#[test]
fn every_command_in_a_readme_names_what_exists() {
    let recipes = read("justfile");
    for (folder, text) in readmes() {
        let commands = text.split("```").skip(1).step_by(2).flat_map(str::lines);
        for command in commands {
            let words: Vec<_> = command.split_whitespace().collect();
            let after = |flag: &str| {
                let at = words.iter().position(|word| *word == flag)?;
                words.get(at + 1).copied()
            };
            let place = format!("{}: {command}", folder.display());
            match words[..] {
                ["cargo", "run" | "test", ..] => {
                    let Some(package) = after("-p") else { continue };
                    assert!(crates().iter().any(|name| name == package), "{place}");
                    if let Some(example) = after("--example") {
                        let mut all = examples(package).into_iter();
                        assert!(all.any(|(name, _)| name == example), "{place}");
                    }
                }
                ["cargo", "bench", ..] => {
                    if let Some(bench) = after("--bench") {
                        assert!(
                            root().join(format!("benches/{bench}.rs")).exists(),
                            "{place}"
                        );
                    }
                }
                ["just", recipe, ..] => {
                    let found = recipes
                        .lines()
                        .any(|line| line.split([' ', ':']).next() == Some(recipe));
                    assert!(found, "{place}");
                }
                _ => {}
            }
        }
    }
}

/// Who sees an answer before having guessed has nothing to compare with the run.
#[test]
fn the_answers_to_what_is_to_be_predicted_are_folded() {
    let pages = files("docs/src", "md").into_iter();
    let pages = pages.map(|path| (path.clone(), read(&path)));
    let lessons = lessons();
    let readmes = lessons.iter().map(|lesson| {
        let readme = format!("crates/{lesson}/README.md");
        (PathBuf::from(&readme), read(&readme))
    });
    let mut found = Vec::new();
    for (path, text) in pages.chain(readmes) {
        let path = path.display();
        for part in text.split("## Predict\n").skip(1) {
            let part = part.split("\n## ").next().unwrap_or_default();
            let (questions, answers) = part.split_once("<details>").expect("a fold");
            let numbered = |text: &str| {
                let is_one = |line: &&str| {
                    line.split_once(". ")
                        .is_some_and(|(n, _)| n.parse::<u8>().is_ok())
                };
                text.lines().filter(is_one).count()
            };
            assert!(numbered(questions) > 1, "{path}");
            assert_eq!(numbered(questions), numbered(answers), "{path}");
            assert!(answers.contains("</details>"), "{path}");
            found.push((path.to_string(), questions.contains("--predict ")));
        }
    }
    // In a lesson, the program is told the guess.
    for lesson in lessons {
        let readme = format!("crates/{lesson}/README.md");
        let is_told = found
            .iter()
            .any(|(path, told)| path.ends_with(&readme) && *told);
        assert!(is_told, "{readme}");
    }
}

#[test]
fn the_two_commands_of_the_readme_are_there() {
    let readme = read("README.md");
    for command in ["cargo run -p imgproc", "cargo test --workspace"] {
        assert!(readme.lines().any(|line| line == command), "{command}");
    }
    assert!(read(".ci/run").contains("cargo test --workspace"));
}

#[test]
fn no_file_of_a_lesson_grows_past_what_is_read_at_a_sitting() {
    for name in crates() {
        for path in files(format!("crates/{name}/src"), "rs") {
            let source = fs::read_to_string(&path).unwrap();
            let code = source.split("#[cfg(test)]").next().unwrap();
            let lines = code.lines().count();
            assert!(lines <= 320, "{}: {lines} lines", path.display());
        }
    }
}

/// A crate that is copied out alone has all that it needs, so two lessons have some files twice.
#[test]
fn files_of_two_lessons_are_the_same() {
    let files = [
        "src/proxies.rs",
        "src/proxies/tests.rs",
        "src/trust.rs",
        "src/trust/words.rs",
        "tests/all/secure.rs",
        "tests/all/socks.rs",
    ];
    for file in files {
        let [one, other] = ["ping", "async-scrape"].map(|lesson| format!("crates/{lesson}/{file}"));
        assert!(read(&one) == read(&other), "{one} and {other} differ");
    }
}

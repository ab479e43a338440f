//! The checks of the exercises, tried on the reference answers with one small change each: a lock
//! that is dropped, two lines that are swapped, a weaker ordering, another operator.
//!
//! A changed answer that passes is either as right as the reference, and then `stays.toml` says
//! why, or it is wrong, and then its check lacks something. It takes some minutes:
//! `cargo test -p tidy --test mutants -- --ignored --nocapture`
//! (`LESSON=locks` in the environment is for one lesson.)

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use serde_json::Value;
use tidy::{lessons, manifest, read, root};
use toml::Table;

mod changes;

/// A reference answer with one change.
#[derive(Debug)]
struct Mutant {
    exercise: String,
    what: String,
    text: String,
}

/// The package with all changed answers of a lesson. It has the lesson's dependencies, and is built
/// into the same folder, so they are not built again.
struct Package {
    folder: PathBuf,
    lesson: PathBuf,
    mutants: Vec<Mutant>,
}

/// The exercises of a lesson, each with its reference answer.
fn references(lesson: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(lesson.join(".answers")).expect("every lesson has exercises");
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, read(path.join("right.rs")))
        })
        .collect()
}

impl Package {
    fn of(name: &str) -> Self {
        let root = root().canonicalize().unwrap();
        let lesson = root.join("crates").join(name);
        let mut mutants = Vec::new();
        for (exercise, text) in references(&lesson) {
            // The reference itself: whoever refuses it refuses everything.
            mutants.push(Mutant {
                exercise: exercise.clone(),
                what: String::new(),
                text: text.clone(),
            });
            mutants.extend(changes::of(&text).into_iter().map(|(what, text)| Mutant {
                exercise: exercise.clone(),
                what,
                text,
            }));
        }
        let folder = root.join("target/mutants").join(name);
        let _ = fs::remove_dir_all(folder.join("src"));
        fs::create_dir_all(folder.join("src")).unwrap();
        let package = Self {
            folder,
            lesson,
            mutants,
        };
        package.write_manifest(name);
        package
    }

    fn write_manifest(&self, name: &str) {
        let theirs = manifest(self.lesson.join("Cargo.toml"));
        let mut dependencies = Table::new();
        for section in ["dependencies", "dev-dependencies"] {
            let Some(section) = theirs.get(section).and_then(toml::Value::as_table) else {
                continue;
            };
            dependencies.extend(section.clone());
        }
        let path = |folder: &Path| toml::Value::String(folder.to_str().unwrap().to_owned());
        let timing = dependencies["timing"].as_table_mut().unwrap();
        timing.insert("path".to_owned(), path(&self.lesson.join("../timing")));
        let own = Table::from_iter([("path".to_owned(), path(&self.lesson))]);
        dependencies.insert(name.to_owned(), own.into());
        // The same profile, and so the same builds of the dependencies.
        let mut profile = manifest("Cargo.toml")["profile"].clone();
        profile
            .as_table_mut()
            .unwrap()
            .retain(|name, _| name == "dev");
        let text = "[package]\nname = \"mutants\"\nedition = \"2024\"\n\n[workspace]\n";
        let mut whole: Table = text.parse().unwrap();
        whole.insert("dependencies".to_owned(), dependencies.into());
        whole.insert("profile".to_owned(), profile);
        fs::write(self.folder.join("Cargo.toml"), whole.to_string()).unwrap();
        fs::copy(root().join("Cargo.lock"), self.folder.join("Cargo.lock")).unwrap();
    }

    /// Writes the sources: a module for each exercise, and in it one for each changed answer.
    fn write_sources(&self) {
        let src = self.folder.join("src");
        let _ = fs::remove_dir_all(&src);
        let mut main = "#![allow(warnings)]\n".to_owned();
        let mut arms = String::new();
        let exercises: BTreeSet<_> = self.mutants.iter().map(|one| &one.exercise).collect();
        for exercise in exercises {
            let check = self
                .lesson
                .join(format!("tests/practise/{exercise}/check.rs"));
            let mut module = format!("#[path = {check:?}]\nmod check;\n");
            if read(&check).contains("pub mod world") {
                module += "use check::world;\n";
            }
            let functions = functions(&read(
                self.lesson.join(format!(".answers/{exercise}/mod.rs")),
            ));
            let folder = src.join(exercise);
            fs::create_dir_all(&folder).unwrap();
            let mut judge = String::new();
            for (number, mutant) in self.mutants.iter().enumerate() {
                if mutant.exercise == *exercise {
                    fs::write(folder.join(format!("m{number}.rs")), &mutant.text).unwrap();
                    let given = functions.iter().map(|name| format!("m{number}::{name}"));
                    let given = given.collect::<Vec<_>>().join(", ");
                    module += &format!("mod m{number};\n");
                    judge += &format!("        {number} => check::check({given}),\n");
                    arms += &format!("        {number} => {exercise}::judge({number}),\n");
                }
            }
            module += &format!(
                "pub fn judge(number: usize) -> timing::practise::Judgement {{\n    \
                 match number {{\n{judge}        _ => unreachable!(),\n    }}\n}}\n"
            );
            fs::write(src.join(format!("{exercise}.rs")), module).unwrap();
            main += &format!("mod {exercise};\n");
        }
        // As for a student: what does not end is ended, and that is no pass.
        main += &format!(
            "fn main() -> std::process::ExitCode {{
    std::thread::spawn(|| {{
        std::thread::sleep(std::time::Duration::from_secs(60));
        println!(\"it does not end\");
        std::process::exit(1);
    }});
    timing::practise::tell(match std::env::args().nth(1).unwrap().parse().unwrap() {{
{arms}        _ => unreachable!(),
    }})
}}
"
        );
        fs::write(src.join("main.rs"), main).unwrap();
    }

    /// Builds the package without the answers that do not compile, and returns the program.
    fn build(&mut self) -> PathBuf {
        loop {
            self.write_sources();
            let output = timing::practise::fresh_cargo()
                .args(["build", "-q", "--offline", "--message-format=json"])
                .current_dir(&self.folder)
                .env(
                    "CARGO_TARGET_DIR",
                    root().canonicalize().unwrap().join("target"),
                )
                .output()
                .unwrap();
            let said = String::from_utf8(output.stdout).unwrap();
            let messages: Vec<Value> = said
                .lines()
                .filter_map(|l| serde_json::from_str(l).ok())
                .collect();
            let ours = |message: &&Value| message["target"]["name"] == "mutants";
            if output.status.success() {
                let program = messages
                    .iter()
                    .filter(ours)
                    .find_map(|m| m["executable"].as_str());
                return program.expect("a program").into();
            }
            let bad: BTreeSet<usize> = messages
                .iter()
                .filter(|message| message["message"]["level"] == "error")
                .flat_map(|message| in_error(&message["message"]))
                .collect();
            let first = messages
                .iter()
                .find_map(|message| message["message"]["rendered"].as_str());
            let err = String::from_utf8_lossy(&output.stderr);
            assert!(!bad.is_empty(), "{}{err}", first.unwrap_or_default());
            let mut number = 0;
            self.mutants.retain(|_| {
                number += 1;
                !bad.contains(&(number - 1))
            });
        }
    }
}

/// The numbers of the answers in which the compiler found an error.
fn in_error(message: &Value) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    for span in message["spans"].as_array().into_iter().flatten() {
        let file = Path::new(span["file_name"].as_str().unwrap_or_default());
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        // In the module of the exercise, the line names the answer.
        let line = span["text"][0]["text"].as_str().unwrap_or_default();
        let named = line
            .split_once("check(m")
            .map(|(_, rest)| rest.split("::").next().unwrap());
        let number: Option<usize> = stem
            .strip_prefix('m')
            .or(named)
            .and_then(|number| number.parse().ok());
        found.extend(number);
    }
    found
}

/// The names of the functions that a check is given.
fn functions(module: &str) -> Vec<String> {
    let list = module
        .split_once("check::check, (")
        .expect("it is judged")
        .1;
    let list = list.split_once(')').unwrap().0;
    list.split(", ").map(str::to_owned).collect()
}

/// What is known to pass and is right, by exercise and change, with the reason.
fn stays() -> BTreeMap<(String, String), String> {
    let list: Table = include_str!("stays.toml").parse().unwrap();
    let text = |entry: &toml::Value, key: &str| entry[key].as_str().unwrap().to_owned();
    let entries = list["stays"].as_array().unwrap().iter();
    entries
        .map(|one| {
            (
                (text(one, "exercise"), text(one, "change")),
                text(one, "why"),
            )
        })
        .collect()
}

#[test]
#[ignore = "takes some minutes"]
fn no_changed_reference_passes_unless_it_is_right() {
    let stays = stays();
    let only = env::var("LESSON").ok();
    let mut wrong = Vec::new();
    for lesson in lessons() {
        if only.as_ref().is_some_and(|only| *only != lesson) {
            continue;
        }
        let mut package = Package::of(&lesson);
        let program = package.build();
        let mut passed = BTreeSet::new();
        let (mut count, mut untold) = (0, 0);
        for (number, mutant) in package.mutants.iter().enumerate() {
            let output = Command::new(&program)
                .arg(number.to_string())
                .output()
                .unwrap();
            let name = (
                format!("{lesson} {}", &mutant.exercise[1..]),
                mutant.what.clone(),
            );
            let said = String::from_utf8_lossy(&output.stdout);
            let said = said.lines().next().unwrap_or_default().to_owned();
            let passes = output.status.success();
            if mutant.what.is_empty() {
                assert!(passes, "{name:?}: the reference fails: {said}");
                continue;
            }
            count += 1;
            if passes {
                passed.insert(name.clone());
                if !stays.contains_key(&name) {
                    wrong.push(format!("{name:?} passes: {said}\n{}", mutant.text));
                }
            } else if output.status.code() == Some(101) {
                // The student's program tells the message of the panic.
            } else if output.status.code() != Some(1) || said.is_empty() {
                untold += 1;
                wrong.push(format!("{name:?} ends with {}: {said}", output.status));
            } else if env::var_os("TELL").is_some() {
                println!("{name:?}: {said}");
            }
        }
        let listed = stays
            .keys()
            .filter(|(exercise, _)| exercise.starts_with(&format!("{lesson} ")));
        for name in listed.filter(|name| !passed.contains(*name)) {
            wrong.push(format!("{name:?} is in stays.toml, and does not pass"));
        }
        println!(
            "{lesson}: {count} changes, {} pass, {untold} without a sentence",
            passed.len()
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

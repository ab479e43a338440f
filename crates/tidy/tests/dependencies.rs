//! What the crates of others must keep to: each has a reason, is used, comes from the registry, and
//! has a licence that goes with ours. Known faults need a database of them: `just advisories`.

use std::collections::BTreeMap;

use serde_json::Value;
use tidy::{cargo, crates, files, manifest, read, root};
use toml::Table;

/// Licences that may be met alone. Each lets a copier keep the code in a program that is sold.
const LICENCES: [&str; 10] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "IJG",
    "ISC",
    "MIT",
    "MPL-2.0",
    "Unicode-3.0",
    "Zlib",
];

/// Crates of which two versions are compiled, and by whom the older one is still needed.
const TWICE: [(&str, &str); 11] = [
    ("bit-vec", "proptest"),
    ("getrandom", "ring, shuttle"),
    ("miniz_oxide", "png"),
    ("phf", "htmlize"),
    ("phf_codegen", "htmlize"),
    ("phf_generator", "htmlize"),
    ("phf_shared", "htmlize"),
    ("quick-error", "rusty-fork of proptest"),
    ("rand", "shuttle"),
    ("rand_core", "shuttle"),
    ("syn", "derive macros that are not yet at 3"),
];

/// All packages that are compiled on this machine.
fn packages() -> Vec<Value> {
    let version = cargo(&["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let options = ["metadata", "--format-version", "1", "--filter-platform"];
    let json = cargo(&[&options[..], &[host.unwrap()]].concat());
    let metadata: Value = serde_json::from_str(&json).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

/// Whether one of the alternatives may be used. `/` is an old form of `OR`.
fn may_be_used(licence: &str) -> bool {
    let parts = licence.replace('/', " OR ").replace(['(', ')'], "");
    parts.split(" AND ").all(|part| {
        let mut alternatives = part.split(" OR ").map(str::trim);
        alternatives.any(|name| LICENCES.contains(&name))
    })
}

#[test]
fn licences_go_with_ours_and_all_comes_from_the_registry() {
    for licence in ["MIT", "(MIT OR GPL-3.0) AND ISC", "GPL-3.0/MIT"] {
        assert!(may_be_used(licence), "{licence}");
    }
    for licence in [
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "(MIT OR ISC) AND AGPL-3.0",
        "",
    ] {
        assert!(!may_be_used(licence), "{licence}");
    }
    let packages = packages();
    assert!(packages.len() > 100);
    for package in packages {
        let licence = package["license"].as_str().unwrap_or_default();
        assert!(may_be_used(licence), "{}: {licence:?}", package["name"]);
        let source = package["source"].as_str().unwrap_or("ours");
        let known = source == "ours" || source.starts_with("registry+");
        assert!(known, "{}: {source}", package["name"]);
    }
}

#[test]
fn nothing_is_compiled_twice_without_a_reason() {
    let mut versions: BTreeMap<String, usize> = BTreeMap::new();
    for package in packages() {
        let name = package["name"].as_str().unwrap().to_owned();
        *versions.entry(name).or_default() += 1;
    }
    let twice: Vec<_> = versions.iter().filter(|&(_, &n)| n > 1).collect();
    let twice: Vec<_> = twice.into_iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(twice, TWICE.map(|(name, _)| name));
}

/// Two crates are chosen in `Cargo.lock` alone, since newer ones take much longer to build and do
/// nothing more for us. An update of all crates undoes that; then run `cargo update -p NAME
/// --precise VERSION`.
/// - `idna_adapter` 1.1.0, for international host names, needs five small crates in the place of
///   twenty.
/// - `half` 2.4.1, for TIFFs with half floats, does not need `zerocopy` and its macros.
#[test]
fn what_builds_quickly_is_locked() {
    let lock = manifest("Cargo.lock");
    let packages = lock["package"].as_array().unwrap();
    for (name, version) in [("idna_adapter", "1.1.0"), ("half", "2.4.1")] {
        let locked = packages.iter().find(|p| p["name"].as_str() == Some(name));
        let locked = locked.and_then(|package| package["version"].as_str());
        assert_eq!(locked, Some(version), "{name}");
    }
    let has = |name: &str| packages.iter().any(|p| p["name"].as_str() == Some(name));
    assert!(has("idna_mapping") && !has("icu_normalizer"));
}

/// The compiler that our manifests name is new enough for every crate. What our own code asks for
/// is checked by Clippy, which knows since when the standard library has each item.
///
/// One crate is chosen in `Cargo.lock` for this: `generator` 0.8.9, of `loom`. A newer one asks for
/// Rust 1.95.
#[test]
fn no_crate_needs_a_newer_compiler_than_we_say() {
    let number = |version: &str| -> Vec<u32> {
        let parts = version.split('.').take(2);
        parts.map(|part| part.parse().unwrap()).collect()
    };
    let own = manifest("Cargo.toml")["package"]["rust-version"].clone();
    let own = own.as_str().unwrap();
    for package in packages() {
        let needed = package["rust_version"].as_str().unwrap_or(own);
        let name = &package["name"];
        assert!(number(needed) <= number(own), "{name} needs {needed}");
    }
}

/// The dependencies in a manifest: the section's name and the crate's.
fn dependencies(manifest: &Table) -> Vec<(String, String)> {
    let sections = ["dependencies", "dev-dependencies", "build-dependencies"];
    let of = |section: &&str| {
        let table = manifest.get(*section).and_then(toml::Value::as_table);
        let names = table.into_iter().flat_map(Table::keys);
        names
            .map(|name| ((*section).to_owned(), name.clone()))
            .collect::<Vec<_>>()
    };
    sections.iter().flat_map(of).collect()
}

#[test]
fn every_dependency_is_used() {
    let manifests = crates().into_iter().map(|name| format!("crates/{name}"));
    for folder in manifests.chain([String::new()]) {
        let folder = root().join(folder);
        let parts = ["src", "tests", "examples", "benches", "build.rs"];
        let sources = parts.iter().flat_map(|part| files(folder.join(part), "rs"));
        let sources: String = sources.map(read).collect();
        let words: Vec<&str> = sources
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .collect();
        for (section, name) in dependencies(&manifest(folder.join("Cargo.toml"))) {
            // It is there for its features: see the manifest.
            if (section.as_str(), name.as_str()) == ("build-dependencies", "syn") {
                continue;
            }
            let module = name.replace('-', "_");
            let place = folder.display();
            assert!(words.contains(&&*module), "{place}: {section}: {name}");
        }
    }
}

/// A reason is a comment in the dependency's line, or in the line above it.
#[test]
fn every_dependency_of_a_lesson_has_its_reason() {
    for name in crates() {
        let path = format!("crates/{name}/Cargo.toml");
        let text = read(&path);
        let (_, section) = text.split_once("\n[dependencies]\n").expect(&path);
        let (section, _) = section.split_once("\n\n").unwrap();
        let mut before = "";
        for line in section.lines() {
            let is_ours = line.starts_with("timing = ");
            let told = line.contains(" # ") || before.starts_with("# ");
            assert!(is_ours || line.starts_with('#') || told, "{path}: {line}");
            before = line;
        }
    }
}

//! A second opinion on `ladder.rs`: the rules once more in Promela, examined by spin, which
//! computes deadlock, livelock and starvation under weak fairness in a way of its own.
//!
//! It is skipped, with a line, where spin or a C compiler is missing (`apt-get install spin gcc`).
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::Command;

use philosophers::ladder::AnyRule;
use philosophers::{hand_over, monitor, naive, ordered, try_lock, waiter};
use timing::limit::InTime;

/// Runs a program in this folder, and returns what it prints.
fn run(folder: &Path, program: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(program);
    let output = command.args(arguments).current_dir(folder).output_in_time();
    let (out, err) = (output.stdout, output.stderr);
    let text = String::from_utf8_lossy(&out).into_owned() + &String::from_utf8_lossy(&err);
    assert!(output.status.success(), "{program} {arguments:?}: {text}");
    text
}

/// Whether spin's verifier finds an error.
fn has_error(folder: &Path, program: &str, arguments: &[&str]) -> bool {
    let text = run(folder, program, arguments);
    let no = text.contains("errors: 0");
    assert!(no || text.contains("errors: 1"), "{text}");
    // Otherwise "no error" would mean nothing.
    let whole = !text.contains("max search depth too small");
    assert!(whole, "{text}");
    !no
}

#[test]
fn spin_finds_the_same() {
    let missing = |program: &str| Command::new(program).arg("-V").output().is_err();
    if let Some(program) = ["spin", "cc"].into_iter().find(|it| missing(it)) {
        println!("skipped: {program} is not installed");
        return;
    }
    let rules: [(&str, &dyn AnyRule); 6] = [
        ("NAIVE", &naive::Model),
        ("ORDERED", &ordered::Model),
        ("WAITER", &waiter::Model),
        ("TRY_LOCK", &try_lock::Model),
        ("MONITOR", &monitor::Model),
        ("HAND_OVER", &hand_over::Model),
    ];
    let numbered = (0..)
        .zip(rules)
        .map(|(number, (name, _))| format!("#define {name} {number}\n"));
    let numbers: String = numbered.collect();
    for (name, model) in rules {
        for seats in 2..=4 {
            let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{seats}"));
            let folder = folder.as_path();
            fs::create_dir_all(folder).unwrap();
            let head = format!("{numbers}#define RULE {name}\n#define SEATS {seats}\n");
            let text = head + include_str!("spin/table.pml");
            fs::write(folder.join("table.pml"), text).unwrap();
            run(folder, "spin", &["-a", "table.pml"]);
            let options = ["-w", "-DSAFETY", "-DNOCLAIM", "-o", "safe", "pan.c"];
            run(folder, "cc", &options);
            run(folder, "cc", &["-w", "-DNFAIR=3", "-o", "live", "pan.c"]);
            let deadlock = has_error(folder, "./safe", &["-m1000000"]);
            let never =
                |claim| has_error(folder, "./live", &["-m1000000", "-a", "-f", "-N", claim]);
            let [stuck, livelock, starvation, _] = model.check(seats).answers();
            assert_eq!(deadlock, stuck, "{name} {seats}: deadlock");
            // To spin, nobody eats in a deadlock, either.
            assert_eq!(never("no_livelock"), livelock || stuck, "{name} {seats}");
            assert_eq!(
                never("no_starvation"),
                starvation || stuck,
                "{name} {seats}"
            );
        }
    }
}

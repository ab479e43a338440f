//! Speed-up, efficiency and Amdahl's law, against values worked out by hand.

use std::time::Duration;

use timing::{Comparison, Machine, Run, efficiency, speed_up};
use unicode_width::UnicodeWidthStr;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn run(name: &str, workers: usize, wall: Duration) -> Run {
    let (_, run) = Run::record(name, workers, |_| ());
    Run { wall, ..run }
}

#[test]
fn by_hand() {
    assert_eq!(speed_up(ms(4_000), ms(1_000)), Some(4.0));
    assert_eq!(speed_up(ms(100), ms(200)), Some(0.5));
    assert_eq!(speed_up(ms(100), ms(0)), None);
    assert_eq!(speed_up(ms(0), ms(100)), None);
    assert_eq!(efficiency(3.0, 4), Some(0.75));
    assert_eq!(efficiency(3.0, 0), None);
}

#[test]
fn a_table_of_several_runs_has_their_median_and_marks_the_noise() {
    let runs = [
        run("sequential", 1, ms(100)),
        run("fast", 2, ms(50)),
        run("same", 2, ms(95)),
        run("sequential", 1, ms(120)),
        run("fast", 2, ms(60)),
        run("same", 2, ms(105)),
        run("sequential", 1, ms(110)),
    ];
    let comparison = Comparison::of(&runs);
    let [sequential, fast, same] = comparison.rows() else {
        panic!("{comparison}");
    };
    assert_eq!((sequential.wall, sequential.samples), (ms(110), 3));
    assert_eq!((fast.speed_up, fast.efficiency), (Some(2.0), Some(1.0)));
    assert!(!sequential.within_noise && !fast.within_noise && same.within_noise);
    let text = comparison.to_string();
    assert!(text.contains("~1.10") && !text.contains("~2.00"), "{text}");
    assert!(
        text.contains("no difference to sequential that these runs could show: same."),
        "{text}"
    );
    assert!(!text.contains("--runs"), "{text}");
}

#[test]
fn a_table_of_single_runs_says_that_the_noise_is_unknown() {
    let text = Comparison::of(&[run("a", 1, ms(10)), run("b", 1, ms(11))]).to_string();
    assert!(
        text.contains("One run each") && !text.contains('~'),
        "{text}"
    );
    // Of one strategy alone nothing is compared.
    let alone = Comparison::of(&[run("a", 1, ms(10))]).to_string();
    assert!(!alone.contains("One run each"), "{alone}");
}

#[test]
fn no_time_and_no_workers_make_no_nonsense() {
    let runs = [run("a", 1, ms(0)), run("b", 0, ms(0)), run("c", 3, ms(5))];
    let comparison = Comparison::of(&runs);
    let text = comparison.to_string();
    for nonsense in ["NaN", "inf", "%%"] {
        assert!(!text.contains(nonsense), "{text}");
    }
    assert!(comparison.rows().iter().all(|row| row.speed_up.is_none()));
    assert!(comparison.to_json()["rows"][0]["speed_up"].is_null());
    assert!(!Comparison::of(&[]).to_string().is_empty());
}

#[test]
fn more_workers_than_cores_is_said() {
    let cores = Machine::detect().cores;
    let runs = [run("fits", cores, ms(5)), run("crowd", cores + 1, ms(5))];
    let text = Comparison::of(&runs).to_string();
    assert!(text.contains("when they compute: crowd."), "{text}");
}

#[test]
fn one_run_has_no_noise_to_be_inside_of_but_several_may_cover_it() {
    let base = [100, 120].map(|wall| run("a", 1, ms(wall)));
    let inside = run("b", 1, ms(110));
    let text = Comparison::of(&[base.to_vec(), vec![inside]].concat()).to_string();
    assert!(text.contains("could show: b."), "{text}");
    let around = [90, 110].map(|wall| run("b", 1, ms(wall)));
    let text = Comparison::of(&[vec![run("a", 1, ms(100))], around.to_vec()].concat()).to_string();
    assert!(text.contains("could show: b."), "{text}");
    let text = Comparison::of(&[run("a", 1, ms(100)), run("b", 1, ms(100))]).to_string();
    assert!(!text.contains('~'), "{text}");
}

#[test]
fn the_table_fits_a_terminal_and_keeps_to_its_lines_whatever_the_words() {
    let cores = Machine::detect().cores;
    let names = [
        "sequential",
        "processes",
        "pipeline",
        "\u{1b}[2Jmessy\n",
        &"long ".repeat(2_000),
    ];
    let outcome = "deadlock: Aristotle -> Plato -> Socrates -> Aristotle\u{7}";
    let runs: Vec<_> = [names, names]
        .concat()
        .into_iter()
        .map(|name| run(name, cores + 1, ms(12_345)).outcome(outcome))
        .collect();
    let text = Comparison::of(&runs).to_string();
    for line in text.lines() {
        assert!(line.width() <= 80, "{}: {line}", line.width());
        assert!(!line.contains(char::is_control), "{line:?}");
    }
    assert!(text.lines().count() < 40, "{text}");
    for word in ["sequential", "Socrates", "long"] {
        assert!(text.contains(word), "no {word}:\n{text}");
    }
}

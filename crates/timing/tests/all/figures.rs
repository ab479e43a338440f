//! Speed-up, efficiency and Amdahl's law, against values worked out by hand.

use std::time::Duration;

use proptest::prelude::*;
use timing::{Comparison, Machine, Run, Scaling, amdahl, efficiency, speed_up};
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
    // A tenth serial: 1 / (0.1 + 0.9 / 9) = 5, and never more than 10.
    assert!((amdahl(0.1, 9) - 5.0).abs() < 1e-12);
    assert!((amdahl(0.1, usize::MAX) - 10.0).abs() < 1e-6);
    assert_eq!(
        [amdahl(0.0, 8), amdahl(1.0, 8), amdahl(0.3, 1)],
        [8.0, 1.0, 1.0]
    );
}

#[test]
fn the_fit_finds_the_serial_part_that_is_there() {
    // A quarter of 800 ms is serial: 200 + 600 / n.
    let exact = [(1, 800), (2, 500), (3, 400), (4, 350)];
    let samples = exact.map(|(workers, wall)| (workers, vec![ms(wall)]));
    let scaling = Scaling::from_samples(samples.to_vec());
    assert!((scaling.serial_fraction().unwrap() - 0.25).abs() < 1e-9);
    assert!((scaling.predict(6).unwrap() - 800.0 / 300.0).abs() < 1e-9);
    assert_eq!(scaling.points()[2].speed_up, Some(2.0));
    assert!(
        scaling.to_string().contains("25.0 % of the work serial"),
        "{scaling}"
    );
    let json = scaling.to_json();
    assert_eq!(json["points"][1]["median"], 0.5);
}

#[test]
fn the_fit_says_nothing_where_nothing_can_be_known() {
    let fit = |samples: &[(usize, &[u64])]| {
        let samples = samples
            .iter()
            .map(|&(n, walls)| (n, walls.iter().map(|&w| ms(w)).collect()));
        Scaling::from_samples(samples.collect()).serial_fraction()
    };
    assert_eq!(fit(&[]), None);
    assert_eq!(fit(&[(1, &[100])]), None, "one worker");
    assert_eq!(fit(&[(2, &[100]), (4, &[50])]), None, "never one worker");
    assert_eq!(fit(&[(1, &[0]), (2, &[0])]), None, "no time");
    assert_eq!(fit(&[(1, &[]), (2, &[7])]), None, "no sample");
    assert_eq!(
        fit(&[(1, &[100]), (2, &[40])]),
        Some(0.0),
        "better than linear"
    );
    assert_eq!(
        fit(&[(1, &[100]), (2, &[300])]),
        Some(1.0),
        "worse than serial"
    );
    assert!(
        Scaling::from_samples(vec![])
            .to_string()
            .contains("Too little")
    );
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

#[test]
fn more_workers_than_cores_makes_a_fit_doubtful() {
    let cores = Machine::detect().cores;
    let scaling = |most| Scaling::from_samples((0..=most).map(|n| (n, vec![ms(100)])).collect());
    assert!(!scaling(cores).to_string().contains("had to share"));
    assert!(scaling(cores + 1).to_string().contains("had to share"));
    assert_eq!(
        scaling(2).points()[0].workers,
        1,
        "nobody's time is no measurement"
    );
}

proptest! {
    #[test]
    fn amdahl_is_bounded_and_monotone(serial in 0.0..=1.0, workers in 1_usize..5_000) {
        let speed_up = amdahl(serial, workers);
        prop_assert!(speed_up >= 1.0 - 1e-12);
        prop_assert!(speed_up <= workers as f64 * (1.0 + 1e-12));
        prop_assert!(speed_up <= 1.0 / serial * (1.0 + 1e-12));
        prop_assert!(amdahl(serial, workers + 1) >= speed_up * (1.0 - 1e-12));
    }

    #[test]
    fn the_fit_recovers_any_serial_part(serial in 0.0..=1.0, most in 2_usize..32) {
        let wall = |n| Duration::from_secs_f64(100.0 / amdahl(serial, n));
        let samples = (1..=most).map(|n| (n, vec![wall(n)])).collect();
        let fitted = Scaling::from_samples(samples).serial_fraction().unwrap();
        prop_assert!((fitted - serial).abs() < 1e-6, "{fitted}");
    }

    #[test]
    fn any_samples_give_a_fraction_or_none(walls in prop::collection::vec(0_u64..1_000_000, 1..20)) {
        let samples = walls.iter().zip(1..).map(|(&w, n)| (n, vec![Duration::from_micros(w)]));
        let scaling = Scaling::from_samples(samples.collect());
        if let Some(serial) = scaling.serial_fraction() {
            prop_assert!((0.0..=1.0).contains(&serial));
        }
        prop_assert!(!scaling.to_string().contains("NaN"));
    }
}

#[test]
fn measuring_interleaves_the_numbers_of_workers() {
    let mut order = Vec::new();
    let scaling = Scaling::measure(1..=3, 2, |workers| order.push(workers));
    assert_eq!(order, [1, 2, 3, 1, 2, 3]);
    let workers: Vec<_> = scaling.points().iter().map(|point| point.workers).collect();
    assert_eq!(workers, [1, 2, 3]);
}

//! Amdahl's law and its fit, against values worked out by hand.

use std::time::Duration;

use cpu_bound::scaling::{Scaling, ScalingPoint, amdahl};
use timing::Machine;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[test]
fn amdahls_law_by_hand() {
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
    assert_eq!(scaling.predict(0), None);
    assert_eq!(scaling.points()[2].speed_up, Some(2.0));
    assert!(
        scaling.to_string().contains("25.0 % of the work serial"),
        "{scaling}"
    );
    let json = scaling.to_json();
    assert_eq!(json["points"][1]["median"], 0.5);
}

#[test]
fn a_point_is_the_median_and_its_efficiency_is_for_each_worker() {
    let samples = [
        (1, [900, 700, 800]),
        (2, [400, 900, 500]),
        (4, [250, 250, 200]),
    ];
    let samples = samples.map(|(workers, walls)| (workers, walls.map(ms).to_vec()));
    let scaling = Scaling::from_samples(samples.to_vec());
    let of = |point: &ScalingPoint| (point.fastest, point.median, point.slowest);
    let times: Vec<_> = scaling.points().iter().map(of).collect();
    let expected = [(700, 800, 900), (400, 500, 900), (200, 250, 250)];
    assert_eq!(times, expected.map(|(a, b, c)| (ms(a), ms(b), ms(c))));
    let of = |point: &ScalingPoint| (point.speed_up.unwrap(), point.efficiency.unwrap());
    let gains: Vec<_> = scaling.points().iter().map(of).collect();
    assert_eq!(gains, [(1.0, 1.0), (1.6, 0.8), (3.2, 0.8)]);
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

/// Serial parts from 0 to 1, in steps that are no round numbers.
fn serial_parts() -> impl Iterator<Item = f64> {
    (0..=97).map(|part| f64::from(part) / 97.0)
}

#[test]
fn amdahl_is_bounded_and_monotone() {
    for serial in serial_parts() {
        for workers in (1..200).chain([1_000, 4_999]) {
            let speed_up = amdahl(serial, workers);
            assert!(speed_up >= 1.0 - 1e-12);
            assert!(speed_up <= workers as f64 * (1.0 + 1e-12));
            assert!(speed_up <= 1.0 / serial * (1.0 + 1e-12));
            assert!(amdahl(serial, workers + 1) >= speed_up * (1.0 - 1e-12));
        }
    }
}

#[test]
fn the_fit_recovers_any_serial_part() {
    for serial in serial_parts() {
        for most in 2..32 {
            let wall = |n| Duration::from_secs_f64(100.0 / amdahl(serial, n));
            let samples = (1..=most).map(|n| (n, vec![wall(n)])).collect();
            let fitted = Scaling::from_samples(samples).serial_fraction().unwrap();
            assert!((fitted - serial).abs() < 1e-6, "{fitted}");
        }
    }
}

#[test]
fn any_samples_give_a_fraction_or_none() {
    let mut random = 1_u64;
    for count in (1..20).cycle().take(2_000) {
        let walls = (1..=count).map(|workers| {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (
                workers,
                vec![Duration::from_micros((random >> 40) % 1_000_000)],
            )
        });
        let scaling = Scaling::from_samples(walls.collect());
        if let Some(serial) = scaling.serial_fraction() {
            assert!((0.0..=1.0).contains(&serial));
        }
        assert!(!scaling.to_string().contains("NaN"));
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

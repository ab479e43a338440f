//! What every strategy must do, what its model says, and the real program as its user runs it.

use std::collections::HashSet;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier, Condvar, Mutex, mpsc};
use std::time::Duration;
use timing::limit::InTime;

use clap::ValueEnum;
use philosophers::hand_over::{self, Line};
use philosophers::outcome::Dinner;
use philosophers::pace::{self, Round, Until};
use philosophers::rule::{Rule, Step};
use philosophers::{Job, Strategy, dine};
use timing::{Kind, Recording, Run, Timeline, cli};

fn job(seats: usize, meals: u64, eat: Duration) -> Job {
    let round = Round {
        eat,
        ..Round::default()
    };
    Job::new(seats, pace::steady(round, Until::Meals(meals)))
}

fn all_but_naive() -> impl Iterator<Item = Strategy> {
    let all = Strategy::value_variants().iter().copied();
    all.filter(|strategy| *strategy != Strategy::Naive)
}

#[test]
fn all_but_naive_feed_everybody() {
    for strategy in all_but_naive() {
        for seats in [2, 3, 5, 40] {
            // A fork in two hands would be a panic, and with that an error.
            let dinner = strategy.run(&job(seats, 25, Duration::ZERO), &Timeline::off());
            let dinner = dinner.unwrap();
            assert!(
                dinner.plates.iter().all(|plate| plate.meals == 25),
                "{strategy:?}: {dinner:?}"
            );
            assert_eq!(
                (dinner.deadlock, dinner.standstill.len()),
                (None, 0),
                "{strategy:?}"
            );
        }
    }
}

/// Another seed, seat or meal has other times, and the same has the same.
#[test]
fn random_rounds_lie_about_the_mean() {
    let mean = Round {
        think: Duration::from_secs(1),
        eat: Duration::from_secs(3),
        busy: false,
    };
    let rounds = |seed, seats, meals| {
        let pace = pace::random(mean, Until::Meals(meals), seed);
        let all = (0..seats).flat_map(|seat| (0..=meals).map(move |meal| (seat, meal)));
        all.filter_map(|(seat, meal)| pace(seat, meal))
            .collect::<Vec<_>>()
    };
    let some = (0..4).flat_map(|seed| rounds(seed, 4, 4));
    let different: HashSet<_> = some.flat_map(|round| [round.think, round.eat]).collect();
    assert_eq!(different.len(), 2 * 4 * 4 * 4);
    let many = rounds(1, 10, 200);
    assert_eq!(many, rounds(1, 10, 200));
    assert_eq!(many.len(), 10 * 200);
    for (times, mean) in [
        (
            many.iter().map(|round| round.think).collect::<Vec<_>>(),
            mean.think,
        ),
        (many.iter().map(|round| round.eat).collect(), mean.eat),
    ] {
        let average = times.iter().sum::<Duration>() / 2_000;
        assert!(average.abs_diff(mean) < mean / 10, "{average:?}");
        assert!(times.iter().all(|time| *time <= 2 * mean));
    }
}

/// The forks are handed to the first who can have both, and nobody takes them before that.
#[test]
fn forks_that_are_handed_over_go_to_neighbours_in_their_order() {
    let mut line = Line::new(4);
    let waits = |line: &Line| [0, 1, 2, 3].map(|seat| line.has(seat));
    for seat in [0, 2, 1, 3] {
        line.join(seat);
    }
    assert_eq!(waits(&line), [false, true, false, true]);
    line.put_both(0);
    assert_eq!(waits(&line), [false, true, false, true]);
    line.put_both(2);
    assert_eq!(waits(&line), [false; 4]);

    let model = hand_over::Model;
    let (_, state) = model.next(&model.start(2), 0).unwrap();
    let (_, state) = model.next(&state, 1).unwrap();
    assert!(model.next(&state, 0).is_some() && model.next(&state, 1).is_none());
}

#[test]
fn only_naive_may_deadlock_and_no_rule_may_stand_still_otherwise() {
    let dinner = Dinner::default();
    let still = Dinner {
        standstill: vec!["Plato has fork 1".to_owned()],
        ..Dinner::default()
    };
    let stuck = Dinner {
        deadlock: Strategy::Naive
            .run(&job(2, 1, Duration::ZERO), &Timeline::off())
            .unwrap()
            .deadlock,
        ..still.clone()
    };
    for strategy in Strategy::value_variants() {
        let allowed = [&dinner, &still, &stuck].map(|dinner| strategy.allows(dinner));
        assert_eq!(allowed, [true, false, *strategy == Strategy::Naive]);
    }
}

#[test]
fn naive_deadlocks_in_every_run_and_says_who_waits_for_whom() {
    for seats in (2..=6).chain([2, 3, 4, 5, 40]) {
        let dinner = Strategy::Naive.run(&job(seats, 3, Duration::ZERO), &Timeline::off());
        let dinner = dinner.unwrap();
        let cycle = dinner.deadlock.as_ref().expect("a deadlock");
        assert_eq!(cycle.links().len(), seats);
        assert_eq!(dinner.meals(), 0);
        assert_eq!(dinner.standstill.len(), seats, "{:?}", dinner.standstill);
        let waits = dinner
            .standstill
            .iter()
            .filter(|line| line.contains(" wait"));
        assert_eq!(waits.count(), seats, "{:?}", dinner.standstill);
    }
}

/// How many pairs of work spans overlap within a row.
fn overlaps(recording: &Recording) -> usize {
    let mut count = 0;
    for row in &recording.rows {
        let work: Vec<_> = row
            .spans
            .iter()
            .filter(|span| span.kind == Kind::Act)
            .collect();
        count += work
            .windows(2)
            .filter(|pair| pair[1].start_ns < pair[0].end_ns)
            .count();
    }
    count
}

#[test]
fn neighbours_never_eat_together() {
    for strategy in all_but_naive() {
        let mut job = job(4, 6, Duration::from_millis(5));
        let (dinner, run) = Run::record(&cli::name(&strategy), 4, |timeline| {
            job.observers.fork_timeline = timeline.beside();
            strategy.run(&job, timeline)
        });
        dinner.unwrap();
        let names: Vec<_> = run.recording.rows.iter().map(|row| &*row.name).collect();
        assert_eq!(names, ["Aristotle", "Plato", "Hypatia", "Confucius"]);
        assert!(run.recording.peak(Kind::Act) <= 2, "{strategy:?}");
        let forks = job.observers.fork_timeline.recording();
        let names: Vec<_> = forks.rows.iter().map(|row| &*row.name).collect();
        assert_eq!(names, ["fork 0", "fork 1", "fork 2", "fork 3"]);
        assert_eq!(overlaps(&forks), 0, "{strategy:?}");
        let meals = |row: &timing::Row| row.spans.iter().filter(|s| s.kind == Kind::Act).count();
        // Each fork serves two, six meals each.
        assert!(
            forks.rows.iter().all(|row| meals(row) == 12),
            "{strategy:?}"
        );
    }
}

/// The monitor reports its steps under its lock: with real threads, too, their order is that in
/// which they happened. The proof compares the steps of all rules, in every schedule that it
/// explores.
#[test]
fn the_steps_of_a_real_run_are_steps_of_the_model() {
    let steps = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&steps);
    let mut job = job(5, 40, Duration::ZERO);
    job.observers.on_step = Some(Arc::new(move |seat, step| {
        // Eating is reported outside of the lock.
        if step != Step::Eats {
            let mut steps = noted.lock().unwrap();
            steps.push((seat, step));
            if step == Step::TakesBoth {
                steps.push((seat, Step::Eats));
            }
        }
    }));
    Strategy::Monitor.run(&job, &Timeline::off()).unwrap();
    let mut steps = steps.lock().unwrap().clone();
    assert_eq!(steps.len(), 5 * 40 * 3);
    let (_, model) = Strategy::Monitor.rule();
    model.follows(5, &steps).unwrap();
    // A wrong step is noticed: a neighbour begins before the forks are back.
    let first = steps[0].0;
    steps.insert(1, ((first + 1) % 5, Step::TakesBoth));
    let error = model.follows(5, &steps).unwrap_err();
    assert!(error.starts_with("step 1: "), "{error}");
}

/// Seat 0 has both forks and thinks for an hour: it gives them away meanwhile.
#[test]
fn chandy_misra_answers_while_it_thinks() {
    let pace: pace::Pace = Arc::new(|seat, _| {
        Some(Round {
            think: Duration::from_secs(if seat == 0 { 3_600 } else { 0 }),
            ..Round::default()
        })
    });
    let mut job = Job::new(2, pace);
    job.give_up_after = Some(Duration::from_secs(20));
    let stop = Arc::clone(&job.stop);
    job.observers.on_step = Some(Arc::new(move |_, step| {
        if step == Step::Eats {
            stop.store(true, SeqCst);
        }
    }));
    let dinner = Strategy::ChandyMisra.run(&job, &Timeline::off()).unwrap();
    assert_eq!(dinner.standstill, [""; 0]);
    assert_eq!(dinner.plates[1].meals, 1);
}

/// A fork that is put back without a meal was held idle, and that is drawn.
#[test]
fn a_fork_that_is_given_up_is_drawn() {
    let mut job = job(2, 5, Duration::ZERO);
    job.observers.fork_timeline = Timeline::new();
    let in_vain = Arc::new(AtomicUsize::new(0));
    let (noted, both, first) = (Arc::clone(&in_vain), Barrier::new(2), [(); 2]);
    let first = first.map(|()| AtomicBool::new(true));
    job.observers.on_step = Some(Arc::new(move |seat, step| match step {
        // Both have their first fork, so the one who first looks for the second does so in vain.
        Step::Takes(_) if first[seat].swap(false, SeqCst) => drop(both.wait()),
        Step::Finds(fork) if fork != seat => drop(noted.fetch_add(1, SeqCst)),
        _ => {}
    }));
    let forks = job.observers.fork_timeline.clone();
    Strategy::TryLock.run(&job, &Timeline::off()).unwrap();
    let spans = forks.recording().rows;
    let spans = spans.iter().flat_map(|row| &row.spans);
    let idle = spans.filter(|span| span.kind == Kind::Wait).count();
    let in_vain = in_vain.load(SeqCst);
    assert!(in_vain > 0);
    // With each meal, both forks were idle from their taking to its begin.
    assert_eq!(idle, in_vain + 2 * 2 * 5);
}

/// A request that comes before the meal is answered right after it, and not after the hour that is
/// then thought for.
#[test]
fn chandy_misra_answers_before_it_thinks() {
    // How often seat 1 has asked since its last meal.
    let asked = (Mutex::new(0), Condvar::new());
    let (got, ate) = (Arc::new(AtomicBool::new(false)), AtomicUsize::new(0));
    let thinks = Arc::clone(&got);
    let pace: pace::Pace = Arc::new(move |seat, meals| {
        let hour = seat == 0 && thinks.load(SeqCst);
        let round = Round {
            think: Duration::from_secs(if hour { 3_600 } else { 0 }),
            ..Round::default()
        };
        // If seat 0 is never answered, seat 1 does not eat for ever.
        (meals < 1_000).then_some(round)
    });
    let mut job = Job::new(2, pace);
    job.give_up_after = Some(Duration::from_secs(20));
    let stop = Arc::clone(&job.stop);
    job.observers.on_step = Some(Arc::new(move |seat, step| {
        let (count, changed) = &asked;
        match (seat, step) {
            // Seat 0 gets its first fork back: it goes on when seat 1 has asked for both again.
            (0, Step::Gets(_)) if !got.swap(true, SeqCst) => {
                let mut count = count.lock().unwrap();
                while *count < 2 {
                    count = changed.wait(count).unwrap();
                }
            }
            (1, Step::Asks(_)) => {
                *count.lock().unwrap() += 1;
                changed.notify_all();
            }
            (1, Step::Eats) => {
                *count.lock().unwrap() = 0;
                if got.load(SeqCst) && ate.fetch_add(1, SeqCst) > 0 {
                    stop.store(true, SeqCst);
                }
            }
            _ => {}
        }
    }));
    let dinner = Strategy::ChandyMisra.run(&job, &Timeline::off()).unwrap();
    assert_eq!(dinner.standstill, [""; 0]);
}

#[test]
fn the_ladder() {
    for (strategy, seats, expected) in [
        //                              deadlock, livelock, starvation weak, strong
        (Strategy::Naive, 2..=5, [true, false, true, false]),
        (Strategy::Ordered, 2..=5, [false, false, true, false]),
        (Strategy::Waiter, 2..=5, [false, false, true, false]),
        (Strategy::TryLock, 2..=5, [false, true, true, true]),
        (Strategy::Monitor, 2..=3, [false, false, true, false]),
        // From four seats on, two philosophers who are not neighbours can starve the one between.
        (Strategy::Monitor, 4..=5, [false, false, true, true]),
        (Strategy::ChandyMisra, 2..=4, [false, false, false, false]),
    ] {
        let (_, model) = strategy.rule();
        for seats in seats {
            let found = model.check(seats).answers();
            assert_eq!(found, expected, "{strategy:?} with {seats}");
        }
    }
}

#[test]
fn a_dinner_at_which_nothing_moves_is_given_up() {
    let never = Arc::new(Barrier::new(3));
    let job = Job {
        give_up_after: Some(Duration::from_millis(100)),
        ..job(2, 1, Duration::ZERO)
    };
    // Two wait at a barrier for a third: the wait-for graph knows nothing of barriers.
    let dinner = dine::dine(&job, &Timeline::off(), |_| {
        let never = Arc::clone(&never);
        move |seat| {
            seat.think();
            never.wait();
            Ok(())
        }
    });
    assert_eq!(
        dinner.unwrap().standstill,
        [
            "nothing moved for 0.1 s",
            "Aristotle is hungry",
            "Plato is hungry"
        ]
    );
    never.wait();
}

/// A flag that is raised when this is dropped, by a panic, too.
struct Gone(Arc<AtomicBool>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

/// One waits, with its first fork, for all the others, and they are told to stop before they come.
#[test]
fn a_dinner_that_is_stopped_ends_soon_whoever_waits_for_whom() {
    let (taken, takes) = mpsc::channel();
    let pace = |seat, _| {
        Some(Round {
            think: Duration::from_secs(if seat == 0 { 0 } else { 3600 }),
            ..Round::default()
        })
    };
    let mut job = Job::new(3, Arc::new(pace));
    job.give_up_after = Some(Duration::from_secs(3600));
    job.observers.on_step = Some(Arc::new(move |_, step| {
        if let Step::Takes(_) = step {
            let _ = taken.send(());
        }
    }));
    let stop = Arc::clone(&job.stop);
    let stopper = std::thread::spawn(move || {
        takes.recv().unwrap();
        stop.store(true, SeqCst);
    });
    let dinner = Strategy::Naive.run(&job, &Timeline::off()).unwrap();
    stopper.join().unwrap();
    assert_eq!((dinner.meals(), dinner.deadlock), (0, None));
    assert!(dinner.standstill.is_empty(), "{:?}", dinner.standstill);
}

/// Philosophers wait for ever for the one who panicked.
#[test]
fn a_panic_is_told_although_others_wait_for_ever() {
    let never = Arc::new(Barrier::new(3));
    let job = Job {
        give_up_after: Some(Duration::from_secs(3600)),
        ..job(2, 1, Duration::ZERO)
    };
    let dinner = dine::dine(&job, &Timeline::off(), |number| {
        let never = Arc::clone(&never);
        move |seat| {
            seat.think();
            assert!(number == 0, "no appetite");
            never.wait();
            Ok(())
        }
    });
    let error = dinner.unwrap_err().to_string();
    assert_eq!(error, "Plato panicked, and others wait for it");
}

#[test]
fn who_eats_with_a_fork_that_another_eats_with_is_a_panic() {
    let gone = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&gone);
    let mut job = job(2, 1, Duration::ZERO);
    // The first philosopher eats until the other one is gone.
    job.observers.on_step = Some(Arc::new(move |_, step| {
        while step == Step::Eats && !seen.load(SeqCst) {
            std::thread::yield_now();
        }
    }));
    let dinner = dine::dine(&job, &Timeline::off(), |_| {
        let gone = Gone(Arc::clone(&gone));
        move |seat| {
            let _gone = gone;
            seat.think();
            seat.eat();
            Ok(())
        }
    });
    let error = dinner.unwrap_err().to_string();
    assert!(
        error.contains(" panicked: fork ") && error.contains("in two hands"),
        "{error}"
    );
}

fn philosophers(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_philosophers"));
    command
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

#[track_caller]
fn ended(output: Output, status: i32) -> (String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (out, err) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(status), "{out}{err}");
    assert!(!err.contains("panicked"), "{err}");
    (out, err)
}

/// The cells of a strategy's row in the table of meals: its name, meals, meals a second, longest
/// wait (two words), fairness, outcome.
#[track_caller]
fn row<'a>(out: &'a str, name: &str) -> Vec<&'a str> {
    let table = out.split("longest wait").nth(1).unwrap();
    let rows = table
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>());
    rows.into_iter()
        .find(|cells| cells.first() == Some(&name))
        .expect(name)
}

#[test]
fn without_arguments_every_rule_is_tried_and_naive_is_left_behind() {
    let (out, err) = ended(
        philosophers(&["--meals", "2", "--think", "1ms", "--eat", "1ms"]).output_in_time(),
        0,
    );
    assert_eq!(err, "");
    for &strategy in Strategy::value_variants() {
        let name = cli::name(&strategy);
        let said = out.split(&format!("--- {name} ---\n")).nth(1).unwrap();
        let said = said.split("---").next().unwrap();
        let is_naive = strategy == Strategy::Naive;
        assert_eq!(said.contains("deadlock: "), is_naive, "{said}");
        let row = row(&out, &name);
        assert_eq!(row[1] == "0", is_naive, "{row:?}");
        assert_eq!(row[5] == "-", is_naive, "{row:?}");
    }
    assert!(
        out.contains("deadlock of 5") && out.contains("Aristotle"),
        "{out}"
    );
}

#[test]
fn meals_are_counted_and_the_same_for_all() {
    let names = ["ordered", "chandy-misra", "try-lock"];
    let arguments = [
        "ordered",
        "chandy_misra",
        "try_lock",
        "--meals",
        "7",
        "--eat",
        "1ms",
        "--think",
        "0s",
    ];
    let (out, _) = ended(philosophers(&arguments).output_in_time(), 0);
    for name in names {
        let row = row(&out, name);
        assert_eq!(
            (row[1], row[5], &row[6..]),
            ("35", "1.00", &["all", "ate"][..]),
            "{out}"
        );
    }
}

#[test]
fn a_thousand_philosophers_dine() {
    let few = [
        "--philosophers",
        "1000",
        "--meals",
        "1",
        "--eat",
        "0s",
        "--think",
        "0s",
    ];
    let (out, _) = ended(philosophers(&few).output_in_time(), 0);
    for &strategy in &Strategy::value_variants()[1..] {
        assert_eq!(row(&out, &cli::name(&strategy))[1], "1000", "{out}");
    }
    assert!(out.contains("deadlock: a circle of 1000\n"), "{out}");
    assert!(out.contains("... and 990 more\n"), "{out}");
}

#[test]
fn the_story_and_the_forks() {
    let folder = std::env::temp_dir().join(format!("philosophers-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let svg = folder.join("forks.svg");
    let arguments = [
        "monitor",
        "--story",
        "--meals",
        "1",
        "--forks-svg",
        svg.to_str().unwrap(),
    ];
    let (out, _) = ended(philosophers(&arguments).output_in_time(), 0);
    for line in [
        "Plato takes both forks",
        "Plato eats",
        "Plato puts both forks back",
    ] {
        assert_eq!(out.lines().filter(|l| *l == line).count(), 1, "{out}");
    }
    let picture = std::fs::read_to_string(&svg).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(
        picture.contains("fork 4") && picture.contains("Plato (act)"),
        "{picture}"
    );
}

#[test]
fn a_guess_is_shown_beside_what_was_measured() {
    let arguments = [
        "ordered",
        "monitor",
        "--meals",
        "1",
        "--think",
        "1ms",
        "--eat",
        "1ms",
        "--predict",
        "1h",
    ];
    let (out, _) = ended(philosophers(&arguments).output_in_time(), 0);
    assert!(out.contains("\nordered: guess 3600 s, measured "), "{out}");
    assert!(out.contains("\nmonitor: guess 3600 s, measured "), "{out}");
}

#[test]
fn wrong_arguments_are_told() {
    for (arguments, hint) in [
        (&["greedy"][..], "possible values"),
        (&["--philosophers", "0"], "nobody at the table"),
        (&["--philosophers", "1"], "would wait for ever"),
        (&["--philosophers", "100000"], "at most 1000"),
        (&["--meals", "0"], "--meals"),
        (&["--meals", "1", "--for", "1s"], "cannot be used with"),
        (&["--eat", "2h"], "at most 1h"),
        (&["--for", "soon"], "--for"),
    ] {
        let (_, err) = ended(philosophers(arguments).output_in_time(), 2);
        assert!(err.contains(hint), "{arguments:?}: {err}");
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_sums_up_what_was_eaten() {
    use std::io::{BufRead, BufReader, Read};
    let arguments = [
        "ordered", "monitor", "--story", "--for", "1h", "--think", "0s", "--eat", "1ms",
    ];
    let mut child = philosophers(&arguments).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains(" eats") {
        line.clear();
        assert_ne!(out.read_line(&mut line).unwrap(), 0);
    }
    let kill = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    let (_, err) = ended(child.output_in_time(), 1);
    assert_eq!(err, "");
    assert_ne!(row(&rest, "ordered")[1], "0", "{rest}");
    assert!(!rest.contains("--- monitor ---"), "{rest}");
}

#[test]
fn a_reader_that_leaves_ends_it_quietly() {
    let mut child = philosophers(&["--meals", "1"]).spawn().unwrap();
    drop(child.stdout.take());
    let (_, err) = ended(child.output_in_time(), 0);
    assert_eq!(err, "");
}

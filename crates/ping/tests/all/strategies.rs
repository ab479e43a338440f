use std::sync::{Arc, Mutex};

use clap::ValueEnum;
use ping::clients::{Clients, Settings};
use ping::pace::Pace;
use ping::targets::Targets;
use ping::{Job, Pong, Strategy};
use timing::{Kind, Run, Timeline, cli};

use crate::support::Gate;

const URLS: usize = 6;

/// A job for these URLs, and its pings. A strategy with too few pings in flight for the gate fails
/// by the default timeout, and does not hang.
fn job(urls: Vec<String>) -> (Job, Arc<Mutex<Vec<Pong>>>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let telling = Arc::clone(&told);
    let job = Job {
        targets: Targets::new(urls, 1).unwrap(),
        clients: Clients::new(Settings::default()).unwrap(),
        workers: 3,
        in_flight: 4,
        pace: Pace::default(),
        tell: Arc::new(move |pong| telling.lock().unwrap().push(pong)),
    };
    (job, told)
}

/// How many pings of a strategy are in flight at the same time: exactly so many. The gate answers
/// only then, and counts them.
fn together(strategy: Strategy) -> usize {
    match strategy {
        Strategy::Sequential => 1,
        Strategy::Threads => URLS,
        Strategy::Pool => 3,
        Strategy::Tasks => 4,
    }
}

#[test]
fn as_many_wait_at_the_same_time_as_the_strategy_says() {
    for &strategy in Strategy::value_variants() {
        let (address, gate) = Gate::start(together(strategy));
        let urls = (0..URLS).map(|i| format!("http://{address}/{i}")).collect();
        let (job, told) = job(urls);
        let name = cli::name(&strategy);
        let (result, run) = Run::record(&name, strategy.workers(&job), |timeline| {
            strategy.run(&job, timeline)
        });
        result.unwrap();
        let told = told.lock().unwrap();
        assert_eq!(told.len(), URLS, "{name}");
        for pong in told.iter() {
            let answer = pong.result.as_ref().unwrap();
            assert_eq!((answer.status, &*answer.reason), (200, "OK"), "{name}");
        }
        assert_eq!(
            gate.peak(),
            together(strategy),
            "{name}: seen by the server"
        );
        // On the timeline a wait may begin before the server sees it, so it shows at least as many.
        assert!(
            run.recording.peak(Kind::Wait) >= together(strategy),
            "{name}: on the timeline"
        );
        let mut paths = gate.paths();
        if strategy != Strategy::Sequential {
            paths.sort();
        }
        let each: Vec<_> = (0..URLS).map(|i| format!("/{i}")).collect();
        assert_eq!(paths, each, "{name}: each once");
    }
}

#[test]
fn each_ping_waits_for_the_answer_and_then_for_the_body() {
    for &strategy in Strategy::value_variants() {
        let (address, _) = Gate::start(1);
        let (job, _) = job(vec![format!("http://{address}/a?b=c")]);
        let (result, run) = Run::record("one", 1, |timeline| strategy.run(&job, timeline));
        result.unwrap();
        let spans: Vec<_> = run
            .recording
            .rows
            .iter()
            .flat_map(|row| &row.spans)
            .map(|span| (span.kind, &*span.label))
            .collect();
        let expected = [
            (Kind::Work, "ask"),
            (Kind::Wait, "/a?b=c"),
            (Kind::Wait, "body"),
            (Kind::Work, "tell"),
        ];
        assert_eq!(spans, expected, "{strategy:?}");
    }
}

/// No ping counts the time until others have begun. These have no URL, so each ends in its first
/// turn.
#[test]
fn a_task_has_its_first_turn_before_the_next_is_spawned() {
    let timeline = Arc::new(Timeline::new());
    let (mut job, _) = job(vec!["http://".to_owned(); URLS]);
    job.in_flight = URLS;
    let spawned = Arc::new(Mutex::new(Vec::new()));
    let (at_tell, telling) = (Arc::clone(&timeline), Arc::clone(&spawned));
    // A task's lane is made when it is spawned.
    job.tell = Arc::new(move |_| {
        let lanes = at_tell.recording().rows.len();
        telling.lock().unwrap().push(lanes);
    });
    Strategy::Tasks.run(&job, &timeline).unwrap();
    let each: Vec<_> = (1..=URLS).collect();
    assert_eq!(*spawned.lock().unwrap(), each);
}

#[test]
fn one_bad_ping_does_not_stop_the_others() {
    let (address, _) = Gate::start(1);
    for &strategy in Strategy::value_variants() {
        let good = format!("http://{address}/");
        let urls = vec![
            good.clone(),
            "http://".to_owned(),
            "gopher://x".to_owned(),
            good,
        ];
        let (job, told) = job(urls);
        strategy.run(&job, &timing::Timeline::off()).unwrap();
        let told = told.lock().unwrap();
        let well = told.iter().filter(|pong| pong.result.is_ok()).count();
        assert_eq!((told.len(), well), (4, 2), "{strategy:?}");
    }
}

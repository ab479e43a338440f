use std::io::Write;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use ping::clients::{Clients, Settings};
use ping::pace::Pace;
use ping::targets::Targets;
use ping::{Job, Pong, Strategy};
use timing::{Kind, Run, Timeline, cli};

use crate::support::{Gate, head, raw};

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

/// How many tasks were spawned at the end of each ping. A task's lane is made when it is spawned.
fn spawned_at_each_end(mut job: Job) -> Vec<usize> {
    let timeline = Arc::new(Timeline::new());
    let spawned = Arc::new(Mutex::new(Vec::new()));
    let (at_tell, telling) = (Arc::clone(&timeline), Arc::clone(&spawned));
    job.tell = Arc::new(move |_| {
        let lanes = at_tell.recording().rows.len();
        telling.lock().unwrap().push(lanes);
    });
    Strategy::Tasks.run(&job, &timeline).unwrap();
    std::mem::take(&mut spawned.lock().unwrap())
}

/// No ping counts the time until others have begun. These have no URL, so each ends in its first
/// turn.
#[test]
fn a_task_has_its_first_turn_before_the_next_is_spawned() {
    let (mut job, _) = job(vec!["http://".to_owned(); URLS]);
    job.in_flight = URLS;
    let each: Vec<_> = (1..=URLS).collect();
    assert_eq!(spawned_at_each_end(job), each);
}

/// A long list makes no crowd of tasks that wait for their turn: with a limit of one, a task's lane
/// is made when the ping before it was told.
#[test]
fn no_task_is_spawned_before_there_is_a_slot_for_it() {
    let (address, _) = Gate::start(1);
    let (mut job, _) = job((0..URLS).map(|i| format!("http://{address}/{i}")).collect());
    job.in_flight = 1;
    let each: Vec<_> = (1..=URLS).collect();
    assert_eq!(spawned_at_each_end(job), each);
}

#[test]
fn no_ping_is_sent_before_its_planned_time() {
    for &strategy in Strategy::value_variants() {
        let sent = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&sent);
        let address = raw(move |mut stream| {
            let Some(head) = head(&mut stream) else {
                return;
            };
            let at = Instant::now();
            let index = head.split(['/', ' ']).nth(2).unwrap().parse().unwrap();
            noted.lock().unwrap().push((index, at));
            let _ = stream.write_all(b"HTTP/1.1 204 No\r\nConnection: close\r\n\r\n");
        });
        let (mut job, told) = job((0..URLS).map(|i| format!("http://{address}/{i}")).collect());
        job.pace = Pace::new(Some(100), None);
        strategy.run(&job, &Timeline::off()).unwrap();
        assert_eq!(told.lock().unwrap().len(), URLS);
        let sent = sent.lock().unwrap();
        assert_eq!(sent.len(), URLS);
        for (index, at) in sent.iter() {
            let planned = job.pace.planned(*index).unwrap();
            assert!(planned <= *at, "{strategy:?}: {index}: {sent:?}");
        }
    }
}

/// The server sends the body later than the head. Where a client takes the head for the whole
/// answer, the span of the body ends before it was sent.
#[test]
fn a_body_is_waited_for_until_it_is_there() {
    for &strategy in Strategy::value_variants() {
        let sent = Arc::new(Mutex::new(None));
        let noted = Arc::clone(&sent);
        let address = raw(move |mut stream| {
            if head(&mut stream).is_none() {
                return;
            }
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
            // A client that waits for the body passes however short this is.
            thread::sleep(Duration::from_millis(50));
            *noted.lock().unwrap() = Some(Instant::now());
            let _ = stream.write_all(b"hi");
        });
        let (job, told) = job(vec![format!("http://{address}/")]);
        let timeline = Timeline::new();
        strategy.run(&job, &timeline).unwrap();
        // A span of the same timeline, to compare with.
        let (mut lane, sent) = (timeline.lane("server"), sent.lock().unwrap().unwrap());
        lane.between(Kind::Work, "sent", sent, sent);
        drop(lane);
        let rows = timeline.recording().rows;
        let spans = || rows.iter().flat_map(|row| &row.spans);
        let of = |label: &str| spans().find(|span| span.label == label).unwrap();
        assert!(of("sent").end_ns <= of("body").end_ns, "{strategy:?}");
        assert!(told.lock().unwrap()[0].result.is_ok(), "{strategy:?}");
    }
}

/// More threads than URLs would have nothing to do.
#[test]
fn a_strategy_has_as_many_workers_as_it_says_and_no_idle_ones() {
    for (workers, pool) in [(2, 2), (URLS, URLS), (3 * URLS, URLS)] {
        let (mut job, _) = job((0..URLS).map(|i| format!("no URL {i}")).collect());
        job.workers = workers;
        let timeline = Timeline::new();
        Strategy::Pool.run(&job, &timeline).unwrap();
        let rows = timeline.recording().rows.len();
        assert_eq!((rows, Strategy::Pool.workers(&job)), (pool, pool));
        // Their rows are those of the URLs.
        assert_eq!(Strategy::Threads.workers(&job), URLS);
        for strategy in [Strategy::Sequential, Strategy::Tasks] {
            assert_eq!(strategy.workers(&job), 1);
        }
    }
}

#[test]
fn a_worker_that_panics_is_an_error_and_threads_ping_the_rest() {
    for (strategy, words) in [
        (Strategy::Threads, "panicked: a bad URL"),
        (Strategy::Pool, "panicked: a bad URL"),
        (Strategy::Tasks, "a bad URL"),
    ] {
        let (mut job, told) = job((0..URLS).map(|i| format!("no URL {i}")).collect());
        let tell = Arc::clone(&job.tell);
        job.tell = Arc::new(move |pong| {
            assert!(&*pong.url != "no URL 1", "a bad URL");
            tell(pong);
        });
        let error = strategy.run(&job, &Timeline::off()).unwrap_err();
        let text = format!("{error:#}");
        assert!(text.contains(words), "{strategy:?}: {text}");
        if strategy != Strategy::Tasks {
            assert_eq!(told.lock().unwrap().len(), URLS - 1, "{strategy:?}");
        }
    }
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

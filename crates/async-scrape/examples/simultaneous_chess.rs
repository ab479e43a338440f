//! A chess master plays ten opponents, 20 moves each: board by board, or moving on while they
//! think.
//!
//! The master needs 3 minutes for a move, an opponent 5. Time is virtual: the clock jumps from one
//! wake-up to the next, so that hours take no time.
//!
//!     cargo run -p async-scrape --example simultaneous_chess
//!     cargo run -p async-scrape --example simultaneous_chess -- --masters 4

use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use timing::cli::{self, Options, Report};
use timing::{Kind, Look, Recording, Row, Run, SpanRecord};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

const BOARDS: usize = 10;
const MOVES: usize = 20;
const MASTER: Duration = Duration::from_secs(3 * 60);
const OPPONENT: Duration = Duration::from_secs(5 * 60);

#[derive(Parser)]
struct Args {
    /// The number of masters who share the boards, in the last of the three
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=20))]
    masters: u8,

    #[command(flatten)]
    options: Options,
}

fn main() -> ExitCode {
    cli::exit_code(run(&Args::parse()))
}

fn run(args: &Args) -> Result<bool> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()?;
    let mut report = Report::default();
    let several = match args.masters {
        1 => "one master".to_owned(),
        2 => "two masters".to_owned(),
        more => format!("{more} masters"),
    };
    for (name, at_once, masters) in [
        ("one by one", 1, 1),
        ("moving on", BOARDS, 1),
        (&several, BOARDS, usize::from(args.masters)),
    ] {
        let (end, last_move, recording) = runtime.block_on(play(at_once, masters));
        let minutes = |time: Duration| time.as_secs() / 60;
        cli::print(&format!(
            "{name}: the last move of a master after {} minutes, all over after {}\n",
            minutes(last_move),
            minutes(end)
        ))?;
        report.add(Run {
            name: name.to_owned(),
            workers: masters,
            wall: end,
            cpu: Duration::ZERO,
            outcome: format!("{} min", minutes(end)),
            recording,
        });
    }
    report.look(Look {
        act: "a master moves (his row says at which board)".to_owned(),
        wait: "the opponent thinks".to_owned(),
        empty: "the board waits for a master".to_owned(),
        ..Look::default()
    });
    cli::print("\n")?;
    report.publish(&args.options)?;
    Ok(true)
}

/// Plays all games, with `at_once` boards at a time. Returns when all were over, when a master made
/// the last move, and the timeline.
async fn play(at_once: usize, masters: usize) -> (Duration, Duration, Recording) {
    let begin = Instant::now();
    let names = (1..=masters).map(|master| format!("master {master}"));
    let names = names.chain((0..BOARDS).map(|board| format!("board {board}")));
    let rows = names.map(|name| Row {
        name,
        spans: Vec::new(),
    });
    let rows = Arc::new(Mutex::new(rows.collect::<Vec<_>>()));
    let last_move = Arc::new(Mutex::new(begin));
    // The masters who are at no board.
    let free = Arc::new(Mutex::new((0..masters).collect::<Vec<_>>()));
    // A semaphore is fair: the board that waits longest gets a master, who so goes around.
    let (hands, tables) = (
        Arc::new(Semaphore::new(masters)),
        Arc::new(Semaphore::new(at_once)),
    );
    let mut games = JoinSet::new();
    for board in 0..BOARDS {
        let (hands, tables) = (Arc::clone(&hands), Arc::clone(&tables));
        let (rows, last_move) = (Arc::clone(&rows), Arc::clone(&last_move));
        let free = Arc::clone(&free);
        games.spawn(async move {
            let note = |row: usize, kind, label: String, since: Instant| {
                let ns = |instant: Instant| (instant - begin).as_nanos() as u64;
                let span = SpanRecord {
                    kind,
                    label: label.into(),
                    start_ns: ns(since),
                    end_ns: ns(Instant::now()),
                };
                rows.lock().expect("nobody panics")[row].spans.push(span);
            };
            let _table = tables.acquire().await.expect("it is open");
            for _ in 0..MOVES {
                let hand = hands.acquire().await.expect("it is open");
                let master = free.lock().expect("nobody panics").pop();
                let master = master.expect("as many as the semaphore lets in");
                let since = Instant::now();
                sleep(MASTER).await;
                note(master, Kind::Act, format!("board {board}"), since);
                note(
                    masters + board,
                    Kind::Act,
                    format!("master {}", master + 1),
                    since,
                );
                *last_move.lock().expect("nobody panics") = Instant::now();
                free.lock().expect("nobody panics").push(master);
                drop(hand);
                let since = Instant::now();
                sleep(OPPONENT).await;
                note(
                    masters + board,
                    Kind::Wait,
                    "the opponent".to_owned(),
                    since,
                );
            }
        });
    }
    while let Some(game) = games.join_next().await {
        game.expect("it does not panic");
    }
    let last_move = *last_move.lock().expect("nobody panics") - begin;
    let rows = std::mem::take(&mut *rows.lock().expect("nobody panics"));
    (
        begin.elapsed(),
        last_move,
        Recording {
            rows,
            cpu: Duration::ZERO,
        },
    )
}

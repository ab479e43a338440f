//! A server stalls once. How many of its users notice? A closed loop asks nobody in the meantime,
//! and counts one long latency. An open loop asks at the planned times, and counts all of them.
//!
//!     cargo run -p ping --example coordinated_omission

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Parser;
use ping::histogram::percentile;
use timing::cli::{self, Options, Report};
use timing::{Run, Timeline, units};

const PINGS: u32 = 20;
const GAP: Duration = Duration::from_millis(100);
/// The server stalls between the fifth and the sixth ping, for five of them.
const STALL_AFTER: Duration = Duration::from_millis(450);
const STALL: Duration = Duration::from_millis(500);
/// No more pings are in flight than that, so as many rows have room for all of them.
const WORKERS: usize = 6;

#[derive(Parser)]
struct Args {
    #[command(flatten)]
    options: Options,
}

/// Pings the server, and returns the latencies.
type Loop = fn(SocketAddr, &Timeline) -> Vec<Duration>;

/// Whether the server stalls, and a bell for when it does no more.
#[derive(Default)]
struct Stall(Mutex<bool>, Condvar);

impl Stall {
    fn set(&self, stalls: bool) {
        *self.0.lock().expect("no panics") = stalls;
        self.1.notify_all();
    }

    fn wait(&self) {
        let stalls = self.0.lock().expect("no panics");
        drop(self.1.wait_while(stalls, |stalls| *stalls));
    }
}

fn main() -> ExitCode {
    cli::exit_code(run(&Args::parse()))
}

fn run(args: &Args) -> Result<bool> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let (address, stall) = (listener.local_addr()?, Arc::new(Stall::default()));
    let seen = Arc::clone(&stall);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let stall = Arc::clone(&seen);
            thread::spawn(move || answer(stream, &stall));
        }
    });
    let mut report = Report::default();
    let loops: [(_, _, Loop); 2] = [("closed", 1, closed), ("open", WORKERS, open)];
    for (name, workers, pings) in loops {
        let (mut latencies, run) = Run::record(name, workers, |timeline| {
            thread::scope(|scope| {
                let mut server = timeline.lane("server");
                let stall = &stall;
                scope.spawn(move || {
                    thread::sleep(STALL_AFTER);
                    stall.set(true);
                    let _stalling = server.act("stalls");
                    thread::sleep(STALL);
                    stall.set(false);
                });
                pings(address, timeline)
            })
        });
        latencies.sort_unstable();
        let told = [50.0, 80.0, 90.0, 100.0].map(|percent| {
            let latency = percentile(&latencies, percent).unwrap_or_default();
            format!("p{percent} {}", units::duration(latency))
        });
        report.add(run.outcome(told.join(", ")));
    }
    report.publish(&args.options)
}

/// One worker: after an answer comes the next ping. What it could not ask in time, it asks late,
/// and counts only from then on.
fn closed(address: SocketAddr, timeline: &Timeline) -> Vec<Duration> {
    let (start, mut lane) = (Instant::now(), timeline.lane("worker"));
    let ping = |number| {
        sleep_until(start + GAP * number);
        let begin = Instant::now();
        let _waiting = lane.wait(format!("ping {number}"));
        ask(address).expect("an answer");
        begin.elapsed()
    };
    (0..PINGS).map(ping).collect()
}

/// A thread for each ping, which begins at its time and counts from then on.
fn open(address: SocketAddr, timeline: &Timeline) -> Vec<Duration> {
    let start = Instant::now();
    thread::scope(|scope| {
        let ping = |number| {
            let mut lane = timeline.lane(format!("worker {}", number as usize % WORKERS));
            scope.spawn(move || {
                let planned = start + GAP * number;
                sleep_until(planned);
                let _waiting = lane.wait(format!("ping {number}"));
                ask(address).expect("an answer");
                planned.elapsed()
            })
        };
        let pings: Vec<_> = (0..PINGS).map(ping).collect();
        let ended = pings
            .into_iter()
            .map(|ping| ping.join().expect("no panics"));
        ended.collect()
    })
}

fn sleep_until(time: Instant) {
    thread::sleep(time.saturating_duration_since(Instant::now()));
}

fn ask(address: SocketAddr) -> io::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(b"ping\n")?;
    stream.read_exact(&mut [0; 5])
}

fn answer(mut stream: TcpStream, stall: &Stall) {
    if stream.read_exact(&mut [0; 5]).is_ok() {
        stall.wait();
        let _ = stream.write_all(b"pong\n");
    }
}

//! Measures what a thread, a process and a task cost: the time to start one and see it end, and the
//! memory that one takes while it waits.
//!
//!     cargo run -p countdown --example spawn_cost

use std::process::{Command, ExitCode, Stdio};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use timing::{cli, units};

/// How often each is started, one after the other. The table shows the median.
const TIMES: usize = 200;
/// How many wait at the same time while the memory is measured.
const CROWD: usize = 200;

/// With this argument the program is a process that only waits for its input to end.
const IDLE: &str = "__idle";

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(IDLE) {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        return ExitCode::SUCCESS;
    }
    cli::exit_code(run().map(|()| true))
}

fn run() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let task =
        runtime.block_on(async { median(|| async { tokio::spawn(async {}).await.is_ok() }).await });
    let rows = [
        ("task", task, memory_of_tasks(&runtime)),
        (
            "thread",
            blocking_median(|| std::thread::spawn(|| ()).join().is_ok()),
            memory_of_threads()?,
        ),
        (
            "process",
            blocking_median(|| idle().is_ok_and(end)),
            memory_of_processes()?,
        ),
    ];
    let mut text = format!(
        "start and end of one (median of {TIMES}), memory of one that waits (mean of {CROWD}):\n"
    );
    for (name, time, bytes) in rows {
        let memory = bytes.map_or("unknown here".to_owned(), |b| {
            format!("{:.1} KiB", b / 1024.0)
        });
        text += &format!("  {name:8} {:>8}  {memory:>12}\n", units::duration(time));
    }
    cli::print(&text)
}

async fn median<F: Future<Output = bool>>(one: impl Fn() -> F) -> Duration {
    let mut times = Vec::new();
    for _ in 0..TIMES {
        let start = Instant::now();
        assert!(one().await);
        times.push(start.elapsed());
    }
    units::median(&times)
}

fn blocking_median(one: impl Fn() -> bool) -> Duration {
    let time = |_| {
        let start = Instant::now();
        assert!(one());
        start.elapsed()
    };
    units::median(&(0..TIMES).map(time).collect::<Vec<_>>())
}

type Idle = std::process::Child;

fn idle() -> Result<Idle> {
    let program = std::env::current_exe()?;
    let mut command = Command::new(program);
    let child = command.arg(IDLE).stdin(Stdio::piped()).spawn();
    child.context("can't start a process")
}

fn end(mut child: Idle) -> bool {
    drop(child.stdin.take());
    child.wait().is_ok()
}

fn memory_of_tasks(runtime: &tokio::runtime::Runtime) -> Option<f64> {
    // Tasks are so small that only many of them together can be measured.
    let many = 100 * CROWD;
    let before = resident("self")?;
    let after = runtime.block_on(async {
        let wait = || tokio::spawn(std::future::pending::<()>());
        let tasks: Vec<_> = (0..many).map(|_| wait()).collect();
        tokio::task::yield_now().await;
        let after = resident("self");
        tasks.iter().for_each(tokio::task::JoinHandle::abort);
        after
    })?;
    Some((after - before).max(0.0) / many as f64)
}

fn memory_of_threads() -> Result<Option<f64>> {
    let Some(before) = resident("self") else {
        return Ok(None);
    };
    let all_there = Arc::new(Barrier::new(CROWD + 1));
    let looked = Arc::new(Barrier::new(CROWD + 1));
    let start = |_| {
        let (all_there, looked) = (Arc::clone(&all_there), Arc::clone(&looked));
        std::thread::spawn(move || {
            all_there.wait();
            looked.wait();
        })
    };
    let threads: Vec<_> = (0..CROWD).map(start).collect();
    all_there.wait();
    let after = resident("self");
    looked.wait();
    threads.into_iter().for_each(|thread| drop(thread.join()));
    Ok(after.map(|after| (after - before).max(0.0) / CROWD as f64))
}

fn memory_of_processes() -> Result<Option<f64>> {
    let children = (0..CROWD).map(|_| idle()).collect::<Result<Vec<_>>>()?;
    let each: Option<Vec<f64>> = children
        .iter()
        .map(|child| resident(&child.id().to_string()))
        .collect();
    assert!(children.into_iter().all(end));
    Ok(each.map(|each| each.iter().sum::<f64>() / CROWD as f64))
}

/// Returns the bytes of memory that belong to this process alone; `None` on systems other than
/// Linux. (Shared memory, above all the program's code, exists once for all processes that run it.)
fn resident(process: &str) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
    let private = text.lines().filter(|line| line.starts_with("Private_"));
    let kib = private.filter_map(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    Some(kib.sum::<f64>() * 1024.0)
}

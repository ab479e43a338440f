//! The two ends of the pipe between `processes` and its children.

use std::io::{Read, Write};
use std::ops::Range;
use std::path::Path;
use std::process::{self, Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use timing::{Clock, Recording, Timeline};

use crate::Work;

/// The argument that makes the program a child.
const CHILD: &str = "__child";

/// What a child is told, as its second argument.
#[derive(Serialize, Deserialize)]
struct Order {
    work: Work,
    part: Range<u64>,
    lane: String,
    clock: Option<Clock>,
}

/// If this process was started as a child: computes, answers and exits. Call it at the start of `main`, before anything is
/// printed.
pub fn compute_if_asked() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().is_none_or(|first| first != CHILD) {
        return;
    }
    std::thread::spawn(end_with_parent);
    match compute(&arguments.next().unwrap_or_default()) {
        Ok(()) => process::exit(0),
        Err(error) => {
            eprintln!("cpu-bound child: {error:#}");
            process::exit(1);
        }
    }
}

/// Nothing is ever sent on standard input: it ends when the parent does, however the parent dies.
fn end_with_parent() {
    let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    process::exit(1);
}

fn compute(order: &str) -> Result<()> {
    let order: Order = serde_json::from_str(order).context("not an order")?;
    let timeline = order.clock.map_or_else(Timeline::off, Timeline::on_clock);
    let mut lane = timeline.lane(order.lane);
    let working = lane.work("part");
    let sum = order.work.part(order.part);
    drop(working);
    drop(lane);
    let answer = serde_json::to_vec(&(sum, timeline.recording()))?;
    std::io::stdout().write_all(&answer)?;
    Ok(())
}

/// A child process, seen from its parent. Dropping it ends it.
pub struct Child {
    lane: String,
    process: process::Child,
}

impl Child {
    /// Starts `program` as a child that does a part of the work.
    ///
    /// # Errors
    /// If the system gives no more processes, or no more pipes.
    pub fn start(
        program: &Path,
        work: Work,
        part: Range<u64>,
        lane: String,
        clock: Option<Clock>,
    ) -> Result<Self> {
        let order = Order {
            work,
            part,
            lane: lane.clone(),
            clock,
        };
        let process = Command::new(program)
            .arg(CHILD)
            .arg(serde_json::to_string(&order)?)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("can't start {lane}"))?;
        Ok(Self { lane, process })
    }

    /// Waits for the child's answer: what it counted, and what it recorded.
    ///
    /// # Errors
    /// If it dies first.
    pub fn answer(mut self) -> Result<(u64, Recording)> {
        let mut answer = Vec::new();
        let mut output = self.process.stdout.take().expect("piped");
        output.read_to_end(&mut answer)?;
        let status = self.process.wait()?;
        if !status.success() {
            bail!("{} died ({status})", self.lane);
        }
        serde_json::from_slice(&answer).with_context(|| format!("{} made no sense", self.lane))
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It has ended, or is of no use any more; waiting for it leaves no zombie.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

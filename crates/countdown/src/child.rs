//! The two ends of the pipe between `processes` and its children.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{self, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use timing::{Clock, Recording, Timeline};

use crate::Count;

/// The argument that makes the program a child.
const CHILD: &str = "__child";

/// What a child is told, as its second argument.
#[derive(Serialize, Deserialize)]
struct Order {
    count: Count,
    prefix: String,
    clock: Option<Clock>,
}

/// What a child tells, a JSON value a line.
#[derive(Serialize, Deserialize)]
enum Message {
    Line(String),
    End(Recording),
}

/// If this process was started as a child: counts, and exits. Call it at the start of `main`, before
/// anything is printed.
pub fn count_if_asked() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().is_none_or(|first| first != CHILD) {
        return;
    }
    std::thread::spawn(end_with_parent);
    match count(&arguments.next().unwrap_or_default()) {
        Ok(()) => process::exit(0),
        Err(error) => {
            eprintln!("countdown child: {error:#}");
            process::exit(1);
        }
    }
}

/// Nothing is ever sent on standard input: it ends when the parent does, however the parent dies.
fn end_with_parent() {
    let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    process::exit(1);
}

fn count(order: &str) -> Result<()> {
    let order: Order = serde_json::from_str(order).context("not an order")?;
    let timeline = order.clock.map_or_else(Timeline::off, Timeline::on_clock);
    let mut lane = timeline.lane(&order.count.name);
    // Nobody listens any more: the parent is gone, and there is no one to count for.
    let say = |line: &str| {
        if send(&Message::Line(line.to_owned())).is_err() {
            process::exit(1);
        }
    };
    order.count.down(&order.prefix, &say, &mut lane);
    drop(lane);
    send(&Message::End(timeline.recording()))
}

/// One write a line, so that a reader sees it whole.
fn send(message: &Message) -> Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    let mut out = std::io::stdout().lock();
    out.write_all(&line)?;
    Ok(out.flush()?)
}

/// A child process, seen from its parent. Dropping it ends it.
pub struct Child {
    name: String,
    process: process::Child,
    output: BufReader<ChildStdout>,
}

impl Child {
    /// Starts `program` as a child that counts.
    ///
    /// # Errors
    /// If the system gives no more processes, or no more pipes.
    pub fn start(
        program: &Path,
        count: &Count,
        prefix: &str,
        clock: Option<Clock>,
    ) -> Result<Self> {
        let order = Order {
            count: count.clone(),
            prefix: prefix.to_owned(),
            clock,
        };
        // ANCHOR: start
        let mut process = Command::new(program)
            .arg(CHILD)
            .arg(serde_json::to_string(&order)?)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("can't start a process for {}", count.name))?;
        // ANCHOR_END: start
        let output = BufReader::new(process.stdout.take().expect("piped"));
        Ok(Self {
            name: count.name.clone(),
            process,
            output,
        })
    }

    /// Passes on what the child says, until it ends; returns what it recorded.
    ///
    /// # Errors
    /// If it dies before it has counted to the end.
    pub fn hear(mut self, say: &dyn Fn(&str)) -> Result<Recording> {
        let mut line = String::new();
        while self.output.read_line(&mut line)? > 0 {
            match serde_json::from_str(&line)? {
                Message::Line(text) => say(&text),
                Message::End(recording) => return Ok(recording),
            }
            line.clear();
        }
        let status = self.process.wait()?;
        bail!("the process of {} died ({status})", self.name)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It has ended, or is of no use any more; waiting for it leaves no zombie.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

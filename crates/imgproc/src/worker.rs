//! The other end of `processes`: this same program, started again, takes photos from its standard input
//! and tells what became of them on its standard output, a JSON value a line.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use timing::{Clock, Recording, Timeline};

use crate::{Desk, Outcome, Settings, Task};

/// The argument that makes the program a worker.
const WORKER: &str = "__worker";

/// The first line that a worker gets.
#[derive(Serialize, Deserialize)]
struct Order {
    settings: Settings,
    /// The parent's clock, if it keeps a timeline; and the name of this worker's lane there.
    clock: Option<Clock>,
    lane: String,
}

/// If this process was started as a worker: works until its input ends, and then exits. Call it at the
/// start of `main`, before anything is printed.
pub fn serve_if_asked() {
    if std::env::args_os()
        .nth(1)
        .is_none_or(|first| first != WORKER)
    {
        return;
    }
    // Ctrl-C at a terminal reaches the whole process group. The parent decides what it means: it
    // ends our input when it stops, and so does its own death, however it dies.
    let _ = ctrlc::set_handler(|| {});
    match serve() {
        Ok(()) => std::process::exit(0),
        Err(error) => {
            eprintln!("imgproc worker: {error:#}");
            std::process::exit(1);
        }
    }
}

fn serve() -> Result<()> {
    let mut input = BufReader::new(std::io::stdin().lock());
    let mut output = BufWriter::new(std::io::stdout().lock());
    let Some(order) = receive::<Order>(&mut input)? else {
        return Ok(());
    };
    let timeline = order.clock.map_or_else(Timeline::off, Timeline::on_clock);
    let desk = Desk::new(&order.settings, 1);
    let mut lane = timeline.lane(order.lane);
    while let Some(task) = receive::<Task>(&mut input)? {
        send(&mut output, &desk.process(&task, &mut lane))?;
    }
    drop(lane);
    send(&mut output, &timeline.recording())
}

/// A worker process, seen from its parent. Dropping it ends it.
pub struct Worker {
    child: Child,
    // None once it was told that nothing more will come.
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Worker {
    /// Starts `program` as a worker, whose spans will be in the lane of this name.
    ///
    /// # Errors
    /// If it can't be started, or does not listen.
    pub fn start(
        program: &Path,
        settings: &Settings,
        timeline: &Timeline,
        lane: &str,
    ) -> Result<Self> {
        let mut child = Command::new(program)
            .arg(WORKER)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("can't start {} as a worker", program.display()))?;
        let mut input = child.stdin.take().expect("piped");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let order = Order {
            settings: settings.clone(),
            clock: timeline.clock(),
            lane: lane.to_owned(),
        };
        let sent = send(&mut input, &order);
        let worker = Self {
            child,
            input: Some(input),
            output,
        };
        sent.context("the worker does not listen")?;
        Ok(worker)
    }

    /// Has the worker process one photo. `None` if it died instead.
    pub fn process(&mut self, task: &Task) -> Option<Outcome> {
        send(self.input.as_mut()?, task).ok()?;
        receive(&mut self.output).ok().flatten()
    }

    /// Ends the worker and returns what it recorded.
    pub fn finish(&mut self) -> Option<Recording> {
        self.input = None;
        receive(&mut self.output).ok().flatten()
    }

    /// How it died, in words.
    pub fn post_mortem(&mut self) -> String {
        self.input = None;
        match self.child.wait() {
            Ok(status) => format!("its worker process died ({status})"),
            Err(error) => format!("its worker process is lost: {error}"),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // The end of its input ends it; waiting for it leaves no zombie.
        self.input = None;
        let _ = self.child.wait();
    }
}

fn send(to: &mut impl Write, value: &impl Serialize) -> Result<()> {
    // One write a message: a pipe takes it whole, or the other end is gone.
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    to.write_all(&line)?;
    Ok(to.flush()?)
}

/// The next value, or `None` at the end of the input.
fn receive<T: DeserializeOwned>(from: &mut impl BufRead) -> Result<Option<T>> {
    let mut line = Vec::new();
    if from.read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    Ok(Some(serde_json::from_slice(&line)?))
}

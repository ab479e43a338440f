//! A child process on a pipe: another instance of this program, with memory of its own.
//!
//! Parent and child send each other JSON values, a line each. The parent's first line is an order,
//! its last line says that there is no more; the child's last line is what it recorded. The child
//! ends at the latest when its standard input does, so it never outlives its parent, however the
//! parent dies.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{self, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::clock::Clock;
use crate::recording::Recording;
use crate::timeline::{Lane, Timeline};
use crate::{cli, workers};

/// The argument that makes this program a child. The next one is the lane's name, for those who
/// look at a list of processes.
const CHILD: &str = "__child";

/// The first line that a child receives.
#[derive(Serialize, Deserialize)]
struct Start<O> {
    clock: Option<Clock>,
    lane: String,
    order: O,
}

/// What a child sends: messages of its own, then what it recorded.
#[derive(Serialize, Deserialize)]
enum Sent<T> {
    Message(T),
    End(Recording),
}

/// The parent process, as its child sees it.
#[derive(Debug)]
pub struct Parent(());

/// If this process was started as a child: carries out its order, and exits. Call it at the start
/// of `main`, before anything is printed. In any other process it returns at once.
pub fn serve<O: DeserializeOwned>(work: impl FnOnce(O, &Parent, &mut Lane) -> Result<()>) {
    if std::env::args_os()
        .nth(1)
        .is_none_or(|first| first != CHILD)
    {
        return;
    }
    match carry_out(work) {
        Ok(()) => process::exit(0),
        Err(error) => {
            cli::complain(&format!("error: child process: {error:#}"));
            process::exit(1);
        }
    }
}

fn carry_out<O: DeserializeOwned>(
    work: impl FnOnce(O, &Parent, &mut Lane) -> Result<()>,
) -> Result<()> {
    let parent = Parent(());
    let Some(start) = receive::<Start<O>>(&mut std::io::stdin().lock())? else {
        bail!("no order on standard input");
    };
    let timeline = start.clock.map_or_else(Timeline::off, Timeline::of_child);
    let mut lane = timeline.lane(start.lane);
    work(start.order, &parent, &mut lane)?;
    drop(lane);
    send(
        &mut std::io::stdout(),
        &Sent::<()>::End(timeline.recording()),
    )
}

impl Parent {
    /// Sends a message to the parent.
    ///
    /// # Errors
    /// If the parent is gone.
    pub fn send(&self, message: &impl Serialize) -> Result<()> {
        send(&mut std::io::stdout(), &Sent::Message(message))
    }

    /// Waits for the parent's next message. `None` if there will be no more.
    ///
    /// # Errors
    /// If the message is not a `T`.
    pub fn receive<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        let message: Option<Option<T>> = receive(&mut std::io::stdin().lock())?;
        Ok(message.flatten())
    }

    /// Makes this process end as soon as its parent ends: for a child that receives nothing after
    /// its order, and so would not notice.
    ///
    /// # Errors
    /// If the system has no more threads.
    pub fn end_with_it(&self) -> Result<()> {
        let wait = || {
            // Nothing more is ever sent: this returns when the parent closes the pipe, or dies.
            let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
            process::exit(1);
        };
        let started = std::thread::Builder::new().spawn(wait);
        workers::started("the end of the parent", started).map(drop)
    }
}

/// A child process, as its parent sees it. Dropping it ends its input, and waits for its end.
#[derive(Debug)]
pub struct Child {
    lane: String,
    process: process::Child,
    // `None` once the child was told that there will be no more messages.
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    recording: Option<Recording>,
}

impl Child {
    /// Starts `program` as a child whose spans are recorded in the lane of this name. The order of
    /// the starts is the order of the rows.
    ///
    /// # Errors
    /// If the system has no more processes or pipes, or the program is not one that calls
    /// [`serve`].
    pub fn start(
        program: &Path,
        timeline: &Timeline,
        lane: &str,
        order: &impl Serialize,
    ) -> Result<Self> {
        drop(timeline.lane(lane));
        // ANCHOR: start
        let mut process = Command::new(program)
            .args([CHILD, lane])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("can't start a process for {lane}"))?;
        // ANCHOR_END: start
        let (input, output) = (process.stdin.take(), process.stdout.take());
        let mut child = Self {
            lane: lane.to_owned(),
            process,
            input,
            output: BufReader::new(output.expect("stdout is piped")),
            recording: None,
        };
        let start = Start {
            clock: timeline.clock(),
            lane: lane.to_owned(),
            order,
        };
        child.write(&start)?;
        Ok(child)
    }

    /// The child's process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Sends a message to the child.
    ///
    /// # Errors
    /// If the child does not listen.
    pub fn send(&mut self, message: &impl Serialize) -> Result<()> {
        self.write(&Some(message))
    }

    fn write(&mut self, value: &impl Serialize) -> Result<()> {
        let input = self.input.as_mut().context("the input has ended")?;
        send(input, value).with_context(|| format!("{} does not listen", self.lane))
    }

    /// Waits for the child's next message. `None` if there will be no more: the child has done all,
    /// or it died ([`Child::finish`] tells which).
    ///
    /// # Errors
    /// If the message is not a `T`.
    pub fn receive<T: DeserializeOwned>(&mut self) -> Result<Option<T>> {
        let sent = receive(&mut self.output);
        match sent.with_context(|| format!("{} sent nonsense", self.lane))? {
            Some(Sent::Message(message)) => Ok(Some(message)),
            Some(Sent::End(recording)) => {
                self.recording = Some(recording);
                Ok(None)
            }
            None => Ok(None),
        }
    }

    /// Tells the child that there are no more messages, waits for its end, and adds what it
    /// recorded to the timeline. Messages that were not received are lost.
    ///
    /// A child that does not end is waited for; [`Child::post_mortem`] and dropping end its input.
    ///
    /// # Errors
    /// If it died before that, or failed.
    pub fn finish(mut self, timeline: &Timeline) -> Result<()> {
        // A child that has died does not listen, which shows below.
        let _ = self.write(&None::<()>);
        while self.recording.is_none() && self.receive::<serde::de::IgnoredAny>()?.is_some() {}
        let status = self.process.wait()?;
        match self.recording.take().filter(|_| status.success()) {
            Some(recording) => timeline.absorb(recording),
            None => bail!("{} died ({status})", self.lane),
        }
        Ok(())
    }

    /// Ends the input of a child that has died or is to end, waits for its end, and returns how it
    /// ended: `died (exit status: 1)`.
    pub fn post_mortem(mut self) -> String {
        self.input = None;
        match self.process.wait() {
            Ok(status) => format!("died ({status})"),
            Err(error) => format!("is lost: {error}"),
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // The end of its input ends it; waiting for it leaves no zombie process.
        self.input = None;
        let _ = self.process.wait();
    }
}

fn send(to: &mut impl Write, value: &impl Serialize) -> Result<()> {
    // One write a message, so that the lines of several threads are not mixed.
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

//! A process that starts another one, gives it words to count, and draws when each of them worked.
//!
//!     cargo run -p timing --example parent_and_child
//!
//! `--child dies` lets the child die halfway; `--child deaf` starts a child that gives no answer.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Parser, ValueEnum};
use timing::child::{self, Child};
use timing::cli::{self, Options, Report};
use timing::{Run, Timeline};

/// What the child does.
#[derive(Debug, Clone, Copy, ValueEnum, serde::Serialize, serde::Deserialize)]
enum Role {
    Answers,
    Dies,
    Deaf,
}

/// Counts words in a child process.
#[derive(Debug, Parser)]
struct Args {
    /// What the child does
    #[arg(long, default_value = "answers")]
    child: Role,

    #[command(flatten)]
    options: Options,
}

fn main() -> ExitCode {
    child::serve(|role: Role, parent, lane| {
        if matches!(role, Role::Deaf) {
            parent.end_with_it()?;
            loop {
                std::thread::park();
            }
        }
        while let Some(text) = parent.receive::<String>()? {
            let _span = lane.work(text.clone());
            if matches!(role, Role::Dies) && text.starts_with("two") {
                std::process::abort();
            }
            parent.send(&text.split_whitespace().count())?;
        }
        Ok(())
    });
    cli::exit_code(run(&Args::parse()))
}

fn run(args: &Args) -> Result<bool> {
    let (words, run) = Run::record("processes", 1, |timeline| count(args.child, timeline));
    let mut report = Report::default();
    report.add(run.outcome(format!("{} words", words?)));
    report.publish(&args.options)
}

fn count(role: Role, timeline: &Timeline) -> Result<usize> {
    let mut lane = timeline.lane("parent");
    let program = std::env::current_exe().context("this program's own path")?;
    let mut child = Child::start(&program, timeline, "child", &role)?;
    let mut sum = 0;
    if matches!(role, Role::Deaf) {
        bail!("child {}", child.post_mortem());
    }
    for text in ["one", "two words", "three more words"] {
        child.send(&text)?;
        let _waiting = lane.wait("child");
        match child.receive::<usize>()? {
            Some(words) => sum += words,
            None => break,
        }
    }
    child.finish(timeline)?;
    Ok(sum)
}

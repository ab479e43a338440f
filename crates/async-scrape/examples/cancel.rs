//! A future that is dropped stops at the `.await` where it is: the code behind that is never run,
//! and all that the future holds is dropped.
//!
//!     cargo run -p async-scrape --example cancel

use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Result;
use timing::cli;
use tokio::time::{sleep, timeout};

const STEP: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    cli::exit_code(run())
}

fn run() -> Result<bool> {
    // Virtual time: the clock jumps from one wake-up to the next.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()?;
    for limit in [STEP * 10, STEP * 5 / 2] {
        let story = Story::default();
        let in_time = runtime.block_on(async { timeout(limit, work(story.clone())).await.is_ok() });
        let end = if in_time {
            "came to its end"
        } else {
            "was cancelled"
        };
        cli::print(&format!("with {} s it {end}:\n", limit.as_secs_f64()))?;
        for line in story.0.lock().expect("nobody panics").iter() {
            cli::print(&format!("  {line}\n"))?;
        }
    }
    Ok(true)
}

#[derive(Clone, Default)]
struct Story(Arc<Mutex<Vec<String>>>);

impl Story {
    fn tell(&self, line: &str) {
        self.0.lock().expect("nobody panics").push(line.to_owned());
    }
}

/// A file that is kept only if it is finished: dropping it earlier takes it away.
struct Part {
    story: Story,
    finished: bool,
}

impl Drop for Part {
    fn drop(&mut self) {
        match self.finished {
            true => self.story.tell("the file is kept"),
            false => self.story.tell("the half file is taken away"),
        }
    }
}

async fn work(story: Story) {
    let mut part = Part {
        story: story.clone(),
        finished: false,
    };
    for step in 1..=4 {
        sleep(STEP).await;
        story.tell(&format!("step {step} of 4"));
    }
    part.finished = true;
    // Not reached after a cancellation: a dropped future runs no more code, but for destructors.
    story.tell("done");
}

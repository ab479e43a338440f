//! Two workers, each of which works and waits; then the table and the timelines.
//!
//!     cargo run -p timing --example first_timeline
//!     cargo run -p timing --example first_timeline -- --svg timeline.svg

use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Duration;

use clap::Parser;
use timing::cli::{self, Options, Report};
use timing::{Run, Timeline};

#[derive(Parser)]
struct Args {
    #[command(flatten)]
    options: Options,
}

/// Bakes two loaves. There is one oven.
fn bake(timeline: &Timeline, name: &str, oven: &Mutex<()>) {
    let mut lane = timeline.lane(name);
    for loaf in ["rye", "wheat"] {
        {
            let _span = lane.act(format!("knead {loaf}"));
            std::thread::sleep(Duration::from_millis(40));
        }
        let waiting = lane.wait("the oven");
        let _mine = oven.lock().expect("nobody burns the bread");
        drop(waiting);
        let _span = lane.act(format!("bake {loaf}"));
        std::thread::sleep(Duration::from_millis(60));
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    let oven = Mutex::new(());
    let ((), alone) = Run::record("sequential", 1, |timeline| {
        bake(timeline, "Alice", &oven);
        bake(timeline, "Bob", &oven);
    });
    let ((), together) = Run::record("threads", 2, |timeline| {
        std::thread::scope(|scope| {
            scope.spawn(|| bake(timeline, "Alice", &oven));
            scope.spawn(|| bake(timeline, "Bob", &oven));
        });
    });
    let mut report = Report::default();
    report.add(alone.outcome("4 loaves"));
    report.add(together.outcome("4 loaves"));
    cli::exit_code(report.publish(&args.options))
}

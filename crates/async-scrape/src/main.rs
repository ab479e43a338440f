//! `cargo run -p async-scrape`: see `--help`, and the README beside this folder.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result};
use async_scrape::Job;
use async_scrape::crawl::check::{self, Broken};
use async_scrape::site::Site;
use timing::Timeline;
use timing::cli;

mod args;
mod interrupt;
mod monitor;
mod task;

use args::Args;
use interrupt::Interrupt;
use monitor::Monitor;
use task::Task;

fn main() -> ExitCode {
    cli::exit_code(run(&Args::read()))
}

fn run(args: &Args) -> Result<bool> {
    if let Some(address) = args.serve {
        let site = Site::start(address)?;
        cli::print(&format!("{} (Ctrl-C ends it)\n", site.url("/")))?;
        site.serve_for_ever();
        return Ok(true);
    }
    let interrupt = Interrupt::listen()?;
    let task = Task::of(args)?;
    let strategies = match &args.strategies[..] {
        [] => task.strategies,
        named => named,
    };
    let has_one_folder = strategies.len() == 1 && !task.is_lesson();
    let mut last = None;
    let report = args.options.compare(strategies, |strategy, turn| {
        if interrupt.has_happened() {
            return Ok(String::new());
        }
        let folder = match has_one_folder {
            true => args.output.clone(),
            false => args.output.join(&turn.name),
        };
        let monitor = Monitor::new(task.is_long)?;
        let job = Job {
            crawl: Arc::new(task.crawl(&folder, monitor.observer())?),
            concurrency: args.concurrency.into(),
        };
        interrupt.watch(&job.crawl);
        let result = turn.record(strategy.workers(&job), |timeline| {
            // The timeline of a long crawl needs much memory: it is recorded if a file wants it.
            let off = Timeline::off();
            let is_wanted = !task.is_long || args.options.draws();
            strategy.run(&job, if is_wanted { timeline } else { &off })
        });
        interrupt.release();
        let summary = monitor.finish();
        result?;
        let crawl = Arc::into_inner(job.crawl).context("a worker still has the crawl")?;
        let remarks = monitor::remarks(crawl.close()?);
        let (name, downloaded) = (&turn.name, summary.downloaded);
        let (kib, place) = (summary.bytes.div_ceil(1024), folder.display());
        cli::print(&format!(
            "{name}: {downloaded} pages, {kib} KiB, in {place}{remarks}\n"
        ))?;
        for (url, remark) in &summary.remarks {
            cli::complain(&format!("note: {name}: {url}: {remark}"));
        }
        for (url, error) in &summary.failed {
            turn.complain(&format!("{url}: {error}"));
        }
        if args.site.link_check {
            for broken in check::broken(&folder)? {
                let Broken { page, link, why } = broken;
                turn.complain(&format!("{page} links to {link}: {why}"));
            }
        }
        // A redirect is no page, nor is a page that robots.txt disallows.
        let wanted = downloaded + summary.failed.len();
        last = Some(summary);
        Ok(format!("{downloaded} of {wanted} pages"))
    })?;
    if let Some(summary) = last.filter(|_| task.is_long) {
        cli::print(&format!("\n{}", summary.draw()))?;
    }
    cli::print("\n")?;
    Ok(report.publish(&args.options)? && !interrupt.has_happened())
}

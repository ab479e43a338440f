//! `cargo run -p ping`: see `--help`, and the README beside this folder.

mod args;

use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::Parser;
use ping::clients::{Clients, HTTPSTAT, Settings};
use ping::log::Log;
use ping::pace::Pace;
use ping::server::Server;
use ping::targets::{COURSE, Targets};
use ping::{Job, targets};
use timing::{Timeline, cli};

use args::Args;

fn main() -> ExitCode {
    cli::exit_code(run(&Args::parse()))
}

fn run(args: &Args) -> Result<bool> {
    // A ping needs an open file, and three with the server in this program. The usual limit is
    // meant for programs that open a few. Where it can't be raised, pings beyond it fail and say
    // so.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    if let Some(address) = args.serve {
        let server = Server::start(address)?;
        cli::print(&format!("http://{}/ (Ctrl-C ends it)\n", server.address()))?;
        server.serve_for_ever();
        return Ok(true);
    }
    let (urls, server) = urls(args)?;
    let is_load = args.is_load();
    let log = Arc::new(Log::new(is_load));
    let (added, interrupted) = (Arc::clone(&log), Arc::clone(&log));
    let job = Job {
        targets: Targets::new(urls, args.times())?,
        clients: Clients::new(Settings {
            method: args.method.clone(),
            timeout: args.timeout,
            connect_timeout: args.connect_timeout,
            redirects: args.redirects.into(),
            stand_in: server.as_ref().map(Server::address),
            #[cfg(feature = "https")]
            authorities: args.authorities()?,
        })?,
        workers: args.concurrency.map_or(args.options.workers(), usize::from),
        in_flight: args.concurrency.map_or(1000, usize::from),
        pace: Pace::new(args.rate, args.duration),
        tell: Arc::new(move |pong| added.add(pong)),
    };
    let leave = move || {
        interrupted.interrupted();
        std::process::exit(1);
    };
    ctrlc::set_handler(leave).context("can't listen for Ctrl-C")?;
    let strategies = cli::chosen(&args.strategies);
    let report = args.options.compare(strategies, |strategy, turn| {
        turn.heading()?;
        let job = job.again();
        let result = turn.record(strategy.workers(&job), |timeline| {
            // A lane for each of many pings needs much memory: they are drawn if a file wants them.
            let off = Timeline::off();
            let is_drawn = !is_load || args.options.draws();
            strategy.run(&job, if is_drawn { timeline } else { &off })
        });
        let summary = log.take()?;
        let all = job.count().unwrap_or(summary.answered() + summary.failed());
        if let Err(error) = result {
            turn.complain(&format!("{error:#}"));
        } else {
            cli::print(&summary.to_string())?;
            if is_load {
                cli::print(&summary.details())?;
            }
            if summary.failed() > 0 {
                turn.complain(&format!("{} of {all} failed", summary.failed()));
            }
        }
        turn.details(summary.to_json());
        Ok(format!("{} of {all} answered", summary.answered()))
    })?;
    cli::print("\n")?;
    report.publish(&args.options)
}

/// What to ping, and the server of this program's own if it is to answer.
fn urls(args: &Args) -> Result<(Vec<String>, Option<Server>)> {
    let mut urls = args.url.clone();
    if let Some(path) = &args.input {
        urls.extend(targets::read(path)?);
    } else if let Some(server) = &args.live {
        urls.extend(targets::course_at(server));
    } else if urls.is_empty() {
        urls.extend(COURSE.map(str::to_owned));
    }
    if !args.url.is_empty() || args.input.is_some() || args.live.is_some() {
        return Ok((urls, None));
    }
    let server = Server::start((Ipv4Addr::LOCALHOST, 0).into())?;
    let address = server.address();
    let line = format!("{HTTPSTAT} is here a server of this program's own, at {address}\n");
    cli::print(&line)?;
    Ok((urls, Some(server)))
}

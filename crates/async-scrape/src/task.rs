//! What the user wants to be downloaded: a list, a site, or the lesson's own site.
//!
//! Only [`Task::of`] asks which of the three it is.

use std::fs;
use std::io::{self, Read};
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use async_scrape::Strategy;
use async_scrape::client::{OWN_SITE, Settings};
use async_scrape::crawl::address::{self, Servers};
use async_scrape::crawl::frontier::Limits;
use async_scrape::crawl::list::{self, List};
use async_scrape::crawl::output::Output;
use async_scrape::crawl::scope::Scope;
use async_scrape::crawl::store::Store;
use async_scrape::crawl::{Crawl, Observer, Plan, Policy, SITEMAP};
use async_scrape::site::Site;
#[cfg(feature = "https")]
use async_scrape::trust;
use clap::ValueEnum;
use indexmap::IndexSet;
use reqwest::Url;
use reqwest::header::HeaderMap;
use timing::cli;

use crate::args::Args;

/// Makes the output of a crawl into a folder.
type Open = Box<dyn Fn(&Path) -> Result<Box<dyn Output>>>;

/// What is to be downloaded, by one strategy or several.
pub struct Task {
    /// The strategies that are run if the user names none.
    pub strategies: &'static [Strategy],
    /// Whether it may take long: then a bar shows how far it is, and tables sum it up.
    pub is_long: bool,
    plan: Plan,
    open: Open,
    /// The lesson's own site, which answers as long as this exists.
    own_site: Option<Site>,
}

impl Task {
    /// The task that the arguments describe.
    pub fn of(args: &Args) -> Result<Self> {
        match &args.urls {
            Some(file) => Self::list(args, file),
            None if args.url.is_empty() && args.seeds.is_none() => Self::lesson(args),
            None => {
                let parse = |url: &String| address::parse(url).with_context(|| url.clone());
                let mut seeds = args.url.iter().map(parse).collect::<Result<Vec<_>>>()?;
                if let Some(file) = &args.seeds {
                    seeds.extend(list::urls(read(file)?.lines())?);
                }
                Self::site(args, seeds)
            }
        }
    }

    /// Whether it is the lesson's own site, which is downloaded to compare strategies.
    pub fn is_lesson(&self) -> bool {
        self.own_site.is_some()
    }

    /// Makes a crawl that writes into this folder.
    pub fn crawl(&self, folder: &Path, observer: Observer) -> Result<Crawl> {
        // Whoever can't write to the default folder learns which option names another one.
        let open = || (self.open)(folder).context("--output");
        Crawl::new(&self.plan, open, observer)
    }

    /// A list: all of it, and no links.
    fn list(args: &Args, file: &Path) -> Result<Self> {
        let seeds = list::urls(read(file)?.lines())?;
        let mut plan = plan(args, seeds.clone(), Servers::All)?;
        plan.limits.depth = 0;
        plan.limits.pages = u32::MAX;
        plan.limits.per_server = args.links.per_host.map_or(usize::MAX, usize::from);
        plan.limits.robots_first = false;
        plan.policy.robots = false;
        Ok(Self {
            strategies: &[Strategy::Tasks],
            is_long: false,
            plan,
            open: Box::new(move |folder| Ok(Box::new(List::create(folder, &seeds)?))),
            own_site: None,
        })
    }

    /// A site: from these pages as far as links lead.
    fn site(args: &Args, seeds: Vec<Url>) -> Result<Self> {
        let servers = seeds.iter().map(|seed| address::server(seed).to_owned());
        let servers = servers.chain(args.links.allow.iter().cloned()).collect();
        let mut plan = plan(args, seeds, Servers::Only(servers))?;
        let scope = plan.policy.scope.clone();
        plan.seeds.retain(|seed| scope.is_here(seed));
        if plan.policy.sitemaps {
            let of = |seed: &Url| seed.join(SITEMAP).ok();
            let sitemaps: IndexSet<_> = plan.seeds.iter().filter_map(of).collect();
            plan.seeds.extend(sitemaps);
        }
        let options = args.site.options();
        Ok(Self {
            strategies: &[Strategy::Tasks],
            is_long: true,
            plan,
            open: Box::new(move |folder| Ok(Box::new(Store::open(folder, &options)?))),
            own_site: None,
        })
    }

    /// The lesson's own site: by every strategy, and as fast as each can.
    fn lesson(args: &Args) -> Result<Self> {
        let site = Site::start((Ipv4Addr::LOCALHOST, 0).into())?;
        cli::print(&format!(
            "a site of this program's own, at {}, here called {OWN_SITE}\n",
            site.url("/")
        ))?;
        let mut task = Self::site(args, vec![address::parse(&format!("http://{OWN_SITE}/"))?])?;
        task.strategies = Strategy::value_variants();
        task.is_long = false;
        task.plan.limits.per_server = usize::MAX;
        task.plan.settings.own_site = Some(site.address());
        task.own_site = Some(site);
        Ok(task)
    }
}

/// The plan of a site's crawl, as the arguments describe it.
fn plan(args: &Args, seeds: Vec<Url>, servers: Servers) -> Result<Plan> {
    let links = &args.links;
    let default = Limits::default();
    let mut headers = HeaderMap::new();
    for (name, value) in &args.header {
        headers.append(name, value.clone());
    }
    Ok(Plan {
        seeds,
        limits: Limits {
            depth: links.depth,
            pages: links.max_pages,
            counted: servers.clone(),
            per_server: links.per_host.map_or(default.per_server, usize::from),
            delay: Duration::from_millis(links.delay.into()),
            random_delay: links.wait_random,
            robots_first: !links.ignore_robots,
        },
        policy: Policy {
            robots: !links.ignore_robots,
            scope: Scope {
                include: links.include.clone(),
                exclude: links.exclude.clone(),
                shard: links.shard,
            },
            outside: args.site.link_check,
            sitemaps: links.sitemap,
            bytes: args.max_bytes,
            retries: args.retries,
            ..Policy::of(servers)
        },
        settings: Settings {
            timeout: *args.timeout,
            user_agent: args.user_agent.clone(),
            headers,
            cookies: !args.no_cookies,
            private: links.allow_private,
            #[cfg(feature = "https")]
            authorities: args.ca.as_deref().map_or(Ok(Vec::new()), trust::read)?,
            ..Settings::default()
        },
        warc: args.site.warc(),
    })
}

/// Reads a file, or stdin if it is called `-`.
fn read(path: &Path) -> Result<String> {
    if path == Path::new("-") {
        let mut text = String::new();
        let read = io::stdin().read_to_string(&mut text);
        return read.map(|_| text).context("can't read stdin");
    }
    fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))
}

//! What every strategy must do, and the program as its user runs it.
//!
//! The servers are the lesson's own site and ones that misbehave, all on 127.0.0.1 at free ports.

use std::collections::BTreeMap;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{MAIN_SEPARATOR, Path};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_scrape::Job;
use async_scrape::client::Settings;
use async_scrape::crawl::address::{self, Servers};
use async_scrape::crawl::frontier::Limits;
use async_scrape::crawl::index::{Entry, Index};
use async_scrape::crawl::list::{self as pages, List};
use async_scrape::crawl::output;
use async_scrape::crawl::store::{Earlier, Options, Store};
use async_scrape::crawl::{Crawl, Observer, Plan, Policy};
use async_scrape::site::Site;
use reqwest::Url;

mod codings;
mod cookies;
mod disk;
mod examples;
mod full;
mod harm;
mod heads;
mod hostile;
mod links;
mod list;
mod markup;
mod names;
mod network;
mod offline;
mod pace;
mod program;
mod resume;
mod scope;
#[cfg(feature = "https")]
mod secure;
mod site;
#[cfg(feature = "https")]
mod socks;
#[cfg(feature = "https")]
mod tls;
mod waits;
mod warc;
mod wget;

// Where `secure.rs` and `socks.rs`, which another lesson has, too, look for it.
#[cfg(feature = "https")]
use crate::list::raw;

fn site() -> Site {
    Site::faster((Ipv4Addr::LOCALHOST, 0).into(), 1000).unwrap()
}

fn url(text: &str) -> Url {
    address::parse(text).unwrap()
}

/// A crawl of a test, which changes what differs from the default.
struct Crawling {
    limits: Limits,
    policy: Policy,
    settings: Settings,
    concurrency: usize,
    options: Options,
}

impl Default for Crawling {
    fn default() -> Self {
        Self {
            limits: Limits {
                depth: 100,
                pages: 1000,
                per_server: 100,
                ..Limits::default()
            },
            policy: Policy {
                bytes: 1 << 20,
                retries: 1,
                back_off: Duration::from_millis(1),
                ..Policy::of(Servers::All)
            },
            settings: Settings {
                timeout: Duration::from_secs(60),
                // With an own site, proxies that the environment names are not used.
                own_site: Some((Ipv4Addr::LOCALHOST, 9).into()),
                ..Settings::default()
            },
            concurrency: 5,
            options: Options::default(),
        }
    }
}

impl Crawling {
    /// A crawl of the server of this URL, which begins there.
    fn from(&self, url: &Url, folder: &Path) -> Job {
        self.crawl_of(vec![url.clone()], folder)
    }

    /// A crawl of the servers of these URLs, which begins there.
    fn crawl_of(&self, urls: Vec<Url>, folder: &Path) -> Job {
        let mut plan = self.plan(urls);
        plan.limits.robots_first = plan.policy.robots;
        let servers = plan.seeds.iter().map(address::server);
        plan.policy.servers = Servers::Only(servers.map(str::to_owned).collect());
        let store = Store::open(folder, &self.options).unwrap();
        self.job(&plan, Box::new(store), Arc::new(|_| ()))
    }

    /// The download of a list, and what becomes of its pages.
    fn list(&self, urls: &[String], folder: &Path) -> (Job, Arc<Mutex<Vec<Entry>>>) {
        let urls = pages::urls(urls.iter().map(String::as_str)).unwrap();
        let list = List::create(folder, &urls).unwrap();
        let mut plan = self.plan(urls);
        plan.limits.robots_first = false;
        plan.policy.robots = false;
        let entries: Arc<Mutex<Vec<Entry>>> = Arc::default();
        let noted = Arc::clone(&entries);
        let observer = Arc::new(move |entry: &Entry| noted.lock().unwrap().push(entry.clone()));
        (self.job(&plan, Box::new(list), observer), entries)
    }

    fn plan(&self, seeds: Vec<Url>) -> Plan {
        Plan {
            seeds,
            limits: self.limits.clone(),
            policy: self.policy.clone(),
            settings: self.settings.clone(),
            warc: None,
        }
    }

    fn job(&self, plan: &Plan, output: Box<dyn output::Output>, observer: Observer) -> Job {
        Job {
            crawl: Arc::new(Crawl::new(plan, || Ok(output), observer).unwrap()),
            concurrency: self.concurrency,
        }
    }
}

/// How a folder is used, again or for the first time.
fn again(resume: bool) -> Options {
    Options {
        earlier: match resume {
            true => Earlier::Resumed,
            false => Earlier::Replaced,
        },
        ..Options::default()
    }
}

/// Ends a crawl of a site, and returns what became of its pages.
fn close(job: Job, folder: &Path) -> Vec<Entry> {
    let crawl = Arc::into_inner(job.crawl).expect("all workers are gone");
    crawl.close().unwrap();
    Index::read(folder).unwrap().unwrap().pages
}

/// The entry of the page whose URL has this end.
#[track_caller]
fn of<'e>(entries: &'e [Entry], end: &str) -> &'e Entry {
    let found = entries.iter().find(|entry| entry.url.ends_with(end));
    found.unwrap_or_else(|| panic!("no {end} in {entries:#?}"))
}

/// All files of a folder but `index.json`, which contains times.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut tree = tree(folder);
    tree.remove("index.json");
    tree
}

/// All files of a folder, and hidden ones.
fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = walkdir::WalkDir::new(folder)
        .into_iter()
        .map(Result::unwrap);
    let files = files.filter(|entry| entry.file_type().is_file());
    files
        .map(|entry| {
            let name = entry.path().strip_prefix(folder).unwrap();
            let name = name.to_str().unwrap().replace(MAIN_SEPARATOR, "/");
            (name, fs::read(entry.path()).unwrap())
        })
        .collect()
}

/// A command that runs the program in this folder.
fn scrape(arguments: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_async-scrape"));
    command
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
        command.env_remove(name).env_remove(name.to_uppercase());
    }
    command
        .env_remove("SSL_CERT_FILE")
        .env_remove("SSL_CERT_DIR");
    command
}

/// Checks the exit status of a program, and returns its stdout and stderr, with `/` in paths.
#[track_caller]
fn ended(output: Output, status: i32) -> (String, String) {
    let text = |bytes| {
        String::from_utf8(bytes)
            .unwrap()
            .replace(MAIN_SEPARATOR, "/")
    };
    let (out, err) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(status), "{out}{err}");
    assert!(!err.contains("panicked"), "{err}");
    (out, err)
}

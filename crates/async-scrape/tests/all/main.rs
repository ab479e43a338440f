//! What every strategy must do, and the real program as its user runs it, against the real site and servers that misbehave: all of
//! them on 127.0.0.1, at ports that were free.

use std::collections::BTreeMap;
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_scrape::client::Settings;
use async_scrape::crawl::address::{self, Servers};
use async_scrape::crawl::frontier::{Frontier, Limits};
use async_scrape::crawl::index::{Entry, Index};
use async_scrape::crawl::store::Store;
use async_scrape::crawl::{Crawl, Output as Files, Rules};
use async_scrape::site::Site;
use async_scrape::{Job, names};
use reqwest::Url;

mod examples;
mod hostile;
mod links;
mod list;
mod place;
mod program;
mod site;
mod wget;

fn site() -> Site {
    Site::hasty((Ipv4Addr::LOCALHOST, 0).into(), 1000).unwrap()
}

fn url(text: &str) -> Url {
    names::parse(text).unwrap()
}

/// What a crawl may do, unless a test says otherwise.
struct Crawling {
    limits: Limits,
    rules: Rules,
    settings: Settings,
    concurrency: usize,
    resume: bool,
}

impl Default for Crawling {
    fn default() -> Self {
        Self {
            limits: Limits {
                depth: 100,
                pages: 1000,
                per_server: 100,
                delay: Duration::ZERO,
                ask_first: true,
            },
            rules: Rules {
                servers: Servers::All,
                robots: true,
                bytes: 1 << 20,
                retries: 1,
                pause: Duration::from_millis(1),
            },
            settings: Settings {
                timeout: Duration::from_secs(60),
                // Whatever the environment says of proxies.
                stand_in: Some((Ipv4Addr::LOCALHOST, 9).into()),
                ..Settings::default()
            },
            concurrency: 5,
            resume: false,
        }
    }
}

impl Crawling {
    /// A crawl of the server of this URL, from there.
    fn from(&self, url: &Url, folder: &Path) -> Job {
        let mut rules = self.rules.clone();
        rules.servers = Servers::Only(vec![address::server(url)]);
        let limits = Limits {
            ask_first: rules.robots,
            ..self.limits.clone()
        };
        let frontier = Frontier::new(limits, [url.clone()]);
        let store = Store::open(folder, self.resume).unwrap();
        let crawl = Crawl::new(
            frontier,
            Files::Site(store),
            rules,
            &self.settings,
            Arc::new(|_| ()),
        );
        Job {
            crawl: Arc::new(crawl.unwrap()),
            concurrency: self.concurrency,
        }
    }

    /// A list, and what becomes of its pages.
    fn list(&self, urls: &[String], folder: &Path) -> (Job, Arc<Mutex<Vec<Entry>>>) {
        let pages = names::pages(urls.iter().map(String::as_str)).unwrap();
        let names = pages
            .iter()
            .map(|page| (page.url.clone(), page.name.clone()))
            .collect();
        let limits = Limits {
            ask_first: false,
            ..self.limits.clone()
        };
        let frontier = Frontier::new(limits, pages.into_iter().map(|page| page.url));
        let told: Arc<Mutex<Vec<Entry>>> = Arc::default();
        let noted = Arc::clone(&told);
        let tell = Arc::new(move |entry: &Entry| noted.lock().unwrap().push(entry.clone()));
        let mut rules = self.rules.clone();
        rules.robots = false;
        let crawl = Crawl::new(
            frontier,
            Files::List(folder.to_owned(), names),
            rules,
            &self.settings,
            tell,
        );
        (
            Job {
                crawl: Arc::new(crawl.unwrap()),
                concurrency: self.concurrency,
            },
            told,
        )
    }
}

/// Ends a crawl of a site: what became of its pages.
fn close(job: Job, folder: &Path) -> Vec<Entry> {
    let crawl = Arc::into_inner(job.crawl).expect("all workers are gone");
    let Files::Site(store) = crawl.output else {
        panic!("a site")
    };
    store.close(&[], true).unwrap();
    Index::read(folder).unwrap().unwrap().pages
}

/// The entry of the page whose URL ends so.
#[track_caller]
fn of<'e>(entries: &'e [Entry], end: &str) -> &'e Entry {
    let found = entries.iter().find(|entry| entry.url.ends_with(end));
    found.unwrap_or_else(|| panic!("no {end} in {entries:#?}"))
}

/// The trees of files without what tells of times.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut tree = tree(folder);
    tree.remove("index.json");
    tree
}

/// All files of a folder, hidden ones, too.
fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = walkdir::WalkDir::new(folder)
        .into_iter()
        .map(Result::unwrap);
    let files = files.filter(|entry| entry.file_type().is_file());
    files
        .map(|entry| {
            let name = entry
                .path()
                .strip_prefix(folder)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect()
}

/// The program, to be run in this folder.
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
}

#[track_caller]
fn ended(output: Output, status: i32) -> (String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (out, err) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(status), "{out}{err}");
    assert!(!err.contains("panicked"), "{err}");
    (out, err)
}

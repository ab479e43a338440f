//! Servers and folders that mean harm.

use std::path::PathBuf;
use std::sync::Arc;
use std::{fs, io};
use timing::limit::InTime;

use anyhow::{Context, Result};
use async_scrape::Strategy;
use async_scrape::crawl::answer::{Answer, Failure};
use async_scrape::crawl::index::Entry;
use async_scrape::crawl::list::List;
use async_scrape::crawl::output::{Ending, Output};
use async_scrape::file::Destination;
use reqwest::{Response, Url};
use timing::Timeline;

use crate::heads::bytes;
use crate::{Crawling, again, close, ended, scrape, site, url};
#[cfg(unix)]
use crate::{of, tree};

#[test]
fn no_server_commands_a_terminal() {
    let (server, _) = bytes(|path| {
        match path {
        "/robots.txt" => b"HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec(),
        "/" => b"HTTP/1.1 200 \x1b]0;x\x07OK\r\nContent-Type: text/html;\xc2\x9b31m\r\nConnection: close\r\n\r\n\
            <title>\x1b[31mred\xc2\x9b1m</title><a href='a\x1b[2J\xc2\x9b'>x</a><a href=b>x</a><a href=c>x</a>"
            .to_vec(),
        "/b" => b"HTTP/1.1 302 Found\r\nLocation: http://\x1b[31m\xc2\x9b/\r\nConnection: close\r\n\r\n".to_vec(),
        "/c" => b"HTTP/1.1 200 OK\r\nContent-Encoding: \xc2\x9b31m\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx"
            .to_vec(),
        _ => b"HTTP/1.1 500 \x1b[31mOh\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec(),
    }
    });
    let folder = tempfile::tempdir().unwrap();
    let url = format!("{server}/");
    let run = scrape(&["--url", &url, "--output", "out"], folder.path()).output_in_time();
    let (out, err) = ended(run, 1);
    let index = fs::read_to_string(folder.path().join("out/index.json")).unwrap();
    assert!(
        err.contains("500") && err.contains("it redirects to"),
        "{err}"
    );
    assert!(err.contains("kept as it came"), "{err}");
    for text in [out, err, index] {
        let bad = |c: char| c.is_control() && c != '\n';
        assert!(!text.contains(bad), "{}", text.escape_debug());
    }
}

/// The folder of a list, whose disk has no room for what became of a page.
struct Full(List, io::ErrorKind);

impl Output for Full {
    fn destination(&self, url: &Url) -> Result<Destination> {
        self.0.destination(url)
    }

    fn judge(&self, response: Response, url: &Url) -> Result<Answer, Failure> {
        self.0.judge(response, url)
    }

    fn follows_redirects(&self) -> bool {
        self.0.follows_redirects()
    }

    fn is_searched(&self) -> bool {
        self.0.is_searched()
    }

    fn earlier(&self, url: &Url) -> Option<(Entry, PathBuf)> {
        self.0.earlier(url)
    }

    fn note(&self, _: &Entry) -> Result<()> {
        Err(io::Error::from(self.1)).context("can't write the journal")
    }

    fn close(self: Box<Self>, ending: &Ending<'_>) -> Result<()> {
        Box::new(self.0).close(ending)
    }
}

#[test]
fn a_full_disk_ends_the_crawl() {
    for kind in [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded] {
        let site = site();
        let urls: Vec<_> = ["/a", "/b", "/c"]
            .iter()
            .map(|path| url(&site.url(path)))
            .collect();
        let folder = tempfile::tempdir().unwrap();
        let list = List::create(folder.path(), &urls).unwrap();
        let mut plan = Crawling::default().plan(urls);
        (plan.limits.robots_first, plan.policy.robots) = (false, false);
        let job = Crawling::default().job(&plan, Box::new(Full(list, kind)), Arc::new(|_| ()));
        Strategy::Sequential.run(&job, &Timeline::off()).unwrap();
        assert_eq!(site.requests(), ["/a"]);
        assert!(!job.crawl.frontier.progress().is_complete());
    }
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link_that_leads_out_of_the_folder() {
    use std::os::unix::fs::symlink;
    let (server, _) = bytes(|path| {
        let body = match path {
            "/" => {
                "<html><a href=out/a>x</a><a href=out/b/c>x</a><a href=in/d>x</a><a href=e>x</a>"
            }
            path => path,
        };
        format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{body}").into_bytes()
    });
    let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let pages = folder
        .path()
        .join(server.strip_prefix("http://").unwrap().replace(':', "%3A"));
    fs::create_dir_all(pages.join("real")).unwrap();
    fs::write(outside.path().join("e"), "before").unwrap();
    symlink(outside.path(), pages.join("out")).unwrap();
    symlink(outside.path().join("e"), pages.join("e")).unwrap();
    symlink("real", pages.join("in")).unwrap();
    let mut crawling = Crawling::default();
    crawling.policy.robots = false;
    let job = crawling.from(&url(&format!("{server}/")), folder.path());
    Strategy::Tasks.run(&job, &Timeline::off()).unwrap();
    let entries = close(job, folder.path());
    for end in ["/out/a", "/out/b/c"] {
        let error = of(&entries, end).error.as_deref().unwrap_or_default();
        assert!(error.contains("leads out of the folder"), "{error}");
    }
    // A link inside the folder is followed, and a link in a file's place is replaced.
    assert_eq!(fs::read_to_string(pages.join("real/d")).unwrap(), "/in/d");
    assert_eq!(fs::read_to_string(pages.join("e")).unwrap(), "/e");
    let outside = tree(outside.path());
    assert_eq!(
        outside.into_iter().collect::<Vec<_>>(),
        [("e".to_owned(), b"before".to_vec())]
    );
}

#[test]
fn an_index_that_names_files_elsewhere_harms_none() {
    let (server, _) = bytes(|path| {
        let body = if path == "/" {
            "<html><a href=A>x</a><a href=a>x</a>"
        } else {
            path
        };
        format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{body}").into_bytes()
    });
    let root = tempfile::tempdir().unwrap();
    let outside = root.path().join("precious");
    for resume in [true, false] {
        let folder = root.path().join(format!("out {resume}"));
        fs::create_dir_all(&folder).unwrap();
        fs::write(&outside, "before").unwrap();
        for file in ["../precious".to_owned(), outside.display().to_string()] {
            let entry = |path: &str| serde_json::json!({ "url": format!("{server}{path}"), "status": 200, "file": file, "bytes": 5 });
            let index = serde_json::json!({
                "from": [], "complete": true, "pages": [entry("/"), entry("/A"), entry("/gone")]
            });
            fs::write(folder.join("index.json"), index.to_string()).unwrap();
            let mut crawling = Crawling {
                options: again(resume),
                ..Crawling::default()
            };
            crawling.policy.robots = false;
            let job = crawling.crawl_of(vec![url(&format!("{server}/"))], &folder);
            Strategy::Sequential.run(&job, &Timeline::off()).unwrap();
            let entries = close(job, &folder);
            assert_eq!(entries.len(), 3, "{entries:#?}");
            assert!(entries.iter().all(|entry| entry.error.is_none()));
            assert_eq!(fs::read_to_string(&outside).unwrap(), "before");
        }
    }
}

#[cfg(unix)]
#[test]
fn the_folder_for_what_is_not_finished_is_no_link() {
    use std::os::unix::fs::symlink;
    for name in [".crawl", ".crawl/lock", ".crawl/journal"] {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("target");
        fs::create_dir_all(folder.path().join("out")).unwrap();
        if name == ".crawl" {
            fs::create_dir(&target).unwrap();
        } else {
            fs::create_dir(folder.path().join("out/.crawl")).unwrap();
            fs::write(&target, "before").unwrap();
        }
        symlink(&target, folder.path().join("out").join(name)).unwrap();
        let arguments = ["--url", "http://127.0.0.1:9/", "--output", "out"];
        let run = scrape(&arguments, folder.path()).output_in_time();
        let (_, err) = ended(run, 1);
        assert!(
            err.contains("is a symbolic link: nothing is written there"),
            "{err}"
        );
        if target.is_file() {
            assert_eq!(fs::read_to_string(&target).unwrap(), "before");
        }
    }
}

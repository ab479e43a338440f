//! What comes of a page that is downloaded, in each claim. The functions return what that is called
//! in the story.

use std::time::Duration;

use reqwest::Url;
use timing::proof::scoped::dies;

use crate::crawl::frontier::{Frontier, Page};
use crate::world::Instant;

pub fn url(path: &str) -> Url {
    Url::parse(&format!("http://{path}")).expect("it is a URL")
}

/// The page as it is called here: `a/0`.
pub fn name(page: &Page) -> String {
    page.url.as_str().replace("http://", "")
}

/// 0 links to 1 and 2, both of which link to all three.
pub fn three_pages(frontier: &Frontier, page: &Page, _: usize) -> &'static str {
    let links: &[&str] = match page.url.path() {
        "/0" => &["a/1", "a/2"],
        _ => &["a/0", "a/1", "a/2"],
    };
    let links: Vec<_> = links.iter().map(|path| format!("http://{path}")).collect();
    frontier.done(page, &links);
    "done"
}

/// 0 links to a page of its own server, and to two of another.
pub fn abroad(frontier: &Frontier, page: &Page, _: usize) -> &'static str {
    let links = match page.url.path() {
        "/0" => &["a/1", "b/1", "b/2"][..],
        _ => &[],
    };
    let links: Vec<_> = links.iter().map(|path| format!("http://{path}")).collect();
    frontier.done(page, &links);
    "done"
}

/// Nothing is linked.
pub fn no_links(frontier: &Frontier, page: &Page, _: usize) -> &'static str {
    frontier.done(page, &[]);
    "done"
}

/// The server is busy at the first request for each page, and asks to come back later.
pub fn busy(frontier: &Frontier, page: &Page, _: usize) -> &'static str {
    if page.failures == 0 {
        frontier.put_back(page, Instant::now() + Duration::from_secs(1), 1);
        return "put back";
    }
    no_links(frontier, page, 2)
}

/// 0 and 1 redirect to each other, until their cookie comes back.
pub fn circle(frontier: &Frontier, page: &Page, times: usize) -> &'static str {
    if times > 1 {
        return no_links(frontier, page, times);
    }
    let to = match page.url.path() {
        "/0" => "a/1",
        _ => "a/0",
    };
    match frontier.redirected(page, &url(to), true) {
        Ok(()) => "a redirect",
        Err(why) => why,
    }
}

/// A page stops the crawl, as if the disk were full.
pub fn full(frontier: &Frontier, page: &Page, _: usize) -> &'static str {
    frontier.stop();
    frontier.done(page, &["http://a/1", "http://a/2"].map(str::to_owned));
    "the disk is full"
}

/// The worker of the first page panics.
pub fn deadly(frontier: &Frontier, page: &Page, times: usize) -> &'static str {
    if page.url.path() == "/0" {
        dies();
    }
    no_links(frontier, page, times)
}

/// It was forbidden by `robots.txt`: it is not counted.
pub fn forbidden(frontier: &Frontier, page: &Page, _: usize) -> &'static str {
    if page.url.path() == "/0" {
        frontier.not_requested(page);
    }
    three_pages(frontier, page, 1)
}

/// The first page of a server brings its crawl delay.
pub fn robots(frontier: &Frontier, page: &Page, _: usize) -> &'static str {
    if page.url.path() == "/0" {
        frontier.set_crawl_delay(page, Some(Duration::from_secs(1)));
    }
    three_pages(frontier, page, 1)
}

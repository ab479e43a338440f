//! The machinery: from a page that is known to a file, and to the pages that it leads to. It knows nothing of strategies: it says
//! where it has to wait (`.await`), and who calls it decides what happens meanwhile.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, anyhow, bail};
use reqwest::{Response, StatusCode, Url};
use timing::{Kind, Lane};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

pub mod address;
pub mod answer;
pub mod charset;
pub mod css;
pub mod frontier;
pub mod html;
pub mod links;
pub mod place;
pub mod robots;
pub mod store;

use address::Servers;
use answer::{Again, Trouble};
use frontier::{Frontier, Page};
use links::{Found, Language};
use robots::{Answer, Denied, Robots};
use store::{Entry, Store};

use crate::client::Settings;
use crate::disk::Disk;
use crate::file::Part;

/// So much of a page is held in memory; what is longer goes to the disk as it comes.
const IN_MEMORY: usize = 1 << 20;

/// Links are looked for so far into a page.
const READ: u64 = 32 << 20;

/// What may be asked for, and what becomes of it.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Whose pages.
    pub servers: Servers,
    /// Whether `robots.txt` is asked for, and obeyed.
    pub robots: bool,
    /// The most bytes of one body.
    pub bytes: u64,
    /// How often a page is asked for again that could not be had.
    pub retries: u32,
    /// How long to wait before that; twice as long each further time.
    pub pause: Duration,
}

/// Where the files go.
#[derive(Debug)]
pub enum Output {
    /// A list of pages, whatever the server answers: a folder, and the name of each file.
    List(PathBuf, HashMap<Url, String>),
    /// A site: a tree of files, whose links are followed.
    Site(Store),
}

/// Where the news goes: what became of a page, from whichever worker.
pub type Tell = Arc<dyn Fn(&Entry) + Send + Sync>;

/// A crawl: what is to be had, and what is had so far.
pub struct Crawl {
    /// The pages that are known.
    pub frontier: Frontier,
    /// Where they go.
    pub output: Output,
    rules: Rules,
    agent: String,
    client: reqwest::Client,
    robots: Robots,
    tell: Tell,
    /// When what is under way is dropped.
    end: watch::Sender<Option<Instant>>,
}

impl Crawl {
    /// A crawl that has not begun.
    ///
    /// # Errors
    /// If there is no client to be had: see [`Settings::client`].
    pub fn new(
        frontier: Frontier,
        output: Output,
        rules: Rules,
        settings: &Settings,
        tell: Tell,
    ) -> Result<Self> {
        Ok(Self {
            frontier,
            output,
            rules,
            agent: settings.user_agent.clone(),
            client: settings.client()?,
            robots: Robots::default(),
            tell,
            end: watch::Sender::new(None),
        })
    }

    /// No page is begun from now on, and what is under way has so much time to come to its end.
    pub fn stop(&self, grace: Duration) {
        self.frontier.stop();
        self.end.send_replace(Some(Instant::now() + grace));
    }

    /// The unit of work: one page, from the question to the finished file and what it leads to.
    pub async fn download(&self, page: Page, lane: &mut Lane, disk: Disk) {
        let started = Instant::now();
        let mut entry = Entry {
            url: page.url.to_string(),
            ..Entry::default()
        };
        let led = tokio::select! {
            led = self.obtain(&page, lane, disk, &mut entry) => led,
            () = self.ended() => Err(anyhow!("interrupted")),
        };
        let led = match led {
            Ok(Led::Elsewhere(url)) => {
                entry.location = Some(url.to_string());
                self.frontier
                    .redirected(&page, &url)
                    .map_err(|error| anyhow!(error))
            }
            Ok(Led::To(links)) => {
                self.frontier.done(&page, &links);
                Ok(())
            }
            Err(error) => {
                self.frontier.done(&page, &[]);
                Err(error)
            }
        };
        if let Err(error) = led {
            entry.error = Some(format!("{error:#}"));
        }
        if entry.at.is_empty() {
            entry.at = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
            entry.ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        }
        if let Output::Site(store) = &self.output
            && let Err(error) = store.note(&entry)
        {
            entry.error.get_or_insert(format!("{error:#}"));
        }
        (self.tell)(&entry);
    }

    /// Ends when what is under way is to be dropped.
    async fn ended(&self) {
        let mut end = self.end.subscribe();
        loop {
            let at = *end.borrow_and_update();
            let at_last = async {
                match at {
                    Some(at) => sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = at_last => return,
                // The sender is in `self`, so this can't fail.
                _ = end.changed() => {}
            }
        }
    }

    async fn obtain(
        &self,
        page: &Page,
        lane: &mut Lane,
        disk: Disk,
        entry: &mut Entry,
    ) -> Result<Led> {
        if let Some((old, path)) = self.site().and_then(|store| store.earlier(&page.url)) {
            *entry = old;
            if let Some(location) = &entry.location {
                return Ok(Led::Elsewhere(Url::parse(location)?));
            }
            let (url, kind) = (page.url.clone(), entry.content_type.clone());
            let found = disk
                .run(move || read_back(&url, &kind, File::open(path)?))
                .await??;
            return Ok(Led::To(self.worth_following(found)));
        }
        if self.rules.robots {
            match self.robots(page, lane).await? {
                Ok(()) => {}
                Err(Denied::ByRule) => {
                    entry.skipped = Some("robots.txt does not allow it".to_owned());
                    return Ok(Led::To(Vec::new()));
                }
                Err(Denied::Lost(why)) => bail!("robots.txt can't be had: {why}"),
            }
        }
        let mut tries = 0;
        loop {
            let trouble = match self.attempt(page, lane, disk, entry).await {
                Ok(led) => return Ok(led),
                Err(trouble) => trouble,
            };
            if trouble.again == Again::Never || tries == self.rules.retries {
                let error = trouble.error;
                return Err(if tries == 0 {
                    error
                } else {
                    error.context(format!("tried {} times", tries + 1))
                });
            }
            // Twice as long each time, and not for all pages at the same time.
            let pause = self
                .rules
                .pause
                .mul_f64(f64::from(1 << tries.min(10)) * (0.5 + fastrand::f64()));
            let pause = match trouble.again {
                Again::Pause(asked) => {
                    let pause = asked.unwrap_or(pause);
                    self.frontier.pause(page, Instant::now() + pause);
                    pause
                }
                _ => pause,
            };
            let _waiting = lane.wait("pause");
            sleep(pause).await;
            tries += 1;
        }
    }

    /// Asks once.
    async fn attempt(
        &self,
        page: &Page,
        lane: &mut Lane,
        disk: Disk,
        entry: &mut Entry,
    ) -> Result<Led, Trouble> {
        let url = &page.url;
        let waiting = lane.wait(url.path().to_owned());
        let response = self.client.get(url.clone()).send().await;
        drop(waiting);
        let response = response?;
        entry.status = Some(response.status().as_u16());
        entry.content_type = answer::content_type(&response);
        let response = match self.site() {
            Some(_) => {
                if let Some(target) = answer::elsewhere(&response, url)? {
                    if !self.rules.servers.allow(&target) {
                        entry.skipped = Some(format!(
                            "it redirects to {target}, on a server that is not allowed"
                        ));
                        return Ok(Led::To(Vec::new()));
                    }
                    return Ok(Led::Elsewhere(target));
                }
                answer::page(response)?
            }
            // As in the course, whatever the status; but not what a server says that is too busy to answer.
            None if response.status() == StatusCode::TOO_MANY_REQUESTS => answer::page(response)?,
            None => response,
        };
        let found = self.receive(response, url, lane, disk, entry).await?;
        Ok(Led::To(self.worth_following(found)))
    }

    /// The body, into the file.
    async fn receive(
        &self,
        mut response: Response,
        url: &Url,
        lane: &mut Lane,
        disk: Disk,
        entry: &mut Entry,
    ) -> Result<Found, Trouble> {
        let most = self.rules.bytes;
        let expected = response.content_length().unwrap_or(0).min(IN_MEMORY as u64);
        let mut memory = Vec::with_capacity(usize::try_from(expected).unwrap_or(0));
        let mut part = None;
        let receiving = lane.wait("receive");
        while let Some(chunk) = response.chunk().await? {
            memory.extend_from_slice(&chunk);
            if memory.len() >= IN_MEMORY {
                let (mut written, name) = match part.take() {
                    Some(part) => part,
                    None => self.part(url)?,
                };
                // Nothing is received meanwhile: if the disk is slow, the server waits.
                (part, memory) = disk
                    .run(move || {
                        written.add(&memory, most)?;
                        memory.clear();
                        anyhow::Ok((Some((written, name)), memory))
                    })
                    .await??;
            }
        }
        drop(receiving);
        let (mut part, name) = match part {
            Some(part) => part,
            None => self.part(url)?,
        };
        let (begun, kind, is_site, url) = (
            std::time::Instant::now(),
            entry.content_type.clone(),
            self.site().is_some(),
            url.clone(),
        );
        let (found, parsed, bytes) = disk
            .run(move || {
                part.add(&memory, most)?;
                let found = match is_site {
                    true if part.len() == memory.len() as u64 => look(&url, &kind, &memory),
                    true => read_back(&url, &kind, part.reread()?)?,
                    false => Found::default(),
                };
                let parsed = std::time::Instant::now();
                anyhow::Ok((found, parsed, part.finish()?))
            })
            .await??;
        // Somebody else did it, or this thread.
        let kind = if disk == Disk::Here {
            Kind::Work
        } else {
            Kind::Wait
        };
        lane.between(kind, "parse", begun, parsed);
        lane.past(kind, "write", parsed);
        (entry.file, entry.bytes) = (Some(name), bytes);
        (entry.title, entry.links) = (found.title.clone(), found.links.len());
        Ok(found)
    }

    fn part(&self, url: &Url) -> Result<(Part, String)> {
        match &self.output {
            Output::Site(store) => store.part(url),
            Output::List(folder, names) => {
                let name = names.get(url).context("a page that is not in the list")?;
                Ok((Part::new(folder, folder.join(name))?, name.clone()))
            }
        }
    }

    fn site(&self) -> Option<&Store> {
        match &self.output {
            Output::Site(store) => Some(store),
            Output::List(..) => None,
        }
    }

    fn worth_following(&self, found: Found) -> Vec<Url> {
        if found.nofollow && self.rules.robots || self.site().is_none() {
            return Vec::new();
        }
        let links = found.links.into_iter();
        links.filter(|url| self.rules.servers.allow(url)).collect()
    }

    /// Whether the page's server allows it; whoever is the first to ask fetches the rules, and all others wait for them.
    async fn robots(&self, page: &Page, lane: &mut Lane) -> Result<Result<(), Denied>> {
        let cell = self.robots.of(&page.url);
        if let Some(answer) = cell.get() {
            return Ok(answer.allows(&page.url));
        }
        let _waiting = lane.wait("robots.txt");
        let answer = cell.get_or_init(|| async {
            let answer = self.fetch_robots(&page.url).await;
            answer.unwrap_or_else(|error| Answer::Lost(format!("{error:#}")))
        });
        let answer = answer.await;
        if let Some(delay) = answer.delay() {
            self.frontier.slow_down(page, delay);
        }
        Ok(answer.allows(&page.url))
    }

    async fn fetch_robots(&self, page: &Url) -> Result<Answer> {
        let mut url = page.join("/robots.txt")?;
        // At least five redirects are to be followed (RFC 9309, 2.3.1.2).
        for _ in 0..=5 {
            let mut response = self
                .client
                .get(url.clone())
                .send()
                .await
                .map_err(reqwest::Error::without_url)?;
            if let Some(target) = answer::elsewhere(&response, &url)? {
                if !self.rules.servers.allow(&target) {
                    break;
                }
                url = target;
                continue;
            }
            if response.status().is_client_error() {
                return Ok(Answer::None);
            }
            if !response.status().is_success() {
                bail!("the server answers {}", response.status());
            }
            let mut file = Vec::new();
            while file.len() < robots::LONGEST
                && let Some(chunk) = response
                    .chunk()
                    .await
                    .map_err(reqwest::Error::without_url)?
            {
                file.extend_from_slice(&chunk);
            }
            file.truncate(robots::LONGEST);
            return Ok(Answer::of(&self.agent, &file));
        }
        // It is as if there were none (RFC 9309, 2.3.1.2).
        Ok(Answer::None)
    }
}

/// What a page led to.
enum Led {
    To(Vec<Url>),
    Elsewhere(Url),
}

/// What a body says, if it is of a kind that has links.
fn look(url: &Url, content_type: &str, body: &[u8]) -> Found {
    match Language::of(content_type, body) {
        Some(language) => links::find(language, body, content_type, url),
        None => Found::default(),
    }
}

/// The same of a file, or of the first [`READ`] bytes of it.
fn read_back(url: &Url, content_type: &str, file: File) -> Result<Found> {
    let (mut body, mut file) = (Vec::new(), file.take(READ));
    file.by_ref().take(512).read_to_end(&mut body)?;
    if Language::of(content_type, &body).is_some() {
        file.read_to_end(&mut body)?;
    }
    Ok(look(url, content_type, &body))
}

//! The book as it was built: `.ci/book` builds it and runs these. They look at `docs/book` and do
//! not build it.
//!
//!     cargo test -p tidy --test built_book -- --ignored
//!
//! With BOOK_SCREENSHOTS=FOLDER the browser leaves a picture of each page there, in light and dark,
//! wide and narrow.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{env, fs};

use base64::Engine;
use serde_json::{Value, json};
use tidy::root;
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

fn book() -> PathBuf {
    let book = root().join("docs/book");
    book.canonicalize().expect("the book is built: .ci/book")
}

/// All pages, but for those that mdBook makes for itself: the whole book on one, the table of
/// contents in a frame, the one for paths that are not there.
fn pages() -> Vec<PathBuf> {
    let own = ["print.html", "toc.html", "404.html"];
    let mut pages: Vec<_> = walkdir::WalkDir::new(book())
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.extension().is_some_and(|e| e == "html"))
        .filter(|path| !own.iter().any(|name| path.ends_with(name)))
        .collect();
    pages.sort();
    assert!(pages.len() > 20, "{pages:?}");
    pages
}

/// The values of an attribute. What mdBook writes is regular (lower case, double quotes), and in
/// text it escapes `<`, so no HTML parser is needed to find them; of the two kept link checkers one
/// does not know this mdBook, and the other takes longer to build than all else here.
fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let begin = format!(" {name}=\"");
    let values = html.split(begin.as_str()).skip(1);
    values.filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
#[ignore = "needs the built book: .ci/book"]
fn links_inside_the_book_lead_somewhere() {
    let mut ids: BTreeMap<PathBuf, BTreeSet<String>> = BTreeMap::new();
    for page in pages() {
        let html = fs::read_to_string(&page).unwrap();
        let own: Vec<_> = attributes(&html, "id")
            .into_iter()
            .map(str::to_owned)
            .collect();
        let distinct: BTreeSet<_> = own.iter().cloned().collect();
        assert_eq!(own.len(), distinct.len(), "{}: an id twice", page.display());
        ids.insert(page, distinct);
    }
    let mut links = 0;
    let mut faults = Vec::new();
    for page in ids.keys() {
        let html = fs::read_to_string(page).unwrap();
        let targets = ["href", "src"].map(|name| attributes(&html, name)).concat();
        for target in targets {
            let outside = ["http://", "https://", "mailto:", "data:"];
            if outside.iter().any(|scheme| target.starts_with(scheme)) {
                continue;
            }
            links += 1;
            let (path, fragment) = target.split_once('#').unwrap_or((target, ""));
            let file = match path {
                "" => page.clone(),
                path => page.parent().unwrap().join(path),
            };
            let Ok(file) = file.canonicalize() else {
                faults.push(format!("{}: no {target}", page.display()));
                continue;
            };
            let known = ids.get(&file).is_none_or(|ids| ids.contains(fragment));
            if !fragment.is_empty() && !known {
                faults.push(format!("{}: no place for {target}", page.display()));
            }
        }
    }
    assert!(links > 500, "{links}");
    assert!(faults.is_empty(), "{faults:#?}");
}

/// *Next* leads through the book in the order of the summary, and *previous* back.
#[test]
#[ignore = "needs the built book: .ci/book"]
fn next_and_previous_follow_the_summary() {
    let summary = fs::read_to_string(root().join("docs/src/SUMMARY.md")).unwrap();
    let links = summary.split("](").skip(1);
    let pages: Vec<_> = links
        .map(|rest| rest.split(')').next().unwrap().replace(".md", ".html"))
        .map(|page| book().join(page))
        .collect();
    assert!(pages.len() > 20);
    for pair in pages.windows(2) {
        for (from, rel, to) in [(&pair[0], "next", &pair[1]), (&pair[1], "prev", &pair[0])] {
            let html = fs::read_to_string(from).unwrap();
            let mark = format!(" rel=\"{rel}");
            let link = html.split("<a ").find(|link| {
                link.split('>')
                    .next()
                    .is_some_and(|tag| tag.contains(&mark))
            });
            let link = link.unwrap_or_else(|| panic!("{}: no {rel}", from.display()));
            let link = format!(" {link}");
            let target = attributes(&link, "href")[0];
            let path = from.parent().unwrap().join(target).canonicalize().unwrap();
            assert_eq!(
                path,
                to.canonicalize().unwrap(),
                "{rel} of {}",
                from.display()
            );
        }
    }
}

/// A browser that is driven over its debugging protocol. That protocol is JSON over a WebSocket,
/// and a dozen of its calls are needed: the crates that wrap all of it take longer to compile than
/// the rest of the workspace.
struct Browser {
    process: Child,
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    session: Option<String>,
    calls: u64,
    events: Vec<Value>,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts one; `None` if none is installed.
    fn start() -> Option<Self> {
        let path = env::var_os("PATH")?;
        let names = ["chromium", "chromium-browser", "google-chrome", "chrome"];
        let program = env::split_paths(&path)
            .flat_map(|folder| names.map(|name| folder.join(name)))
            .find(|program| program.is_file())?;
        let profile = tempfile::tempdir().unwrap();
        let mut process = Command::new(program)
            // Without a sandbox, which root can't have: it only opens pages of this book.
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
            ])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
            ])
            .args([
                "--disable-sync",
                "--disable-dev-shm-usage",
                "--remote-debugging-port=0",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(process.stderr.take().unwrap()).lines();
        let address = loop {
            let line = said
                .next()
                .expect("the browser says where it listens")
                .unwrap();
            if let Some(address) = line.strip_prefix("DevTools listening on ") {
                break address.to_owned();
            }
        };
        // It goes on talking, and must not be kept from it by a full pipe.
        std::thread::spawn(move || said.for_each(drop));
        let (socket, _) = tungstenite::connect(&address).unwrap();
        if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
            // An answer that does not come is a failure, and no reason to wait for ever.
            stream
                .set_read_timeout(Some(Duration::from_secs(60)))
                .unwrap();
        }
        let mut browser = Self {
            process,
            socket,
            session: None,
            calls: 0,
            events: Vec::new(),
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let session = browser.call("Target.attachToTarget", attach);
        browser.session = Some(session["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        Some(browser)
    }

    /// The next thing that it says.
    fn hear(&mut self) -> Value {
        loop {
            match self.socket.read().expect("the browser answers") {
                Message::Text(text) => return serde_json::from_str(text.as_str()).unwrap(),
                _ => continue,
            }
        }
    }

    /// Asks it something, and keeps what it says besides.
    fn call(&mut self, method: &str, params: Value) -> Value {
        self.calls += 1;
        let mut call = json!({"id": self.calls, "method": method, "params": params});
        if let Some(session) = &self.session {
            call["sessionId"] = json!(session);
        }
        self.socket.send(Message::text(call.to_string())).unwrap();
        loop {
            let message = self.hear();
            if message["id"] == json!(self.calls) {
                assert!(message["error"].is_null(), "{method}: {message}");
                return message["result"].clone();
            }
            self.events.push(message);
        }
    }

    /// Opens a page and waits until all of it is loaded. Returns what went wrong meanwhile.
    fn open(&mut self, url: &str) -> Vec<String> {
        self.events.clear();
        self.call("Page.navigate", json!({ "url": url }));
        while !self
            .events
            .iter()
            .any(|event| event["method"] == "Page.loadEventFired")
        {
            let event = self.hear();
            self.events.push(event);
        }
        // Whatever was still to be said has been said when this is answered.
        self.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)))");
        self.events.iter().filter_map(fault).collect()
    }

    /// The value of a JavaScript expression in the page; of a promise, what comes of it.
    fn evaluate(&mut self, expression: &str) -> Value {
        let params = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let result = self.call("Runtime.evaluate", params);
        assert!(
            result["exceptionDetails"].is_null(),
            "{expression}: {result}"
        );
        result["result"]["value"].clone()
    }

    fn screen(&mut self, width: u32, height: u32, theme: &str) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.call("Emulation.setDeviceMetricsOverride", size);
        let scheme = if theme == "navy" { "dark" } else { "light" };
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.call(
            "Emulation.setEmulatedMedia",
            json!({ "features": features }),
        );
        self.evaluate(&format!("localStorage.setItem('mdbook-theme', '{theme}')"));
    }

    fn picture(&mut self, path: &Path) {
        let size = self.evaluate("[innerWidth, Math.min(document.body.scrollHeight, 6000)]");
        let clip = json!({"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1});
        let params = json!({"clip": clip, "captureBeyondViewport": true});
        let shot = self.call("Page.captureScreenshot", params);
        let engine = base64::engine::general_purpose::STANDARD;
        let png = engine.decode(shot["data"].as_str().unwrap()).unwrap();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, png).unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What an event complains of, if it does.
fn fault(event: &Value) -> Option<String> {
    let params = &event["params"];
    match event["method"].as_str()? {
        "Runtime.exceptionThrown" => Some(format!("an exception: {}", params["exceptionDetails"])),
        "Runtime.consoleAPICalled" if params["type"] == "error" => Some(params["args"].to_string()),
        "Log.entryAdded" if params["entry"]["level"] == "error" => {
            Some(params["entry"].to_string())
        }
        "Network.loadingFailed" => Some(format!("not loaded: {params}")),
        "Network.requestWillBeSent" => {
            let url = params["request"]["url"].as_str()?;
            let inside = ["file:", "data:", "blob:"]
                .iter()
                .any(|scheme| url.starts_with(scheme));
            (!inside).then(|| format!("asks the network for {url}"))
        }
        _ => None,
    }
}

/// What can be seen to be wrong with a page from inside.
const LOOK: &str = "(() => {
    const faults = [];
    for (const image of document.images)
        if (!image.complete || image.naturalWidth === 0) faults.push('no picture ' + image.src);
    for (const link of document.querySelectorAll('a[href]')) {
        const url = new URL(link.href);
        if (url.pathname === location.pathname && url.hash
            && !document.getElementById(decodeURIComponent(url.hash.slice(1))))
            faults.push('no place for ' + url.hash);
    }
    // What is too wide has to be moved sideways by itself, and not the page with it.
    for (const box of [document.documentElement, document.querySelector('.content'), document.querySelector('main')])
        if (box.scrollWidth > box.clientWidth) faults.push('wider than its place: ' + box.tagName + ' ' + box.scrollWidth);
    if (!document.querySelector('main h1')) faults.push('no title');
    // Pictures are parts of the page, and their words are as light or dark as the page's.
    if (document.querySelector('main img')) faults.push('a picture that does not follow the theme');
    const light = colour => colour.match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + +part, 0) > 384;
    const page = light(getComputedStyle(document.body).color);
    for (const word of document.querySelectorAll('.picture .title, .picture .faint'))
        if (light(getComputedStyle(word).fill) !== page) { faults.push('words in ' + getComputedStyle(word).fill); break; }
    for (const bar of document.querySelectorAll('.picture .wait')) {
        const hatch = getComputedStyle(bar).fill.match(/#([^)\\x22]*)/);
        if (!hatch || !document.getElementById(hatch[1])) { faults.push('no hatch ' + getComputedStyle(bar).fill); break; }
    }
    return faults;
})()";

/// Points at a bar, looks closer, and goes back. Returns what was not as it should be.
const POINT: &str = "(() => {
    const faults = [];
    const svg = document.querySelector('svg.timelines');
    const bar = svg.querySelector('.bars rect[aria-label]');
    const { x, y, width, height } = bar.getBoundingClientRect();
    const at = { bubbles: true, cancelable: true, clientX: x + width / 2, clientY: y + height / 2, pointerId: 1 };
    bar.dispatchEvent(new PointerEvent('pointermove', at));
    const words = svg.querySelector('.told').textContent;
    if (!/^.+ \\((work|act|wait|ready)\\): .+, from .+ to .+$/.test(words)) faults.push('a bar says ' + words);
    const wheel = more => bar.dispatchEvent(new WheelEvent('wheel', { ...at, deltaY: -1, ...more }));
    if (!wheel({}) || bar.getBoundingClientRect().width !== width) faults.push('a wheel must scroll the page');
    if (wheel({ ctrlKey: true }) || bar.getBoundingClientRect().width <= width) faults.push('it does not look closer');
    bar.dispatchEvent(new MouseEvent('dblclick', at));
    if (Math.abs(bar.getBoundingClientRect().width - width) > 0.01) faults.push('it does not go back');
    return faults;
})()";

/// Types a word into the search field, and tells how many pages it finds.
const SEARCH: &str = "new Promise(done => {
    document.getElementById('mdbook-search-toggle').click();
    const bar = document.getElementById('mdbook-searchbar');
    const results = document.getElementById('mdbook-searchresults');
    new MutationObserver(() => { if (results.children.length) done(results.children.length); })
        .observe(results, { childList: true });
    setTimeout(() => done(0), 20000);
    bar.value = 'starvation';
    for (const type of ['input', 'keydown', 'keyup'])
        bar.dispatchEvent(new KeyboardEvent(type, { bubbles: true, key: 'n' }));
})";

/// Plays: breaks `race` by the keys, takes that back, breaks it by the buttons, and finds that
/// `mutex` can't be broken. Returns what was not as it should be.
const PLAY: &str = "(async () => {
    const faults = [];
    const root = document.getElementById('stepper');
    const loaded = async title => {
        for (let i = 0; i < 200 && !root.innerText.includes(title); i++) await new Promise(go => setTimeout(go, 50));
        expect(title);
    };
    const expect = text => { if (!root.innerText.includes(text)) faults.push('no \"' + text + '\" in: ' + root.innerText); };
    const press = keys => { for (const key of keys) document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true })); };
    const click = text => [...root.querySelectorAll('button')].find(button => button.innerText.includes(text)).click();
    await loaded('race: 2 threads');
    expect('There are 69 schedules, and 30 of them end badly.');
    for (const line of root.querySelectorAll('pre span + span'))
        if (line.offsetTop <= line.previousSibling.offsetTop) faults.push('not below the line before: ' + line.innerText);
    press('12');
    expect('From here, 3 of 3 schedules end badly. Preemptions so far: 1.');
    press('21');
    expect('You did it: the counter shows 1.');
    press('uu');
    expect('From here, 3 of 10 schedules end badly. Preemptions so far: 0.');
    click('run thread 1');
    click('undo');
    click('let the checker go on');
    expect('You did it: the counter shows 1.');
    expect('your schedule: 1 preemption, 12 steps: 0 0 0 1 1 2 2 2 1 0 0 0');
    click('2. mutex');
    await loaded('mutex: 2 threads');
    expect('a checker has looked at all 51 schedules');
    press('c');
    expect('From here no schedule ends badly');
    if (!root.innerText.includes('1. race ✓')) faults.push('a puzzle that was solved is not marked');
    for (const button of [...root.querySelectorAll('button')].slice(0, root.dataset.puzzles.split(' ').length)) {
        const name = button.innerText.replace(/^\\d+\\. | ✓$/g, '');
        [...root.querySelectorAll('button')].find(other => other.innerText === button.innerText).click();
        await loaded('Goal:');
        press('c');
        const done = root.innerText.includes('You did it') || root.innerText.includes('no schedule ends badly');
        if (!done) faults.push(name + ' has no end: ' + root.innerText);
        const main = document.querySelector('main');
        if (main.scrollWidth > main.clientWidth) faults.push(name + ' is wider than the page');
    }
    return faults;
})()";

#[test]
#[ignore = "needs the built book, and a browser: .ci/book"]
fn a_browser_finds_nothing_wrong() {
    let Some(mut browser) = Browser::start() else {
        println!("skipped: no Chromium on the PATH, so nobody has looked at the pages");
        return;
    };
    let shots = env::var_os("BOOK_SCREENSHOTS").map(PathBuf::from);
    let mut faults = Vec::new();
    let index = format!("file://{}/index.html", book().display());
    browser.open(&index);
    for (width, height, theme) in [
        (1280, 900, "light"),
        (1280, 900, "navy"),
        (360, 740, "light"),
        (360, 740, "navy"),
    ] {
        browser.screen(width, height, theme);
        for page in pages() {
            let mut found = browser.open(&format!("file://{}", page.display()));
            let seen = browser.evaluate(LOOK);
            found.extend(seen.as_array().unwrap().iter().map(Value::to_string));
            let name = page.strip_prefix(book()).unwrap().with_extension("");
            let name = name.display().to_string().replace('/', "-");
            faults.extend(
                found
                    .into_iter()
                    .map(|fault| format!("{name}, {width}, {theme}: {fault}")),
            );
            if let Some(shots) = &shots {
                browser.picture(&shots.join(format!("{name}-{width}-{theme}.png")));
            }
        }
    }
    browser.screen(1280, 900, "light");
    browser.open(&index);
    let found = browser.evaluate(SEARCH);
    if found.as_u64().is_none_or(|found| found == 0) {
        faults.push("the search finds nothing".to_owned());
    }
    let first = format!("file://{}/what-is-parallelism.html", book().display());
    browser.screen(1280, 900, "light");
    browser.open(&first);
    let found = browser.evaluate(POINT);
    faults.extend(found.as_array().unwrap().iter().map(Value::to_string));
    // Each theme that a reader can choose.
    for theme in ["rust", "coal", "ayu"] {
        browser.screen(1280, 900, theme);
        browser.open(&first);
        let found = browser.evaluate(LOOK);
        let found = found.as_array().unwrap().iter();
        faults.extend(found.map(|fault| format!("{theme}: {fault}")));
        if let Some(shots) = &shots {
            browser.picture(&shots.join(format!("what-is-parallelism-{theme}.png")));
        }
    }
    for (width, theme) in [(1280, "light"), (360, "navy")] {
        browser.screen(width, 900, theme);
        browser.open(&format!("file://{}/scheduler.html", book().display()));
        let found = browser.evaluate(PLAY);
        faults.extend(found.as_array().unwrap().iter().map(Value::to_string));
    }
    faults.extend(browser.events.iter().filter_map(fault));
    assert!(faults.is_empty(), "{faults:#?}");
    println!("{} pages looked at, four times each", pages().len());
}

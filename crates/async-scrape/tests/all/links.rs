//! The fast scanner compared with the tokenizer of a browser engine, on real pages and on thousands
//! of broken ones.

use std::borrow::Cow;
use std::cell::RefCell;
use std::path::Path;

use async_scrape::crawl::links::{self, Raw};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, StartTag, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

/// Passes the tokenizer's tokens to the same collector as the scanner's.
#[derive(Default)]
struct Oracle {
    raw: RefCell<Raw>,
    /// The element whose text is being read, and its text so far.
    text: RefCell<Option<(String, String)>>,
}

impl Oracle {
    fn read(text: &str) -> Raw {
        let tokenizer = Tokenizer::new(Self::default(), TokenizerOpts::default());
        let input = BufferQueue::default();
        input.push_back(StrTendril::from(text));
        let _ = tokenizer.feed(&input);
        tokenizer.end();
        tokenizer.sink.end_of_text();
        tokenizer.sink.raw.into_inner()
    }

    fn end_of_text(&self) {
        if let Some((name, text)) = self.text.take() {
            self.raw.borrow_mut().text(&name, &text);
        }
    }
}

impl TokenSink for Oracle {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        match token {
            Token::CharacterTokens(more) => {
                if let Some((_, text)) = &mut *self.text.borrow_mut() {
                    text.push_str(&more);
                }
            }
            Token::NullCharacterToken => {
                if let Some((_, text)) = &mut *self.text.borrow_mut() {
                    text.push('\0');
                }
            }
            Token::TagToken(tag) if tag.kind == StartTag => {
                let attributes: Vec<_> = tag
                    .attrs
                    .iter()
                    .map(|a| (&*a.name.local, &*a.value))
                    .collect();
                self.raw
                    .borrow_mut()
                    .tag(&tag.name, &attributes, |value| Cow::Borrowed(value));
                let kind = match &*tag.name {
                    "title" | "textarea" => RawKind::Rcdata,
                    "style" | "iframe" | "noembed" | "noframes" | "xmp" => RawKind::Rawtext,
                    "script" => RawKind::ScriptData,
                    "plaintext" => return TokenSinkResult::Plaintext,
                    _ => return TokenSinkResult::Continue,
                };
                if matches!(&*tag.name, "title" | "style") {
                    *self.text.borrow_mut() = Some((tag.name.to_string(), String::new()));
                }
                return TokenSinkResult::RawData(kind);
            }
            Token::TagToken(_) => self.end_of_text(),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

#[track_caller]
fn same(text: &str) {
    assert_eq!(links::read_html(text), Oracle::read(text), "{text:?}");
}

#[test]
fn odd_pages_are_read_alike() {
    for text in [
        "",
        "<",
        "<a",
        "<a href",
        "<a href=x",
        "<a href=x>",
        "<A\nHREF\t=\r\n'x&amp;y' href=z>",
        "<a href=\"x\"title=y><a/href=x><a / href = x / >",
        "<a =href=x href==y><a href=x/><a href='a>b'><a href=a'b\"c>",
        "<a href=&#x41;&copy=1&copy;&amp&notit;>",
        "<title>a &lt; b</title><title>second</title>",
        "<title>never ended",
        "<title>a</titlex></title >b<a href=x>",
        "<!--><a href=x>--><!---><a href=y>--><!-- --!><a href=z>",
        "<!-- - -- ---><a href=x><!--a--b--!c-->",
        "<!doctype html><!x><?php <a href=x> ?></ ><a href=y></a href='>'><a href=z>",
        "<script><a href=x></script><script><!--<script></script><a href=y>--></script><a href=z>",
        "<script><!--</script><a href=x><script><!--><script></script><a href=y>",
        "<script><!-- <script> -- --> </script> <a href=x>",
        "<style>a{background:url(x)}</style><p style='background:url(&quot;y&quot;)'>",
        "<textarea><a href=x></textarea><iframe src=y><a href=z></iframe><plaintext><a href=w>",
        "<img srcset='a 1x,b 2x , c' src=d><meta http-equiv=refresh content='0;url=e'>",
        "<meta http-equiv=refresh content='3'><meta http-equiv=REFRESH content='1, URL = \"f\" '>",
        "<svg><image xlink:href=g></svg><base href=/h/><base href=/i/>",
        "<a href='\u{0}x'><a href='y\u{e4}\u{20ac}'><title>\u{0}</title>",
        "a < b <3 <a href=x>",
    ] {
        same(text);
    }
}

/// Pages of random pieces, most of which mean something to a tokenizer. The seed is fixed.
#[test]
fn broken_pages_are_read_alike() {
    const PIECES: &[&str] = &[
        "<",
        ">",
        "/",
        "=",
        "'",
        "\"",
        "!",
        "-",
        "--",
        "?",
        "&",
        ";",
        "#",
        " ",
        "\n",
        "\t",
        "\x0c",
        "\r\n",
        "a",
        "x",
        "href",
        "src",
        "<a ",
        "<a href=",
        "<a href=\"",
        "</a>",
        "<img srcset=",
        "<!--",
        "-->",
        "--!>",
        "<!",
        "<!doctype ",
        "<?",
        "</",
        "<script>",
        "</script>",
        "<script",
        "</script",
        "<title>",
        "</title>",
        "</title ",
        "<style>",
        "</style>",
        "url(",
        "url('x')",
        ")",
        "@import 'y'",
        "<textarea>",
        "</textarea>",
        "<iframe src=x>",
        "</iframe>",
        "<base href=/b/>",
        "&amp;",
        "&copy",
        "&#65;",
        "&#x",
        "é",
        "\u{20ac}",
        "<p style='",
        "<meta http-equiv=refresh content=",
        "0;url=z",
        "<meta name=robots content=nofollow>",
        "<TITLE",
        "<noscript>",
        "<xmp>",
        "</xmp>",
        ",",
    ];
    let mut random = fastrand::Rng::with_seed(5);
    for _ in 0..20_000 {
        let length = random.usize(1..30);
        let text: String = (0..length)
            .map(|_| PIECES[random.usize(..PIECES.len())])
            .collect();
        same(&text);
    }
}

/// Real pages, and halves of them joined at random places.
#[test]
fn real_pages_are_read_alike() {
    let mut pages = vec![include_str!("../../figures/timeline.svg").to_owned()];
    // Debian's python3-doc. Where it is not installed, only the picture above is read.
    let docs = Path::new("/usr/share/doc/python3-doc/html/");
    match docs.exists() {
        true => pages.extend(
            walkdir::WalkDir::new(docs)
                .into_iter()
                .filter_map(Result::ok)
                .filter(|entry| entry.path().extension().is_some_and(|end| end == "html"))
                .filter_map(|entry| std::fs::read_to_string(entry.path()).ok()),
        ),
        false => eprintln!("python3-doc is not installed: its pages were not read"),
    }
    let mut random = fastrand::Rng::with_seed(6);
    for page in &pages {
        same(page);
        let other = &pages[random.usize(..pages.len())];
        // The last place that is not in the middle of a character, up to this one. (The standard
        // library has that since 1.91.)
        let floor = |page: &str, at: usize| {
            let mut places = (0..=at.min(page.len())).rev();
            places.find(|at| page.is_char_boundary(*at)).unwrap_or(0)
        };
        let one = floor(page, random.usize(..=page.len()));
        let two = floor(other, random.usize(..=other.len()));
        let end = floor(other, two.saturating_add(20_000));
        let start = floor(page, one.saturating_sub(20_000));
        same(&format!("{}{}", &page[start..one], &other[two..end]));
    }
}

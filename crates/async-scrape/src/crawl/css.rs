//! The URLs in a style sheet: `url()`, `src()`, `image-set()` and `@import`.

use std::ops::Range;

use cssparser::{ParseError, Parser, Token};

/// Calls `found` with each URL of a style sheet, or of a `style` attribute, unescaped.
pub fn urls(text: &str, found: &mut impl FnMut(&str)) {
    places(text, &mut |url, _| found(url));
}

/// Calls `found` with each URL, and with the range of the text in which its token stands: a string,
/// or `url(...)` without quotes.
pub fn places(text: &str, found: &mut impl FnMut(&str, Range<usize>)) {
    // Most have no URL, and this search costs less than parsing them.
    let has = |what: &str| {
        let bytes = text.as_bytes();
        bytes
            .windows(what.len())
            .any(|w| w.eq_ignore_ascii_case(what.as_bytes()))
    };
    // With a backslash, a name may be written in other letters.
    let is_escaped = memchr::memchr(b'\\', text.as_bytes()).is_some();
    let mut marks = ["url(", "@import", "src(", "image-set("].into_iter();
    if is_escaped || marks.any(has) {
        inside(&mut Parser::new(text), false, found);
    }
}

/// Finds the URLs in a block. `strings` says whether quoted strings are URLs in it.
fn inside(css: &mut Parser<'_>, strings: bool, found: &mut impl FnMut(&str, Range<usize>)) {
    let (mut import, mut namespace) = (false, false);
    loop {
        css.skip_whitespace();
        let start = css.position().byte_index();
        let Ok(token) = css.next().cloned() else {
            return;
        };
        let place = start..css.position().byte_index();
        match &token {
            // Such a URL is only a name.
            Token::AtKeyword(name) if name.eq_ignore_ascii_case("namespace") => namespace = true,
            Token::Semicolon => namespace = false,
            _ if namespace => {}
            Token::UnquotedUrl(url) => found(url, place),
            Token::QuotedString(url) if strings || import => found(url, place),
            Token::Function(_)
            | Token::ParenthesisBlock
            | Token::SquareBracketBlock
            | Token::CurlyBracketBlock => {
                let strings = matches!(&token, Token::Function(name) if takes_urls(name));
                // An error means that blocks are nested too deeply: they are skipped.
                let _ = css.parse_nested_block(|css| {
                    inside(css, strings, found);
                    Ok::<_, ParseError<()>>(())
                });
            }
            _ => {}
        }
        import = matches!(&token, Token::AtKeyword(name) if name.eq_ignore_ascii_case("import"));
    }
}

fn takes_urls(function: &str) -> bool {
    ["url", "src", "image-set", "-webkit-image-set"]
        .iter()
        .any(|name| name.eq_ignore_ascii_case(function))
}

#[cfg(test)]
mod tests {
    fn urls(text: &str) -> Vec<String> {
        let mut urls = Vec::new();
        super::urls(text, &mut |url| urls.push(url.to_owned()));
        urls
    }

    #[test]
    fn urls_are_found_and_nothing_else() {
        for (text, expected) in [
            (
                "@import 'a.css'; @IMPORT url(b.css) screen;",
                &["a.css", "b.css"][..],
            ),
            (
                "a { background: URL( \"c d.png\" ) no-repeat }",
                &["c d.png"],
            ),
            (
                "@media print { b { background: url('e\\.png') } }",
                &["e.png"],
            ),
            (
                "@font-face { src: url(f.woff2) format('woff2'), local('g') }",
                &["f.woff2"],
            ),
            (
                "c { background: image-set('h.png' 1x, url(i.png) 2x) }",
                &["h.png", "i.png"],
            ),
            ("/* url(no.png) */ d::after { content: 'url(no.png)' }", &[]),
            ("e { background: url(j.png", &["j.png"]),
            ("color: red", &[]),
            (
                "f { b: \\75 rl(n.png); c: u\\72l('o.png') }",
                &["n.png", "o.png"],
            ),
            ("@\\69mport 'p.css';", &["p.css"]),
            ("@namespace url(no); @import 'k.css'", &["k.css"]),
            ("/* don't */@import/* */url(l.css);", &["l.css"]),
            ("<!-- @import 'm.css'; -->", &["m.css"]),
        ] {
            assert_eq!(urls(text), expected, "{text}");
        }
    }

    #[test]
    fn blocks_without_end_do_no_harm() {
        let deep = format!("a {{ b: url(x.png) {} }}", "(".repeat(1_000_000));
        assert_eq!(urls(&deep), ["x.png"]);
    }
}

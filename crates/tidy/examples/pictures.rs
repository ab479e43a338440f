//! Puts the book's pictures into its pages, so that they follow the theme that the reader chose: a
//! picture in a file of its own follows the system. mdBook runs this, see `docs/book.toml`.
//!
//!     cargo run -p tidy --example pictures -- supports html
//!
//! It reads mdBook's JSON from stdin, and writes the book's part of it to stdout.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

use serde_json::Value;

/// The classes of the page's root while a dark theme is on.
const DARK: [&str; 3] = ["coal", "navy", "ayu"];

fn main() -> ExitCode {
    if let Some("supports") = env::args().nth(1).as_deref() {
        let html = env::args().nth(2).as_deref() == Some("html");
        return if html {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        };
    }
    let mut text = String::new();
    io::stdin()
        .read_to_string(&mut text)
        .expect("mdBook writes UTF-8");
    let mut input: Value = serde_json::from_str(&text).expect("mdBook writes JSON");
    let mut book = input[1].take();
    let mut pictures = 0;
    inline_all(&mut book["items"], &mut pictures);
    println!("{book}");
    ExitCode::SUCCESS
}

/// Does the chapters of a list, and those below them. `pictures` counts through the whole book:
/// its printed form is one page.
fn inline_all(items: &mut Value, pictures: &mut usize) {
    for item in items.as_array_mut().into_iter().flatten() {
        let Some(chapter) = item.get_mut("Chapter") else {
            continue;
        };
        inline_all(&mut chapter["sub_items"], pictures);
        let (Some(path), Some(content)) = (chapter["path"].as_str(), chapter["content"].as_str())
        else {
            continue;
        };
        let page = tidy::root().join("docs/src").join(path);
        let folder = page.parent().expect("a page is in a folder");
        chapter["content"] = inline(content, folder, pictures).into();
    }
}

/// Replaces each line that is a picture by the picture.
fn inline(content: &str, folder: &Path, pictures: &mut usize) -> String {
    let (mut out, mut fenced, mut styles) = (String::new(), false, BTreeSet::new());
    let mut lines = content.lines();
    while let Some(line) = lines.next() {
        let mut line = line.to_owned();
        // Long words for who can't see the picture go over several lines.
        while line.starts_with("![") && !fenced && !line.contains("](") {
            line += " ";
            line += lines.next().expect("a picture has an end");
        }
        fenced ^= line.trim_start().starts_with("```");
        let picture = line.strip_prefix("![").filter(|_| !fenced);
        let picture = picture.and_then(|rest| rest.split_once("]("));
        let picture = picture.and_then(|(alt, rest)| Some((alt, rest.strip_suffix(".svg)")?)));
        if let Some((alt, target)) = picture {
            let path = folder.join(format!("{target}.svg"));
            let svg = fs::read_to_string(&path)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            *pictures += 1;
            out += &figure(&svg, alt, *pictures, &mut styles);
        } else {
            out += &line;
        }
        out.push('\n');
    }
    out
}

/// What is between two marks, and the text without it and them.
fn cut<'a>(text: &'a str, begin: &str, end: &str) -> (&'a str, String) {
    let Some((before, rest)) = text.split_once(begin) else {
        return ("", text.to_owned());
    };
    let (inside, after) = rest.split_once(end).expect("what begins ends");
    (inside, format!("{before}{after}"))
}

/// A picture as a part of a page. It is one block of HTML to Markdown, which an empty line would end.
/// Its style is written only where it is the first one of its kind on the page.
fn figure(svg: &str, alt: &str, number: usize, styles: &mut BTreeSet<String>) -> String {
    // The page has the script once for all pictures, and the words for who can't see this one.
    let (_, svg) = cut(svg, "<script>", "</script>");
    let (style, svg) = cut(&svg, "<style>", "</style>");
    let is_root = |title: &str| svg.contains(title);
    let svg = match is_root("<title id=\"what\">") {
        true => cut(&svg, "<title id=\"what\">", "</title>").1,
        false => cut(&svg, "<title>", "</title>").1,
    };
    let (_, svg) = cut(&svg, "<desc id=\"how\">", "</desc>");
    let svg = svg
        .replace(" aria-labelledby=\"what how\"", "")
        .replace(" aria-labelledby=\"what\"", "")
        .replace(" role=\"img\"", " aria-hidden=\"true\"")
        // As attributes, which the script reads: the book's search would find each bar of each run.
        .replace("><title>", " aria-label=\"")
        .replace("</title></rect>", "\"/>")
        .replace("id=\"hatch\"", &format!("id=\"hatch-{number}\""));
    let kind = match styles.iter().position(|known| known == style) {
        Some(_) => String::new(),
        None => {
            styles.insert(style.to_owned());
            format!("<style>{}</style>", scoped(style, number))
        }
    };
    // Pictures with the same style have the same class.
    let class = class(style);
    let lines: Vec<_> = svg.lines().filter(|line| !line.trim().is_empty()).collect();
    let alt = alt
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;");
    format!(
        "<figure class=\"picture {class}\" role=\"img\" aria-label=\"{alt}\">{kind}\n{}\n</figure>",
        lines.join("\n")
    )
}

/// A name for a style, the same in each run: FNV-1a, with 32 bits.
fn class(style: &str) -> String {
    let hash = style.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    format!("look-{hash:08x}")
}

/// The rules of a picture for that picture alone. What it says for a dark system holds under the
/// dark themes.
fn scoped(style: &str, number: usize) -> String {
    let class = class(style);
    let (mut out, mut dark) = (String::new(), false);
    for line in style.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if line.starts_with("@media (prefers-color-scheme: dark)") {
            dark = true;
            continue;
        }
        // The end of the block.
        let Some((selector, rest)) = line.split_once('{') else {
            continue;
        };
        let selector = selector.trim();
        let selectors: Vec<_> = match dark {
            true => DARK
                .iter()
                .map(|theme| format!(".{theme} .{class} {selector}"))
                .collect(),
            false => vec![format!(".{class} {selector}")],
        };
        out += &format!("{} {{{rest}\n", selectors.join(", "));
    }
    out.replace("#hatch", &format!("#hatch-{number}"))
}

//! The comparison and the timelines as one page. It needs no other file and no network, and is
//! light or dark as the reader's system is.

use std::fmt::Write;
use std::path::Path;
use std::time::SystemTime;

use crate::comparison::Comparison;
use crate::svg::text;

/// Writes the page. `guesses` are lines about what the user had predicted, and `picture` is an SVG
/// of this crate.
pub(crate) fn page(comparison: &Comparison, guesses: &str, picture: &str) -> String {
    let words: Vec<String> = std::env::args_os()
        .enumerate()
        .map(|(index, word)| match index {
            // The program's name, wherever it lies.
            0 => Path::new(&word).file_stem().unwrap_or(&word).to_owned(),
            _ => word,
        })
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let command = text(&words.join(" "));
    let title = text(words.first().map_or("", String::as_str));
    let date = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let date = date.replace('T', " at ").replace('Z', " UTC");
    let (head, rows) = comparison.cells();
    let mut table = String::new();
    let _ = write!(table, "<tr>");
    for cell in &head {
        let _ = write!(table, "<th scope=\"col\">{}</th>", text(cell));
    }
    let _ = writeln!(table, "</tr>");
    for row in rows {
        let _ = write!(table, "<tr>");
        for (cell, head) in row.iter().zip(&head) {
            let _ = match *head {
                "strategy" => write!(table, "<th scope=\"row\">{}</th>", text(cell)),
                "outcome" => write!(table, "<td class=\"words\">{}</td>", text(cell)),
                _ => write!(table, "<td>{}</td>", text(cell)),
            };
        }
        let _ = writeln!(table, "</tr>");
    }
    let mut notes = String::new();
    let own = comparison.notes();
    let lines = guesses.lines().filter(|line| !line.is_empty());
    for note in own.iter().map(String::as_str).chain(lines) {
        let _ = writeln!(notes, "<p>{}</p>", text(note));
    }
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n\
         <p>Run on {date}: <code>{command}</code></p>\n\
         <h2>The comparison</h2>\n<div class=\"wide\"><table>\n{table}</table></div>\n{notes}\
         <h2>The timelines</h2>\n<div class=\"wide\">{picture}</div>\n\
         <p class=\"live\">Point at a bar, and it tells its name and time. Click into the picture, and \
         the wheel looks closer; on a touch screen two fingers do. A double click shows the whole \
         again.</p>\n</body>\n</html>\n"
    )
}

const STYLE: &str = "
  :root { color-scheme: light dark }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 860px; margin: 0 auto; padding: 16px; \
background: #ffffff; color: #1f2328 }
  h1 { font-size: 26px } h2 { font-size: 19px; margin-top: 28px }
  code { font-family: ui-monospace, monospace; overflow-wrap: anywhere }
  .wide { overflow-x: auto }
  table { border-collapse: collapse }
  th, td { padding: 4px 12px; text-align: right; border-bottom: 1px solid #d1d9e0; white-space: nowrap }
  th:first-child, th:last-child, td.words { text-align: left }
  td.words { white-space: normal; min-width: 12em }
  svg { width: 100%; min-width: 600px; height: auto; display: block }
  p { margin: 8px 0 }
  @media (prefers-color-scheme: dark) {
    body { background: #0d1117; color: #e6edf3 }
    th, td { border-color: #3d444d }
  }
  @media print { .live { display: none } .wide { overflow: visible } svg { min-width: 0 } }
";

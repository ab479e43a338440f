//! Whatever the names, every rendering can be read by what is meant to read it.

use proptest::prelude::*;
use serde_json::json;
use timing::plot::{self, Series};
use timing::{Kind, Recording, Row, Run, SpanRecord, svg, terminal, trace};
use unicode_width::UnicodeWidthStr;

fn run(name: &str, rows: Vec<Row>) -> Run {
    let recording = Recording {
        rows,
        ..Recording::default()
    };
    let (_, run) = Run::record(name, 2, |_| ());
    Run {
        wall: recording.end(),
        recording,
        ..run
    }
}

fn row(name: &str, label: &str) -> Row {
    let span = |kind, start_ns, end_ns| SpanRecord {
        kind,
        label: label.to_owned().into(),
        start_ns,
        end_ns,
    };
    Row {
        name: name.to_owned(),
        spans: vec![
            span(Kind::Work, 0, 40_000_000),
            span(Kind::Wait, 40_000_000, 60_000_000),
            span(Kind::Work, 60_000_000, 60_000_100),
        ],
    }
}

/// Without ANSI codes.
fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

fn all_can_be_read(runs: &[Run]) {
    let picture = svg::draw(runs);
    let document =
        roxmltree::Document::parse(&picture).unwrap_or_else(|e| panic!("{e}\n{picture}"));
    assert_eq!(document.root_element().tag_name().name(), "svg");
    let json: serde_json::Value = serde_json::from_str(&trace::draw(runs)).unwrap();
    assert!(json["traceEvents"].is_array());
    for width in [40, 80, 133] {
        for line in plain(&terminal::draw(runs, width)).lines() {
            assert!(line.width() <= width, "{} of {width}: {line}", line.width());
            assert!(!line.contains(|c: char| c.is_control()), "{line:?}");
        }
    }
}

#[test]
fn strange_names_break_nothing() {
    let long = "x".repeat(10_000);
    for name in [
        "\"quoted\" & <tagged> 'single' ]]>",
        "tab\tnewline\nreturn\rbell\u{7}escape\u{1b}[31m",
        "\0\u{1}\u{7f}\u{85}\u{fffe}\u{ffff}",
        "👩‍🔬 émile 東京 \u{202e}right\u{301}",
        "",
        &long,
    ] {
        all_can_be_read(&[run(name, vec![row(name, name)])]);
    }
}

#[test]
fn nothing_at_all_can_be_drawn() {
    all_can_be_read(&[]);
    all_can_be_read(&[run("empty", vec![])]);
    all_can_be_read(&[run("idle", vec![Row::default()])]);
}

proptest! {
    #[test]
    fn so_do_no_others(name: String, label: String) {
        all_can_be_read(&[run(&name, vec![row(&name, &label), row(&label, &name)])]);
    }
}

#[test]
fn the_terminal_shows_work_waiting_and_nothing() {
    let mut short = row("Bob", "x");
    short.spans.truncate(1);
    let runs = [
        run("threads", vec![row("Alice", "x"), short.clone()]),
        run("brief", vec![short]),
    ];
    let text = plain(&terminal::draw(&runs, 68));
    let lines: Vec<_> = text.lines().collect();
    // 59 columns are left for 60 ms.
    assert_eq!(lines[0], "threads  60.0 ms");
    assert_eq!(
        lines[1],
        format!("  Alice {}{}", "█".repeat(39), "░".repeat(20))
    );
    assert_eq!(lines[2], format!("  Bob   {}▌", "█".repeat(39)));
    // Two thirds as long, two thirds as wide: one scale for all.
    assert_eq!(lines[4], format!("  Bob   {}▌", "█".repeat(39)));
    assert!(lines[5].trim_start().starts_with("0 s"), "{text}");
}

/// A sleep that stands for work looks like nothing else, and is explained only where there is one.
#[test]
fn a_sleep_that_stands_for_work_is_no_work() {
    let worked = row("Alice", "x");
    let mut acted = worked.clone();
    acted.spans[0].kind = Kind::Act;
    acted.spans[2].kind = Kind::Act;
    let [worked, acted] = [worked, acted].map(|row| [run("threads", vec![row])]);
    let text = plain(&terminal::draw(&acted, 68));
    let bar = text.lines().nth(1).unwrap();
    assert_eq!(bar, format!("  Alice {}{}", "▒".repeat(39), "░".repeat(20)));
    let told = ["▒ acts: ", "acts: a sleep stands for work"];
    let said = |runs: &[Run]| plain(&terminal::draw(runs, 68)) + &svg::draw(runs);
    assert!(told.iter().all(|words| said(&acted).contains(words)));
    assert!(!told.iter().any(|words| said(&worked).contains(words)));
    assert!(svg::draw(&acted).contains("<title>x (act): 40.0 ms"));
    assert!(!svg::draw(&acted).contains("(work)"));
    assert!(trace::draw(&acted).contains("\"cat\":\"act\""));
    all_can_be_read(&acted);
}

/// To be ready and not to run is neither work nor waiting for something else.
#[test]
fn a_worker_that_is_ready_is_no_worker_that_waits() {
    let worked = row("Alice", "x");
    let mut ready = worked.clone();
    ready.spans[1].kind = Kind::Ready;
    let mut acted = ready.clone();
    acted.spans[0].kind = Kind::Act;
    let [worked, ready, acted] = [worked, ready, acted].map(|row| [run("threads", vec![row])]);
    let text = plain(&terminal::draw(&ready, 68));
    let bar = text.lines().nth(1).unwrap();
    assert_eq!(bar, format!("  Alice {}{}", "█".repeat(39), "·".repeat(20)));
    let said = |runs: &[Run]| plain(&terminal::draw(runs, 68)) + &svg::draw(runs);
    for runs in [&ready, &acted] {
        assert_eq!(said(runs).matches("is ready, but does not run").count(), 2);
        assert!(svg::draw(runs).contains("(ready): "));
        assert!(trace::draw(runs).contains("\"cat\":\"ready\""));
        all_can_be_read(runs);
    }
    assert!(svg::draw(&acted).contains("a sleep as work"));
    assert!(!said(&worked).contains("is ready"));
}

#[test]
fn lanes_that_would_fill_the_screen_are_counted() {
    let rows = (0..1_000).map(|i| row(&format!("seat {i}"), "x")).collect();
    let runs = [run("threads", rows)];
    let text = plain(&terminal::draw(&runs, 80));
    assert!(text.contains("and 976 more lanes"), "{text}");
    assert!(text.lines().count() < 30);
    all_can_be_read(&runs);
}

#[test]
fn the_picture_has_a_title_for_each_span_and_tells_waiting_from_work() {
    let picture = svg::draw(&[run("threads", vec![row("Alice", "<5>")])]);
    let document = roxmltree::Document::parse(&picture).unwrap();
    let titles: Vec<_> = document
        .descendants()
        .filter(|node| node.tag_name().name() == "title")
        .filter_map(|node| node.text())
        .collect();
    assert!(
        titles.contains(&"<5> (work): 40.0 ms, from 0 s to 40.0 ms"),
        "{titles:?}"
    );
    assert!(
        titles.contains(&"<5> (wait): 20.0 ms, from 40.0 ms to 60.0 ms"),
        "{titles:?}"
    );
    assert!(titles.contains(&"1 short span"), "{titles:?}");
    // Its name stands on the bar itself, too, if the bar is long enough for it.
    let on_a_bar = |class| {
        document
            .descendants()
            .filter(|node| node.attribute("class") == Some(class))
            .filter_map(|node| node.text())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (on_a_bar("on"), on_a_bar("over")),
        (vec!["<5>"], vec!["<5>"])
    );
    for rule in [".work", ".wait", "prefers-color-scheme: dark"] {
        assert!(picture.contains(rule));
    }
}

#[test]
fn the_trace_has_every_span_in_microseconds() {
    let json = trace::draw(&[run("threads", vec![row("Alice", "5")])]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let events = json["traceEvents"].as_array().unwrap();
    let spans: Vec<_> = events.iter().filter(|event| event["ph"] == "X").collect();
    assert_eq!(spans.len(), 3);
    assert_eq!(
        (&spans[1]["ts"], &spans[1]["dur"]),
        (&40_000.0.into(), &20_000.0.into())
    );
    assert_eq!(spans[1]["cat"], "wait");
    let about: Vec<_> = events
        .iter()
        .filter(|e| e["ph"] == "M")
        .map(|e| (e["name"].as_str().unwrap(), &e["args"]))
        .collect();
    let expected = [
        ("process_name", &json!({ "name": "threads" })),
        ("process_sort_index", &json!({ "sort_index": 1 })),
        ("thread_name", &json!({ "name": "Alice" })),
        ("thread_sort_index", &json!({ "sort_index": 1 })),
    ];
    assert_eq!(about, expected);
}

/// Two spans of one kind without a gap that is wide enough to be seen: one stroke, and each of them
/// counted once.
#[test]
fn short_spans_of_one_kind_are_merged_and_counted_once() {
    let mut row = row("Alice", "x");
    let last = SpanRecord {
        start_ns: 1_000_000_000,
        end_ns: 2_000_000_000,
        ..row.spans[0].clone()
    };
    row.spans = (0..37)
        .map(|i| SpanRecord {
            start_ns: i * 1_700_000,
            end_ns: i * 1_700_000 + 1_690_000,
            ..last.clone()
        })
        .chain([last.clone()])
        .collect();
    let picture = svg::draw(&[run("threads", vec![row])]);
    assert!(
        picture.contains("<title>37 short spans</title>"),
        "{picture}"
    );
}

/// A recording is data, and may come from a program that has it wrong.
#[test]
fn a_span_that_ends_before_it_begins_breaks_nothing() {
    let mut row = row("Alice", "x");
    row.spans[1].end_ns = 0;
    all_can_be_read(&[run("threads", vec![row])]);
}

#[test]
fn a_thousand_lanes_get_thinner_not_the_picture_endless() {
    let rows = (0..1_000).map(|i| row(&format!("seat {i}"), "x")).collect();
    let picture = svg::draw(&[run("tasks", rows)]);
    let document = roxmltree::Document::parse(&picture).unwrap();
    let tracks = document
        .descendants()
        .filter(|n| n.attribute("class") == Some("track"));
    assert_eq!(tracks.count(), 1_000);
    let view = document.root_element().attribute("viewBox").unwrap();
    let height: f64 = view.rsplit(' ').next().unwrap().parse().unwrap();
    assert!(height < 1_000.0, "{height}");
}

#[test]
fn plots_can_be_read_whatever_is_in_them() {
    let odd = "a \"<b>\" & \0\u{1b}\u{fffe} 👩‍🔬";
    let never = vec![(f64::NAN, 1.0), (0.0, f64::INFINITY), (-1.0, -1.0)];
    let some = vec![(1.0, 1.0), (2.0, 1.9), (8.0, 5.0)];
    for values in [vec![], never, vec![(3.0, 0.0)], some] {
        let series = [
            Series::line(odd, values.clone()),
            Series::points(odd, values),
        ];
        for picture in [
            plot::draw(odd, odd, odd, &series),
            plot::draw_log_x(odd, odd, odd, &series),
        ] {
            roxmltree::Document::parse(&picture).unwrap_or_else(|e| panic!("{e}\n{picture}"));
            assert!(
                !picture.contains("NaN") && !picture.contains("inf"),
                "{picture}"
            );
        }
    }
}

/// Structure, not speed: the picture of many spans stays small. (How long it takes is a bench.)
#[test]
fn a_hundred_thousand_spans_make_a_small_picture() {
    let spans = |offset: u64| {
        (0..50_000_u64).map(move |i| SpanRecord {
            kind: if i % 2 == 0 { Kind::Work } else { Kind::Wait },
            label: "x".into(),
            start_ns: offset + i * 1_000,
            end_ns: offset + i * 1_000 + 900,
        })
    };
    let rows = [0, 500].map(|offset| Row {
        name: format!("from {offset}"),
        spans: spans(offset).collect(),
    });
    let runs = [run("many", rows.to_vec())];
    all_can_be_read(&runs);
    assert!(svg::draw(&runs).len() < 1_000_000);
}

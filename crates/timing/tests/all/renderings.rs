//! Whatever the names, every rendering can be read by what is meant to read it.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;
use timing::plot::{self, Series};
use timing::{
    Arrow, Kind, Lane, Look, Recording, Row, Run, SpanRecord, Timeline, svg, terminal, trace,
};
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

/// The part is drawn below the whole. There each kind of work has a shade that the legend tells.
#[test]
fn a_part_of_the_time_is_drawn_once_more_and_its_work_is_told_apart() {
    let mut row = row("Alice", "decode");
    for (index, label) in ["filter", "encode"].into_iter().enumerate() {
        let start_ns = 60_000_000 + index as u64 * 1_000_000;
        row.spans.push(SpanRecord {
            kind: Kind::Work,
            label: label.into(),
            start_ns,
            end_ns: start_ns + 900_000,
        });
    }
    let runs = [run("threads", vec![row])];
    let part = Duration::from_millis(58)..Duration::from_millis(62);
    let picture = svg::draw_as(&runs, &Look::default(), Some(part));
    let document = roxmltree::Document::parse(&picture).unwrap();
    let lanes: Vec<_> = document
        .descendants()
        .filter(|node| node.attribute("class") == Some("timeline"))
        .map(|node| {
            (
                node.attribute("data-from").unwrap(),
                node.attribute("data-to").unwrap(),
            )
        })
        .collect();
    assert_eq!(lanes, [("0", "0.0619"), ("0.058", "0.062")]);
    // A bar, and its sample in the legend.
    assert_eq!(picture.matches("class=\"work shade1\"").count(), 2);
    // Twice on the bar's title, and once in the legend; and on the bar, where it has room now.
    assert_eq!(picture.matches(">encode<").count(), 2, "{picture}");
    assert!(!svg::draw(&runs).contains("\"work shade"));
}

/// What is thrown away is marked, and said in words.
#[test]
fn work_that_was_lost_is_marked() {
    let timeline = Timeline::new();
    {
        let mut lane = timeline.lane("Alice");
        lane.act("0 to 1").lost();
        drop(lane.act("1 to 2"));
    }
    let mut row = timeline.recording().rows.remove(0);
    assert_eq!(row.spans[0].label, "✗ 0 to 1");
    assert_eq!(row.spans[1].label, "1 to 2");
    for (index, span) in row.spans.iter_mut().enumerate() {
        span.start_ns = index as u64 * 1_000_000;
        span.end_ns = span.start_ns + 900_000;
    }
    let picture = svg::draw(&[run("cas", vec![row])]);
    assert!(picture.contains("class=\"act lost\""), "{picture}");
    assert!(picture.contains(">✗ 0 to 1</text>"));
    assert!(picture.contains("thrown away, and tried again"));
    Lane::off().act("x").lost();
}

/// A look replaces the usual words, in a terminal, too; and an arrow is there if its lanes are.
#[test]
fn a_picture_may_have_words_and_arrows_of_its_own() {
    let arrow = |to: &str| Arrow {
        run: "threads".to_owned(),
        from: ("Alice".to_owned(), Duration::from_millis(10)),
        to: (to.to_owned(), Duration::from_millis(12)),
    };
    let look = Look {
        wait: "an opponent <thinks>".to_owned(),
        arrow: "asks".to_owned(),
        arrows: vec![arrow("Bob"), arrow("nobody")],
        ..Look::default()
    };
    let runs = [run("threads", vec![row("Alice", "x"), row("Bob", "x")])];
    let picture = svg::draw_as(&runs, &look, None);
    roxmltree::Document::parse(&picture).unwrap();
    assert!(
        picture.contains(">an opponent &lt;thinks&gt;</text>") && picture.contains(">asks</text>")
    );
    assert!(!picture.contains(">waits</text>") && picture.contains(">works</text>"));
    // One arrow, and its sample in the legend.
    assert_eq!(picture.matches("class=\"head\"").count(), 2, "{picture}");
    assert!(!svg::draw(&runs).contains("class=\"head\""));
    let text = plain(&terminal::draw_as(&runs, 60, &look));
    assert!(text.contains("░┊ an opponent <thinks>\n"), "{text}");
    assert!(text.contains("█▌▏ works\n"), "{text}");
}

/// An evening of chess takes hours, and no axis counts them in seconds.
#[test]
fn long_times_are_in_hours() {
    let mut row = row("Alice", "x");
    row.spans[1].end_ns = 36_000_000_000_000;
    let runs = [run("evening", vec![row])];
    let picture = svg::draw(&runs);
    assert!(picture.contains(">10.0 h, 2 workers<"), "{picture}");
    assert!(picture.contains(">2 h</text>") && picture.contains(">10 h</text>"));
    assert!(plain(&terminal::draw(&runs, 80)).contains("2.00 h"));
}

/// A name is cut before it touches the bar.
#[test]
fn names_leave_room_before_the_bars() {
    let picture = svg::draw(&[run(
        "threads",
        vec![row(&"W".repeat(30), "x"), row("main", "x")],
    )]);
    assert!(
        picture.contains(">WWWWWWWW…<") && picture.contains(">main<"),
        "{picture}"
    );
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
    row.spans = (0..95)
        .map(|i| SpanRecord {
            start_ns: i * 1_700_000,
            end_ns: i * 1_700_000 + 1_690_000,
            ..last.clone()
        })
        .chain([last.clone()])
        .collect();
    let picture = svg::draw(&[run("threads", vec![row])]);
    assert!(
        picture.contains("<title>95 short spans</title>"),
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

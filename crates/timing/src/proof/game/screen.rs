//! What a player sees: each thread's next line, the shared objects, the story, and at the end two
//! schedules, drawn step by step.

use unicode_width::UnicodeWidthStr;

use super::super::step::{End, Object, Program, Seen, State, View, at};
use super::Game;
use crate::text::fit;

/// Lines of the file that are shown above and below a thread's next line.
const AROUND: usize = 2;
/// Steps of the story that are shown.
const STORY: usize = 9;
/// The narrowest pane that code can be read in.
const NARROWEST: usize = 44;

/// Draws the game as it stands, in lines of at most `width` columns.
pub(super) fn screen(game: &Game<'_>, width: usize) -> String {
    let view = game.view();
    let mut text = format!("\n{}", story(view, width));
    if view.end.is_some() {
        return text + &ending(game, width);
    }
    text += &panes(game, width);
    text += &format!("\n{}\n", objects(view));
    text += &outlook(game);
    text
}

/// What happened so far.
fn story(view: &View, width: usize) -> String {
    let told = view.steps.iter().filter(|step| !step.serves);
    let lines: Vec<String> = told
        .map(|step| {
            let name = &view.threads[step.thread].name;
            let waits = step.waits.as_deref();
            let parts = [Some(&*step.text).filter(|text| !text.is_empty()), waits];
            let parts: Vec<_> = parts.into_iter().flatten().collect();
            format!("{name} {}", parts.join(", and "))
        })
        .collect();
    let from = lines.len().saturating_sub(STORY);
    let mut text = String::new();
    if from > 0 {
        text += &format!("     ... {from} steps before\n");
    }
    for (line, number) in lines.iter().zip(1..).skip(from) {
        text += &format!("{}\n", fit(&format!("{number:>4}. {line}"), width));
    }
    text
}

/// A pane for each thread, side by side as far as they fit.
fn panes(game: &Game<'_>, width: usize) -> String {
    let view = game.view();
    let mut panes = Vec::new();
    let mut text = String::new();
    for number in 0..view.threads.len() {
        let seen = game.seen(number);
        if seen.state == State::Done || seen.serves {
            text += &format!("\n    {} {}", seen.name, seen.does);
        } else {
            panes.push((number, seen));
        }
    }
    let columns = (width / NARROWEST).clamp(1, panes.len().max(1));
    let pane_width = (width - 2 * (columns - 1)) / columns;
    for row in panes.chunks(columns) {
        let drawn: Vec<Vec<String>> = row
            .iter()
            .map(|(number, seen)| pane(*number, seen, &game.puzzle.program, pane_width))
            .collect();
        text += "\n\n";
        let height = drawn.iter().map(Vec::len).max().unwrap_or_default();
        let lines = (0..height).map(|line| {
            let cells = drawn.iter().map(|pane| {
                let cell = pane.get(line).map_or("", String::as_str);
                format!("{cell}{}", " ".repeat(pane_width - cell.width()))
            });
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        });
        text += &lines.collect::<Vec<_>>().join("\n");
    }
    text + "\n"
}

fn pane(number: usize, seen: &Seen, program: &Program, width: usize) -> Vec<String> {
    let (key, state) = match seen.state {
        State::Ready | State::WouldWait => (format!("[{number}]"), "ready"),
        State::Blocked => ("[ ]".to_owned(), "blocked"),
        State::Done => ("[ ]".to_owned(), "done"),
    };
    let would = match seen.state {
        State::WouldWait => " (and would have to wait)",
        _ => "",
    };
    let mut lines = vec![
        format!("{key} {}: {state}", seen.name),
        format!("    {}{would}", seen.does),
    ];
    if let Some((file, line)) = &seen.place {
        lines.push(format!("    {file}"));
        lines.extend(excerpt(program, file, *line as usize));
    }
    lines.iter().map(|line| fit(line, width)).collect()
}

/// The lines around one line of a file, without the indentation that they share.
fn excerpt(program: &Program, file: &str, line: usize) -> Vec<String> {
    let source = program.files.iter().find(|(name, _)| *name == file);
    let Some((_, source)) = source else {
        return vec![format!("  > {line:>3}")];
    };
    let first = line.saturating_sub(AROUND + 1);
    let lines = || source.lines().skip(first).take(line + AROUND - first);
    let indent = |line: &str| line.len() - line.trim_start().len();
    let filled = lines().filter(|line| !line.trim().is_empty());
    let common = filled.map(indent).min().unwrap_or_default();
    let shown = lines().zip(first + 1..).map(|(text, number)| {
        let mark = if number == line { ">" } else { " " };
        let text = text.get(common..).unwrap_or_default();
        format!("  {mark} {number:>3}  {text}")
    });
    shown.collect()
}

fn objects(view: &View) -> String {
    let show = |object: &Object| {
        let value = Some(format!("= {}", object.value)).filter(|_| !object.value.is_empty());
        let holder = object.holder.map(|holder| &view.threads[holder].name);
        let holder = holder.map(|name| format!("(held by {name})"));
        let parts: Vec<_> = [value, holder].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| format!("{} {}", object.name, parts.join(" ")))
    };
    let shown: Vec<_> = view.objects.iter().filter_map(show).collect();
    match &shown[..] {
        [] => "nothing is held".to_owned(),
        shown => shown.join("; "),
    }
}

/// How the schedules from here on end.
fn outlook(game: &Game<'_>) -> String {
    let preemptions = format!("preemptions so far: {}", game.view().preemptions);
    match game.count() {
        Some(count) if count.bad == 0 => {
            let all = grouped(count.all());
            format!("from here, none of {all} schedules ends badly; {preemptions}\n")
        }
        Some(count) => {
            let (bad, all) = (grouped(count.bad), grouped(count.all()));
            let lost = if count.good == 0 { ": all of them" } else { "" };
            format!("from here, {bad} of {all} schedules end badly{lost}; {preemptions}\n")
        }
        None => format!("too many schedules to count from here; {preemptions}\n"),
    }
}

/// What is known of all schedules.
pub(super) fn prospect(game: &Game<'_>) -> String {
    if let Some(graph) = &game.graph {
        let (count, states) = (graph.nodes[0].count, graph.nodes.len());
        let all = grouped(count.all());
        return match count.bad {
            0 => format!(
                "It can't be broken: checked in all {all} schedules ({} different states).",
                grouped(states as u128)
            ),
            bad => format!(
                "There are {all} schedules, and {} of them end badly.",
                grouped(bad)
            ),
        };
    }
    match &game.explored {
        Some(found) if found.failing > 0 => {
            "There are too many schedules to count them. Some end badly.".to_owned()
        }
        Some(found) => format!("Nothing was found that breaks it: {found}."),
        None => String::new(),
    }
}

/// How it ended, and the schedule beside the shortest one with a mistake.
fn ending(game: &Game<'_>, width: usize) -> String {
    let view = game.view();
    let Some(end) = &view.end else {
        return String::new();
    };
    let solved = game.puzzle.wanted.is(end);
    let within = match game.puzzle.wanted {
        super::Wanted::Within(_, most) => view.preemptions <= most,
        _ => true,
    };
    let verdict = match (end, solved && within) {
        (_, true) => "You did it: ",
        (End::Right, _) => "",
        _ if solved => "Almost, but with fewer preemptions: ",
        _ => "Broken, but not yet as it should be: ",
    };
    let mut text = format!("\n{verdict}{end}.\n\n");
    text += &drawn("your schedule", game, game.schedule(), width);
    let goal = |end: &End| game.puzzle.wanted.is(end);
    // Where the states are too many, the search has looked at fewer preemptions before, but not for
    // the shortest schedule.
    let (title, best) = match &game.graph {
        Some(graph) => {
            let way = graph.shortest(0, None, goal);
            ("the shortest", way.map(|(way, fewest)| (fewest, way)))
        }
        None => {
            let found = game.explored.as_ref();
            let failure = found.and_then(|found| found.shortest.clone());
            let way = failure.map(|failure| (failure.preemptions, failure.schedule));
            ("with as few preemptions as can be", way)
        }
    };
    let length = |way: &[usize]| game.graph.as_ref().map_or(0, |_| way.len());
    match best {
        Some((fewest, way))
            if !solved || (fewest, length(&way)) < (view.preemptions, length(game.schedule())) =>
        {
            text += &drawn(title, game, &way, width);
        }
        Some(_) if game.graph.is_some() => {
            text += "No schedule with fewer preemptions does it, and none that is shorter.\n";
        }
        Some(_) => text += "No schedule with fewer preemptions does it.\n",
        None => text += &format!("{}\n", prospect(game)),
    }
    text += "█ runs  ░ waits  · is ready, but does not run  ^ preemption\n";
    text + "u takes a choice back, r starts again, q ends.\n"
}

/// A schedule as lines of a picture: a column for each step.
fn drawn(title: &str, game: &Game<'_>, schedule: &[usize], width: usize) -> String {
    let program = &game.puzzle.program;
    let views: Vec<View> = (0..=schedule.len())
        .filter_map(|length| at(program, &schedule[..length]))
        .collect();
    let Some(last) = views.last() else {
        return String::new();
    };
    let plural = if last.preemptions == 1 { "" } else { "s" };
    let numbers: Vec<_> = schedule.iter().map(usize::to_string).collect();
    let mut text = format!(
        "{title}: {} preemption{plural}, {} steps: {}\n",
        last.preemptions,
        schedule.len(),
        numbers.join(" ")
    );
    let names = last.threads.iter().map(|thread| thread.name.width());
    let longest = names.max().unwrap_or_default();
    // Two columns for each step, if there is room.
    let wide = if 2 * schedule.len() + longest + 4 <= width {
        2
    } else {
        1
    };
    for (number, thread) in last.threads.iter().enumerate() {
        let pad = " ".repeat(longest - thread.name.width());
        let cells = schedule.iter().zip(&views).map(|(runs, view)| {
            let state = view.threads.get(number).map(|thread| thread.state);
            let cell = match state {
                Some(_) if *runs == number => "█",
                Some(State::Ready | State::WouldWait) => "·",
                Some(State::Blocked) => "░",
                Some(State::Done) | None => " ",
            };
            cell.repeat(wide)
        });
        let cells: String = cells.collect();
        text += &format!("  {}{pad}  {}\n", thread.name, cells.trim_end());
    }
    let marks = views.windows(2).map(|pair| {
        let preempted = pair[1].preemptions > pair[0].preemptions;
        format!("{:wide$}", if preempted { "^" } else { "" })
    });
    let marks: String = marks.collect();
    if last.preemptions > 0 {
        text += &format!("  {}  {}\n", " ".repeat(longest), marks.trim_end());
    }
    text + "\n"
}

/// A number with its digits in groups of three.
pub(super) fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

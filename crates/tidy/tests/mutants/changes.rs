//! All small changes of a reference answer, each in one place.

use std::collections::BTreeMap;

/// What is written in the place of what. Most changes give code that does not compile: that is
/// found out by compiling it.
const REPLACED: &[(&str, &str)] = &[
    (" + ", " - "),
    (" - ", " + "),
    (" * ", " + "),
    (" / ", " * "),
    (" % ", " / "),
    (" < ", " <= "),
    (" >= ", " > "),
    (" == ", " != "),
    (" && ", " || "),
    (" || ", " && "),
    (" += ", " -= "),
    (" += ", " = "),
    (" -= ", " += "),
    ("..=", ".."),
    (".min(", ".max("),
    (".max(", ".min("),
    ("while ", "if "),
    (".await", ""),
    ("move ", ""),
    ("Acquire", "Relaxed"),
    ("Release", "Relaxed"),
    ("notify_one", "notify_all"),
    ("notify_all", "notify_one"),
    ("true", "false"),
    ("false", "true"),
    ("is_err", "is_ok"),
    ("Ok(", "Err("),
    ("pop_front", "pop_back"),
    ("push_back", "push_front"),
    (".pop()", ".first().copied()"),
    (".rev()", ""),
    (".iter()", ".iter().skip(1)"),
    (".iter()", ".iter().take(1)"),
    (".iter()", ".iter().rev()"),
    (".into_iter()", ".into_iter().skip(1)"),
    (".into_iter()", ".into_iter().rev()"),
    (".collect();", ".take(1).collect();"),
    ("left", "right"),
    ("right", "left"),
    ("from", "to"),
    ("to", "from"),
    ("first", "second"),
    ("second", "first"),
    ("before", "behind"),
    ("not_full", "not_empty"),
    ("not_empty", "not_full"),
    ("freed", "switched"),
    ("switched", "freed"),
    ("held", "wanted"),
    ("wanted", "held"),
    ("insert(", "contains(&"),
    ("Arc::clone(&", "Arc::new((*"),
];

/// Returns the changed texts, each with a line that says what was changed.
pub fn of(text: &str) -> BTreeMap<String, String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = BTreeMap::new();
    let mut note = |what: String, changed: Vec<String>| {
        let changed = changed.join("\n") + "\n";
        if changed != text {
            // Of several in lines that are alike, each has a number.
            let mut name = what.clone();
            for number in 2.. {
                match found.get(&name) {
                    None => break,
                    Some(same) if *same == changed => break,
                    Some(_) => name = format!("{what} ({number})"),
                }
            }
            found.insert(name, changed);
        }
    };
    let with = |from: usize, to: usize, new: Vec<String>| {
        let own = |lines: &[&str]| lines.iter().map(|l| (*l).to_owned()).collect::<Vec<_>>();
        [own(&lines[..from]), new, own(&lines[to..])].concat()
    };
    for (at, line) in lines.iter().enumerate() {
        let code = line.trim();
        if code.is_empty() || code.starts_with("//") || code.starts_with("use ") {
            continue;
        }
        for new in changed(line) {
            note(
                format!("{code} => {}", new.trim()),
                with(at, at + 1, vec![new]),
            );
        }
        let Some(end) = statement(&lines, at) else {
            continue;
        };
        note(format!("without {code}"), with(at, end, vec![]));
        if end > at + 1 {
            let inside = lines[at + 1..end - 1].iter().map(|l| (*l).to_owned());
            note(
                format!("only what is inside {code}"),
                with(at, end, inside.collect()),
            );
        }
        // Functions have no order.
        let is_function = code.contains("fn ") && code.ends_with('{');
        let next = statement(&lines, end).filter(|_| !is_function);
        if let Some(next) = next {
            let swapped = [&lines[end..next], &lines[at..end]].concat();
            let swapped = swapped.into_iter().map(str::to_owned).collect();
            note(
                format!("{code} after {}", lines[end].trim()),
                with(at, next, swapped),
            );
        }
    }
    found
}

/// The end of the statement that begins in this line: the line at which all brackets are closed.
fn statement(lines: &[&str], at: usize) -> Option<usize> {
    let mut open = 0_i32;
    for (number, line) in lines.iter().enumerate().skip(at) {
        let code = line.split("//").next().unwrap_or_default();
        for c in code.chars() {
            match c {
                '(' | '[' | '{' => open += 1,
                ')' | ']' | '}' => open -= 1,
                _ => {}
            }
            if open < 0 {
                return None;
            }
        }
        if open == 0 {
            return Some(number + 1);
        }
    }
    None
}

/// All changes of a line.
fn changed(line: &str) -> Vec<String> {
    let mut all = Vec::new();
    for (old, new) in REPLACED {
        for (at, _) in line.match_indices(old) {
            let (before, after) = (&line[..at], &line[at + old.len()..]);
            // Names are replaced as a whole.
            let is_name = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
            let begins_in = is_name(old.chars().next()) && is_name(before.chars().next_back());
            let ends_in = is_name(old.chars().next_back()) && is_name(after.chars().next());
            if !begins_in && !ends_in {
                all.push(format!("{before}{new}{after}"));
            }
        }
    }
    all.extend(numbers(line));
    // A guard that is dropped at once.
    if let Some((before, after)) = line.split_once("let _")
        && let Some((_, value)) = after.split_once(" = ")
    {
        all.push(format!("{before}let _ = {value}"));
    }
    for word in ["if ", "while "] {
        let condition = line
            .trim()
            .strip_prefix(word)
            .and_then(|rest| rest.strip_suffix(" {"));
        if let Some(condition) = condition.filter(|condition| !condition.starts_with("let ")) {
            all.push(line.replace(condition, &format!("!({condition})")));
            all.push(line.replace(condition, "false"));
            for (at, _) in condition.match_indices(" || ") {
                all.push(line.replace(condition, &condition[..at]));
                all.push(line.replace(condition, &condition[at + 4..]));
            }
            for (at, _) in condition.match_indices(" && ") {
                all.push(line.replace(condition, &condition[..at]));
                all.push(line.replace(condition, &condition[at + 4..]));
            }
        }
    }
    // A loop that leaves out the first.
    if let (true, Some((before, after))) =
        (line.trim().starts_with("for "), line.split_once(" in "))
        && let Some(all_of) = after.strip_suffix(" {")
    {
        all.push(format!("{before} in {all_of}.into_iter().skip(1) {{"));
        all.push(format!("{before} in {all_of}.into_iter().take(1) {{"));
    }
    all
}

/// One more in the place of each number, and one less.
fn numbers(line: &str) -> Vec<String> {
    let mut all = Vec::new();
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut at = 0;
    while let Some(begin) = line[at..]
        .find(|c: char| c.is_ascii_digit())
        .map(|i| at + i)
    {
        let end = line[begin..]
            .find(|c: char| !is_name(c))
            .map_or(line.len(), |i| begin + i);
        at = end;
        if line[..begin].chars().next_back().is_some_and(is_name) {
            continue;
        }
        if let Ok(number) = line[begin..end].parse::<u64>() {
            for new in [Some(number + 1), number.checked_sub(1)]
                .into_iter()
                .flatten()
            {
                all.push(format!("{}{new}{}", &line[..begin], &line[end..]));
            }
        }
    }
    all
}

//! A puzzle as data, for a page that plays it without the program: all states in which there is
//! something to choose, and what each choice leads to.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};

use super::super::step::{State, Step, View, at};
use super::{Game, Puzzle, Wanted};

/// Lines of a file above and below one that some thread is in.
const AROUND: u32 = 3;

/// Returns the puzzle as JSON; `None` if it has too many states.
///
/// - `title`, `goal`, `wanted` (the beginning of the end's words) and `most` (preemptions)
/// - `all`, `bad`, `states`: the numbers of schedules, of those with a mistake, and of states
/// - `threads`, `objects`: their names
/// - `texts`, `places`: what the numbers below stand for; a place is a file and a line
/// - `files`: the lines around the places
/// - `begin`: the steps before the first choice, in the form of those in `n`
/// - `nodes`: the states, the first one first. Each has
///   - `t`: for each thread its place (or -1), its text and its state (`r`eady, `w`ould wait,
///     `b`locked, `d`one); a thread with no choice of its own has a fourth entry
///   - `o`: the objects, as texts
///   - `n`: for each thread that can run the number of the next state, and the steps until there:
///     the thread, the states of all threads before it, the texts of what it does and what it then
///     waits for (or -1), and whether the step is one that only serves
///   - `g`, `b`: how many schedules from here end well, and badly
///   - `e`: at the end, its text
pub fn export(puzzle: &Puzzle) -> Option<String> {
    let mut game = Game::new(puzzle);
    let states = game.graph.as_ref()?.nodes.len();
    let whole = game.graph.as_ref()?.nodes[0].count;
    let mut export = Export::default();
    let mut index = HashMap::from([(game.view.key, 0)]);
    let mut prefixes = vec![game.prefix.clone()];
    let begin = export.steps(puzzle, &game.prefix, 0)?;
    let mut nodes = Vec::new();
    let mut last = game.view.clone();
    // The list of prefixes is also the queue.
    while let Some(prefix) = prefixes.get(nodes.len()).cloned() {
        game.go_to(&prefix);
        let mut node = export.node(&game)?;
        let mut next = Map::new();
        for thread in game.view.options.clone() {
            game.go_to(&prefix);
            game.choose(thread).ok()?;
            let steps = export.steps(puzzle, &game.prefix, prefix.len())?;
            let new = index.len();
            let number = *index.entry(game.view.key).or_insert(new);
            if number == new {
                prefixes.push(game.prefix.clone());
            }
            next.insert(thread.to_string(), json!([number, steps]));
        }
        if !next.is_empty() {
            node.insert("n".to_owned(), next.into());
        }
        nodes.push(Value::from(node));
        if game.view.threads.len() >= last.threads.len() {
            last = game.view.clone();
        }
    }
    let (wanted, most) = match puzzle.wanted {
        Wanted::Nothing => (None, None),
        Wanted::Wrong(words) => (Some(words), None),
        Wanted::Within(words, most) => (Some(words), Some(most)),
    };
    let data = json!({
        "title": puzzle.program.title,
        "goal": puzzle.goal,
        "wanted": wanted,
        "most": most,
        "all": number(whole.all()),
        "bad": number(whole.bad),
        "states": states,
        "threads": last.threads.iter().map(|thread| &thread.name).collect::<Vec<_>>(),
        "objects": last.objects.iter().map(|object| &object.name).collect::<Vec<_>>(),
        "begin": begin,
        "files": export.files(puzzle),
        "places": export.places,
        "texts": export.texts,
        "nodes": nodes,
    });
    Some(data.to_string())
}

fn number(count: u128) -> Value {
    u64::try_from(count).map_or_else(|_| count.to_string().into(), Value::from)
}

/// What is said once, and stands as a number elsewhere.
#[derive(Default)]
struct Export {
    texts: Vec<String>,
    texts_index: HashMap<String, usize>,
    places: Vec<(String, u32)>,
    places_index: HashMap<(String, u32), usize>,
}

impl Export {
    fn text(&mut self, text: &str) -> usize {
        let new = self.texts.len();
        let number = *self.texts_index.entry(text.to_owned()).or_insert(new);
        if number == new {
            self.texts.push(text.to_owned());
        }
        number
    }

    fn place(&mut self, place: &Option<(String, u32)>) -> i64 {
        let Some(place) = place else {
            return -1;
        };
        let new = self.places.len();
        let number = *self.places_index.entry(place.clone()).or_insert(new);
        if number == new {
            self.places.push(place.clone());
        }
        number as i64
    }

    fn node(&mut self, game: &Game<'_>) -> Option<Map<String, Value>> {
        let view = &game.view;
        let threads: Vec<_> = (0..view.threads.len())
            .map(|number| {
                let seen = game.seen(number);
                let (place, does) = (self.place(&seen.place), self.text(&seen.does));
                match seen.serves {
                    true => json!([place, does, letter(seen.state), 1]),
                    false => json!([place, does, letter(seen.state)]),
                }
            })
            .collect();
        let objects = view.objects.iter().map(|object| {
            let holder = object.holder.map(|holder| &view.threads[holder].name);
            let held = holder.map(|name| format!("held by {name}"));
            let value = Some(object.value.clone()).filter(|value| !value.is_empty());
            let parts: Vec<_> = [value, held].into_iter().flatten().collect();
            self.text(&parts.join(", "))
        });
        let objects: Vec<_> = objects.collect();
        let count = game.count()?;
        let mut node = Map::new();
        node.insert("t".to_owned(), threads.into());
        node.insert("o".to_owned(), json!(objects));
        node.insert("g".to_owned(), number(count.good));
        node.insert("b".to_owned(), number(count.bad));
        if let Some(end) = &view.end {
            node.insert("e".to_owned(), self.text(&end.to_string()).into());
        }
        Some(node)
    }

    /// The steps of a schedule after the first ones.
    fn steps(&mut self, puzzle: &Puzzle, schedule: &[usize], from: usize) -> Option<Vec<Value>> {
        let mut steps = Vec::new();
        let mut before = at(&puzzle.program, &schedule[..from])?;
        for length in from + 1..=schedule.len() {
            let after = at(&puzzle.program, &schedule[..length])?;
            let step: &Step = after.steps.last()?;
            let waits = step
                .waits
                .as_ref()
                .map_or(-1, |text| self.text(text) as i64);
            let serves = usize::from(step.serves);
            let text = self.text(&step.text);
            steps.push(json!([step.thread, states(&before), text, waits, serves]));
            before = after;
        }
        Some(steps)
    }

    /// The lines around all places.
    fn files(&self, puzzle: &Puzzle) -> Value {
        let mut files: BTreeMap<&str, BTreeMap<u32, &str>> = BTreeMap::new();
        for (file, line) in &self.places {
            let source = puzzle.program.files.iter().find(|(name, _)| name == file);
            let Some((name, text)) = source else {
                continue;
            };
            for (text, number) in text.lines().zip(1..) {
                if number + AROUND >= *line && number <= line + AROUND {
                    files.entry(name).or_default().insert(number, text);
                }
            }
        }
        json!(files)
    }
}

fn letter(state: State) -> &'static str {
    match state {
        State::Ready => "r",
        State::WouldWait => "w",
        State::Blocked => "b",
        State::Done => "d",
    }
}

fn states(view: &View) -> String {
    view.threads
        .iter()
        .map(|thread| letter(thread.state))
        .collect()
}

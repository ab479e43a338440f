//! The game by lines: a line is read, and what there is to see is printed. So it works over ssh and
//! through a pipe.

use std::io::{self, BufRead, IsTerminal};

use anyhow::{Context, Result, anyhow, bail};

use super::screen::{prospect, screen};
use super::{Game, Puzzle, export};
use crate::cli;

/// How wide the screen is where nothing says it.
const WIDTH: usize = 100;

const KEYS: &str = "\
a number   that thread runs up to its next operation (or presses [n] of its pane)
u          takes the last choice back
r          starts again
c          lets the checker go on from here, to the nearest mistake
?          this list
q          ends the game
";

/// What every stepper can be asked for.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Options {
    /// The puzzle; without one, they are listed
    pub puzzle: Option<String>,

    /// Begins with this schedule, as a proof prints it: the numbers of the threads, step by step
    #[arg(long, value_name = "NUMBERS")]
    pub schedule: Option<String>,

    /// Prints all states of the puzzle as JSON, and does not play it
    #[arg(long, conflicts_with = "schedule", requires = "puzzle")]
    pub graph: bool,
}

/// Plays a puzzle on stdin and stdout, or lists all of them.
///
/// # Errors
/// If there is no puzzle of that name, if the schedule does not fit it, or if stdin can't be read
/// or stdout not be written.
pub fn main(puzzles: &[Puzzle], options: &Options) -> Result<bool> {
    let Some(name) = &options.puzzle else {
        let longest = puzzles.iter().map(|puzzle| puzzle.name.len()).max();
        let longest = longest.unwrap_or_default();
        for puzzle in puzzles {
            cli::print(&format!("{:longest$}  {}\n", puzzle.name, puzzle.goal))?;
        }
        return Ok(true);
    };
    let Some(puzzle) = puzzles.iter().find(|puzzle| puzzle.name == *name) else {
        let names: Vec<_> = puzzles.iter().map(|puzzle| &*puzzle.name).collect();
        bail!("there is no puzzle {name}; there are {}", names.join(", "));
    };
    if options.graph {
        let json = export(puzzle).with_context(|| format!("{name} has too many states"))?;
        cli::print(&format!("{json}\n"))?;
        return Ok(true);
    }
    let size = terminal_size::terminal_size_of(io::stdout());
    let width = size.map_or(WIDTH, |(width, _)| usize::from(width.0).max(40));
    // Without a terminal nobody sees a prompt, and it would stand before each answer.
    let prompt = if io::stdin().is_terminal() { "> " } else { "" };
    play(
        puzzle,
        options.schedule.as_deref(),
        (width, prompt),
        &mut io::stdin().lock(),
        &mut cli::print,
    )?;
    Ok(true)
}

/// Plays a puzzle: reads lines until there are no more, and prints what there is to see in lines of
/// this width, and the prompt before each line that is read.
///
/// # Errors
/// If the schedule does not fit the puzzle, or if a line can't be read or printed.
pub fn play(
    puzzle: &Puzzle,
    schedule: Option<&str>,
    (width, prompt): (usize, &str),
    input: &mut dyn BufRead,
    print: &mut dyn FnMut(&str) -> Result<()>,
) -> Result<()> {
    print(&format!(
        "{}\nYou are the scheduler: choose which thread runs next.\nGoal: {}\n",
        puzzle.program.title, puzzle.goal
    ))?;
    let mut game = Game::new(puzzle);
    print(&format!("{}\n", prospect(&game)))?;
    if let Some(schedule) = schedule {
        let schedule = numbers(schedule).context("--schedule")?;
        let replayed = game.replay(&schedule);
        let taken = replayed.map_err(|why| anyhow!("--schedule: {why}"))?;
        if taken < schedule.len() {
            let all = schedule.len();
            print(&format!(
                "Of the {all} steps of the schedule, {taken} lead to the end.\n"
            ))?;
        }
    }
    print(&screen(&game, width))?;
    loop {
        print(prompt)?;
        let mut line = String::new();
        if input.read_line(&mut line).context("can't read stdin")? == 0 {
            return Ok(());
        }
        match turn(&mut game, line.trim()) {
            Turn::Shows => print(&screen(&game, width))?,
            Turn::Says(text) => print(&text)?,
            Turn::Ends => return Ok(()),
        }
    }
}

/// What comes of a line.
enum Turn {
    Shows,
    Says(String),
    Ends,
}

fn turn(game: &mut Game<'_>, line: &str) -> Turn {
    let said = |text: &str| Turn::Says(format!("{text}\n"));
    match line {
        "" => Turn::Says(String::new()),
        "q" => Turn::Ends,
        "?" | "h" => Turn::Says(KEYS.to_owned()),
        "u" if game.undo() => Turn::Shows,
        "u" => said("there is no choice to take back"),
        "r" => {
            game.restart();
            Turn::Shows
        }
        "c" if game.view().end.is_some() => said("this is the end: u takes a choice back"),
        "c" if game.check() => Turn::Shows,
        "c" => match game.count() {
            Some(_) => said("from here, no schedule ends badly: all of them were checked"),
            None => said("the checker found no mistake from here, and could not look everywhere"),
        },
        line => match line.parse() {
            Ok(thread) => match game.choose(thread) {
                Ok(()) => Turn::Shows,
                Err(why) => said(&why),
            },
            Err(_) => said(&format!("{line:?} is none of the keys: ? lists them")),
        },
    }
}

/// The numbers of a schedule.
fn numbers(text: &str) -> Result<Vec<usize>> {
    let words = text.split([' ', ',']).filter(|word| !word.is_empty());
    let number = |word: &str| {
        word.parse()
            .with_context(|| format!("{word:?} is no number"))
    };
    words.map(number).collect()
}

//! The user's guess, and what was measured beside it.

use std::fmt;
use std::time::Duration;

use crate::comparison::Comparison;
use crate::units;

/// What `--predict` was given: `1.5s`, `3x`, or one of them for a strategy, as in `threads=1.5s`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Guess {
    /// The row that it is about; `None` is every row.
    strategy: Option<String>,
    value: Value,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Value {
    /// The wall time.
    Wall(Duration),
    /// How many times as fast as the first row.
    SpeedUp(f64),
}

/// Within this part of a guess, a measurement is called equal to it.
const EQUAL: f64 = 0.05;

/// Reads a guess, for clap.
pub(super) fn guess(text: &str) -> Result<Guess, String> {
    let (strategy, value) = match text.rsplit_once('=') {
        Some((name, value)) => (Some(name.trim()), value.trim()),
        None => (None, text.trim()),
    };
    if strategy.is_some_and(str::is_empty) {
        return Err("there is no name before the =".to_owned());
    }
    Ok(Guess {
        strategy: strategy.map(str::to_owned),
        value: value.parse()?,
    })
}

impl std::str::FromStr for Value {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = "a guess is a time, such as 1.5s or 250ms, or a speed-up, such as 3x";
        if let Ok(ratio) = text.trim_end_matches(['x', 'X', '×']).parse::<f64>() {
            let is_possible = ratio.is_finite() && ratio > 0.0;
            return match is_possible {
                true => Ok(Self::SpeedUp(ratio)),
                false => Err("a speed-up is more than 0".to_owned()),
            };
        }
        match humantime::parse_duration(text) {
            Ok(time) if time.is_zero() => Err("every run takes some time".to_owned()),
            Ok(time) => Ok(Self::Wall(time)),
            Err(_) => Err(form.to_owned()),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wall(time) => f.write_str(&units::duration(*time)),
            Self::SpeedUp(ratio) => write!(f, "{}x", two_digits(*ratio)),
        }
    }
}

/// Says what is wrong with the guesses if these rows are compared: a guess has to be about one of
/// them, and a speed-up needs two.
pub(super) fn misfit(guesses: &[Guess], rows: &[String]) -> Option<String> {
    let base = rows.first()?;
    guesses.iter().find_map(|guess| {
        let value = guess.value;
        let is_ratio = matches!(value, Value::SpeedUp(_));
        match &guess.strategy {
            Some(name) if !rows.contains(name) => Some(format!(
                "--predict {name}={value}: this command does not run {name}, but {}",
                rows.join(", ")
            )),
            _ if is_ratio && rows.len() == 1 => Some(format!(
                "--predict {value}: a speed-up compares two strategies, and only {base} runs (a \
                 time has a unit, as in 2s)"
            )),
            Some(name) if is_ratio && name == base => Some(format!(
                "--predict {name}={value}: the others are compared with {base}, so guess its time"
            )),
            _ => None,
        }
    })
}

/// A line for each guess and row. Empty if nothing was guessed.
pub(super) fn told(guesses: &[Guess], comparison: &Comparison) -> String {
    let rows = comparison.rows();
    let mut lines = String::new();
    for (index, row) in rows.iter().enumerate() {
        let is_own = |guess: &Guess| guess.strategy.as_ref() == Some(&row.name);
        // What is said of one row is not said of it by a guess for all.
        let whose = guesses.iter().any(is_own).then_some(&row.name);
        for guess in guesses.iter().filter(|it| it.strategy.as_ref() == whose) {
            let (name, base) = (&row.name, &rows[0].name);
            let value = guess.value;
            let line = match value {
                Value::SpeedUp(_) if index == 0 => continue,
                Value::Wall(time) => {
                    let wall = units::duration(row.wall);
                    let off = off(
                        time.as_secs_f64(),
                        row.wall.as_secs_f64(),
                        "longer",
                        "shorter",
                    );
                    format!("{name}: guess {value}, measured {wall}. {off}")
                }
                Value::SpeedUp(ratio) => match row.speed_up {
                    Some(speed_up) => {
                        let off = off(ratio, speed_up, "more", "less");
                        let measured = Value::SpeedUp(speed_up);
                        format!(
                            "{name}: guess {value} as fast as {base}, measured {measured}. {off}"
                        )
                    }
                    None => format!("{name}: guess {value}, and it was too short to measure."),
                },
            };
            lines += &format!("{line}\n");
        }
    }
    lines
}

/// How far a measurement is from its guess, in a sentence.
fn off(guess: f64, measured: f64, more: &str, less: &str) -> String {
    let ratio = measured / guess;
    let percent = |part: f64| format!("{:.0} %", part * 100.0);
    match ratio {
        ratio if (ratio - 1.0).abs() <= EQUAL => {
            format!("The guess fits, within {}.", percent(EQUAL))
        }
        ratio if ratio >= 2.0 => format!("That is {} times the guess.", two_digits(ratio)),
        ratio if ratio > 1.0 => format!("That is {} {more} than the guess.", percent(ratio - 1.0)),
        ratio if ratio > 0.5 => format!("That is {} {less} than the guess.", percent(1.0 - ratio)),
        ratio if ratio > 0.0 => format!("The guess is {} times that.", two_digits(1.0 / ratio)),
        _ => "It was too short to measure.".to_owned(),
    }
}

/// A factor with two or three digits.
fn two_digits(factor: f64) -> String {
    let text = match factor {
        factor if factor >= 9.95 => format!("{factor:.0}"),
        factor if factor >= 0.1 => format!("{factor:.2}"),
        factor => format!("{factor:.1e}"),
    };
    match text.contains('.') && !text.contains('e') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guess_is_a_time_or_a_speed_up_for_one_row_or_all() {
        let all = |value| Guess {
            strategy: None,
            value,
        };
        let seconds = |seconds| Value::Wall(Duration::from_secs_f64(seconds));
        assert_eq!(guess("1.5s"), Ok(all(seconds(1.5))));
        assert_eq!(guess(" 250ms"), Ok(all(seconds(0.25))));
        assert_eq!(guess("1min 30s"), Ok(all(seconds(90.0))));
        for text in ["3.2x", "3.2", "3.2X", "3.2×"] {
            assert_eq!(guess(text), Ok(all(Value::SpeedUp(3.2))), "{text}");
        }
        let named = Guess {
            strategy: Some("threads".to_owned()),
            value: seconds(2.0),
        };
        assert_eq!(guess("threads = 2s"), Ok(named));
        for text in [
            "", "x", "threads", "threads=", "=1s", "0x", "-1x", "NaN", "inf", "0ms", "-1s",
        ] {
            assert!(guess(text).is_err(), "{text}");
        }
    }

    #[test]
    fn how_far_off_it_was_is_a_part_or_a_factor_and_never_an_absurd_number() {
        let off = |guess, measured| off(guess, measured, "longer", "shorter");
        assert_eq!(off(1.0, 1.04), "The guess fits, within 5 %.");
        assert_eq!(off(1.0, 0.96), "The guess fits, within 5 %.");
        assert_eq!(off(1.5, 2.0), "That is 33 % longer than the guess.");
        assert_eq!(off(2.0, 1.5), "That is 25 % shorter than the guess.");
        assert_eq!(off(1.0, 4.5), "That is 4.5 times the guess.");
        assert_eq!(off(3600.0, 0.001), "The guess is 3600000 times that.");
        assert_eq!(off(1.0, 0.0), "It was too short to measure.");
    }
}

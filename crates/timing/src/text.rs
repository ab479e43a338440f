//! Makes words from outside (a lane's name, an outcome) fit for a line of output.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Returns the text without characters that move the cursor or change the writing direction.
pub fn printable(text: &str) -> String {
    let moves = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    // Nothing is drawn wider than this, so the rest of a very long name is not needed.
    let start = text.chars().take(400);
    start
        .map(|c| if moves(c) { '\u{fffd}' } else { c })
        .collect()
}

/// Returns the text, cut with an ellipsis if it is wider than so many columns.
pub fn fit(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut cut = String::new();
    for c in text.chars() {
        cut.push(c);
        // The whole text is measured again: some characters change the width of the one before.
        if cut.width() + 1 > columns {
            cut.pop();
            break;
        }
    }
    cut.push('…');
    cut
}

/// Returns about how many pixels wide a text is in a proportional font, rather more than fewer.
pub fn pixels(text: &str, size: f64) -> f64 {
    let width = |c: char| match c {
        'i' | 'j' | 'l' | 't' | 'f' | 'r' | 'I' | ' ' | '.' | ',' | ':' | ';' | '\'' | '|'
        | '!' => 0.4,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 1.0,
        c if c.is_uppercase() => 0.74,
        c if c.is_ascii() => 0.59,
        c => 0.59 * c.width().unwrap_or(0) as f64,
    };
    text.chars().map(width).sum::<f64>() * size
}

/// Returns the text, cut with an ellipsis if it is wider than so many pixels.
pub fn fit_pixels(text: &str, size: f64, most: f64) -> String {
    let mut columns = text.width();
    let mut cut = fit(text, columns);
    while pixels(&cut, size) > most && columns > 1 {
        // A name of any length is first cut to what could be there at most.
        columns = columns.min(64) - 1;
        cut = fit(text, columns);
    }
    cut
}

/// Returns the text in lines of at most so many columns, broken at spaces.
pub fn wrap(text: &str, columns: usize) -> String {
    let mut lines = String::new();
    let mut width = 0;
    for word in text.split(' ') {
        let wanted = word
            .chars()
            .filter_map(UnicodeWidthChar::width)
            .sum::<usize>();
        match width {
            0 => {}
            so_far if so_far + 1 + wanted > columns => {
                lines.push('\n');
                width = 0;
            }
            _ => {
                lines.push(' ');
                width += 1;
            }
        }
        lines += word;
        width += wanted;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_are_cut_by_their_width() {
        assert_eq!(fit("東京タワー", 10), "東京タワー");
        assert_eq!(fit("東京タワー", 8), "東京タ…");
        assert_eq!(fit("e\u{301}mile", 3), "e\u{301}m…");
    }

    #[test]
    fn what_moves_the_cursor_is_replaced_and_what_belongs_to_a_letter_is_not() {
        assert_eq!(
            printable("a\n\u{1b}[2J\u{202e}b"),
            "a\u{fffd}\u{fffd}[2J\u{fffd}b"
        );
        assert_eq!(printable("e\u{301} 👩\u{200d}🔬"), "e\u{301} 👩\u{200d}🔬");
    }

    #[test]
    fn lines_break_at_spaces() {
        assert_eq!(wrap("one two three", 8), "one two\nthree");
        assert_eq!(wrap("unbreakable x", 5), "unbreakable\nx");
    }
}

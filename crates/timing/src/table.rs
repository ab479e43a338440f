//! Draws tables for a terminal of 80 columns: words to the left, numbers to the right.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use crate::text::printable;

/// The most columns of a table.
pub(crate) const WIDTH: usize = 80;

/// Draws rows below a head. Columns whose head is among `words` are aligned to the left, all others
/// to the right.
pub fn draw(head: &[&str], words: &[&str], rows: &[Vec<String>]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(WIDTH as u16);
    table.set_header(head.to_vec());
    for row in rows {
        table.add_row(row.iter().map(|cell| printable(cell)).collect::<Vec<_>>());
    }
    for (index, name) in head.iter().enumerate() {
        if let Some(column) = table.column_mut(index).filter(|_| !words.contains(name)) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    format!("{}\n", table.trim_fmt())
}

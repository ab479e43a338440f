//! Cuts a row of spans into columns of equal time: a terminal's cells, or a picture's pixels.

use crate::recording::{Kind, SpanRecord};

/// What the spans in one column add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Column {
    /// The part of the column's time that was work, 0 to 1.
    pub work: f64,
    /// The part of the column's time in which a sleep stood for work, 0 to 1.
    pub act: f64,
    /// The part of the column's time that was waiting, 0 to 1.
    pub wait: f64,
    /// The part of the column's time in which the worker was ready and not running, 0 to 1.
    pub ready: f64,
    /// The number of spans that touch the column.
    pub spans: usize,
    /// The number of spans that begin in it: so a sum over columns counts each span once.
    pub begun: usize,
}

impl Column {
    /// The kind that took most of the column's time. `None` if no span touches it.
    pub fn kind(&self) -> Option<Kind> {
        match () {
            () if self.spans == 0 => None,
            () if self.ready > self.work.max(self.act).max(self.wait) => Some(Kind::Ready),
            () if self.wait > self.work.max(self.act) => Some(Kind::Wait),
            () if self.act > self.work => Some(Kind::Act),
            () => Some(Kind::Work),
        }
    }

    /// The part of the column's time in which there was a span, 0 to 1.
    pub fn used(&self) -> f64 {
        (self.work + self.act + self.wait + self.ready).min(1.0)
    }
}

/// Cuts the spans into `count` columns of `width_ns` each, from `begin_ns` on.
pub fn columns<'a>(
    spans: impl IntoIterator<Item = &'a SpanRecord>,
    begin_ns: u64,
    width_ns: f64,
    count: usize,
) -> Vec<Column> {
    let mut columns = vec![Column::default(); count];
    if count == 0 || width_ns <= 0.0 {
        return columns;
    }
    for span in spans {
        let [start, end] =
            [span.start_ns, span.end_ns].map(|ns| ns.saturating_sub(begin_ns) as f64 / width_ns);
        let first = (start as usize).min(count - 1);
        let last = (end.ceil() as usize).clamp(first + 1, count);
        columns[first].begun += 1;
        for (index, column) in columns.iter_mut().enumerate().take(last).skip(first) {
            let part = end.min(index as f64 + 1.0) - start.max(index as f64);
            let share = match span.kind {
                Kind::Work => &mut column.work,
                Kind::Act => &mut column.act,
                Kind::Wait => &mut column.wait,
                Kind::Ready => &mut column.ready,
            };
            *share = (*share + part.max(0.0)).min(1.0);
            column.spans += 1;
        }
    }
    columns
}

/// Returns a round step (1, 2 or 5 times a power of ten) that divides `span` into at most `most`
/// parts.
pub fn round_step(span: f64, most: usize) -> f64 {
    let rough = span / most.max(1) as f64;
    if rough <= 0.0 || !rough.is_finite() {
        return 1.0;
    }
    let power = 10_f64.powf(rough.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
    // The tolerance keeps 0.1 + 0.2 from asking for the next step.
    let enough = steps.into_iter().find(|step| *step >= rough * 0.999_999);
    enough.unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(kind: Kind, start_ns: u64, end_ns: u64) -> SpanRecord {
        let label = "x".into();
        SpanRecord {
            kind,
            label,
            start_ns,
            end_ns,
        }
    }

    #[test]
    fn time_is_shared_out_exactly() {
        let spans = [span(Kind::Work, 5, 25), span(Kind::Wait, 25, 30)];
        let columns = columns(&spans, 0, 10.0, 4);
        let work: Vec<_> = columns.iter().map(|c| c.work).collect();
        let wait: Vec<_> = columns.iter().map(|c| c.wait).collect();
        assert_eq!(work, [0.5, 1.0, 0.5, 0.0]);
        assert_eq!(wait, [0.0, 0.0, 0.5, 0.0]);
        assert_eq!(columns[2].spans, 2);
        let begun: Vec<_> = columns.iter().map(|c| c.begun).collect();
        assert_eq!(begun, [1, 0, 1, 0]);
    }

    #[test]
    fn a_span_without_length_or_at_the_very_end_is_still_somewhere() {
        let spans = [span(Kind::Work, 40, 40)];
        assert_eq!(columns(&spans, 0, 10.0, 4)[3].spans, 1);
        assert_eq!(columns(&spans, 0, 0.0, 4)[3].spans, 0);
    }

    #[test]
    fn steps_are_round() {
        assert_eq!(round_step(2.65, 5), 1.0);
        assert_eq!(round_step(1.0, 5), 0.2);
        assert_eq!(round_step(40.0, 10), 5.0);
        assert_eq!(round_step(0.0, 5), 1.0);
    }
}

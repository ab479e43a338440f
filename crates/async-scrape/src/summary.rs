//! What became of a crawl, in two tables.

use std::collections::BTreeMap;
use std::time::Duration;

use timing::{table, units};

use crate::crawl::address;
use crate::crawl::index::Entry;

/// The sums of a crawl, counted while it runs.
#[derive(Debug, Default)]
pub struct Summary {
    /// Pages that were downloaded.
    pub downloaded: usize,
    /// The bytes of these pages.
    pub bytes: u64,
    /// The URL of each page that failed, and why.
    pub failed: BTreeMap<String, String>,
    /// The URL of each page whose file is not all that a user expects, and why.
    pub remarks: BTreeMap<String, String>,
    by_status: BTreeMap<String, Sum>,
    by_server: BTreeMap<String, Sum>,
}

/// Pages, their bytes, and the time that each took.
#[derive(Debug, Default)]
struct Sum {
    pages: usize,
    bytes: u64,
    ms: Vec<u32>,
}

impl Summary {
    /// Counts a page.
    pub fn add(&mut self, entry: &Entry) {
        if let Some(remark) = &entry.remark {
            self.remarks
                .insert(address::readable(&entry.url), remark.clone());
        }
        match &entry.error {
            Some(error) => {
                self.failed
                    .insert(address::readable(&entry.url), error.clone());
            }
            None if entry.file.is_some() => {
                self.downloaded += 1;
                self.bytes += entry.bytes;
            }
            None => {}
        }
        let answer = match (entry.status, &entry.error, &entry.skipped) {
            (None, _, Some(_)) => "not asked for".to_owned(),
            (None, ..) => "no answer".to_owned(),
            // The answer began well, and its body failed.
            (Some(status), Some(_), _) if status < 300 => format!("{status}, and broke off"),
            (Some(status), ..) => status.to_string(),
        };
        let server = address::readable_server(&entry.url).into_owned();
        for (sums, key) in [(&mut self.by_status, answer), (&mut self.by_server, server)] {
            let sum = sums.entry(key).or_default();
            sum.pages += 1;
            sum.bytes += entry.bytes;
            sum.ms.push(u32::try_from(entry.ms).unwrap_or(u32::MAX));
        }
    }

    /// Draws two tables: by status, and by server.
    pub fn draw(&self) -> String {
        let draw = |by: &str, sums: &BTreeMap<String, Sum>| {
            let rows = sums.iter().map(|(name, sum)| {
                let times: Vec<_> = sum
                    .ms
                    .iter()
                    .map(|ms| Duration::from_millis(u64::from(*ms)))
                    .collect();
                let kib = sum.bytes.div_ceil(1024).to_string();
                vec![
                    name.clone(),
                    sum.pages.to_string(),
                    kib,
                    units::duration(units::median(&times)),
                ]
            });
            table::draw(
                &[by, "pages", "KiB", "median"],
                &[by],
                &rows.collect::<Vec<_>>(),
            )
        };
        format!(
            "{}\n{}",
            draw("answer", &self.by_status),
            draw("server", &self.by_server)
        )
    }
}

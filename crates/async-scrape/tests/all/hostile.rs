//! Traps for crawlers: each one ends, is reported, and stops no other page.

use std::thread;
use std::time::Duration;

use async_scrape::Strategy;
use async_scrape::crawl::index::Entry;
use clap::ValueEnum;
use timing::Timeline;

use crate::{Crawling, close, files, of, site, url};

/// Crawls from the trap on, by every strategy. They run side by side, since most of the time they
/// wait for a server.
fn fall(crawling: &Crawling, trap: &str) -> Vec<Vec<Entry>> {
    let site = site();
    let one = |strategy: &Strategy| {
        let folder = tempfile::tempdir().unwrap();
        let job = crawling.from(&url(&site.url(trap)), folder.path());
        strategy.run(&job, &Timeline::off()).unwrap();
        let entries = close(job, folder.path());
        let names: Vec<_> = files(folder.path()).into_keys().collect();
        let mut expected: Vec<_> = entries
            .iter()
            .filter_map(|entry| entry.file.clone())
            .collect();
        expected.sort();
        assert_eq!(names, expected, "{strategy:?}: no half files");
        entries
    };
    thread::scope(|scope| {
        let strategies = Strategy::value_variants().iter();
        let falls: Vec<_> = strategies
            .map(|strategy| scope.spawn(move || one(strategy)))
            .collect();
        falls.into_iter().map(|fall| fall.join().unwrap()).collect()
    })
}

/// Checks that the trap's page fails with this error.
#[track_caller]
fn lost(trap: &str, hint: &str) {
    for entries in fall(&Crawling::default(), trap) {
        let error = of(&entries, trap).error.as_deref().unwrap_or_default();
        assert!(error.contains(hint), "{trap}: {error}");
    }
}

#[test]
fn pages_without_end_are_bounded_by_their_number() {
    let mut crawling = Crawling::default();
    crawling.limits.pages = 50;
    for trap in ["/trap/pages/0", "/trap/queries?"] {
        for entries in fall(&crawling, trap) {
            assert_eq!(entries.len(), 50, "{trap}");
            assert!(entries.iter().all(|entry| entry.error.is_none()));
        }
    }
}

#[test]
fn ever_longer_queries_end_where_no_server_takes_them() {
    let mut crawling = Crawling::default();
    crawling.limits.depth = 100_000;
    crawling.limits.pages = 100_000;
    for entries in fall(&crawling, "/trap/queries?") {
        assert!((400..600).contains(&entries.len()), "{}", entries.len());
    }
}

#[test]
fn redirects_in_circles_end() {
    for (trap, hint) in [
        ("/trap/circle/0", "circle"),
        ("/trap/itself", "circle"),
        ("/trap/chain/0", "more than 10 times"),
    ] {
        for entries in fall(&Crawling::default(), trap) {
            let errors: Vec<_> = entries
                .iter()
                .filter_map(|entry| entry.error.as_ref())
                .collect();
            assert!(
                entries.len() <= 12 && errors.len() == 1 && errors[0].contains(hint),
                "{entries:#?}"
            );
        }
    }
}

#[test]
fn bodies_that_are_too_long_are_cut_off() {
    lost("/trap/endless", "longer than 1048576 bytes");
    lost("/trap/bomb", "longer than 1048576 bytes");
}

#[test]
fn connections_that_break_are_tried_again_and_told() {
    lost("/trap/reset", "tried 2 times: ");
    lost("/trap/headers", "the answer's head is too long");
}

#[test]
fn a_server_that_is_busy_for_an_hour_is_not_waited_for() {
    lost("/trap/busy", "wants to be left alone for 3600 s");
}

#[test]
fn a_byte_a_second_takes_no_longer_than_the_page_may() {
    let mut crawling = Crawling::default();
    crawling.settings.timeout = Duration::from_millis(300);
    for entries in fall(&crawling, "/trap/drip") {
        let error = entries[0].error.as_deref().unwrap();
        assert!(
            error.contains("timed out") && !error.contains("tried"),
            "{error}"
        );
    }
}

#[test]
fn a_page_of_a_hundred_thousand_links_is_read() {
    let mut crawling = Crawling::default();
    crawling.policy.bytes = 10 << 20;
    crawling.limits.pages = 20;
    for entries in fall(&crawling, "/trap/links") {
        assert_eq!(of(&entries, "/trap/links").links, 100_000);
        assert_eq!(entries.len(), 20);
    }
}

#[test]
fn a_comment_without_end_takes_no_longer_than_it_is_long() {
    // If the time grew as the square of the length, this would take minutes.
    let mut crawling = Crawling::default();
    crawling.policy.bytes = 10 << 20;
    for entries in fall(&crawling, "/trap/dashes") {
        assert_eq!(entries[0].error, None);
    }
}

#[test]
fn a_long_base_makes_no_more_of_its_links_than_there_is_room_for() {
    let mut crawling = Crawling::default();
    crawling.policy.bytes = 10 << 20;
    crawling.limits.pages = 1;
    for entries in fall(&crawling, "/trap/base") {
        assert!(
            (1..20_000).contains(&entries[0].links),
            "{}",
            entries[0].links
        );
    }
}

#[test]
fn a_page_of_another_encoding_than_it_says_is_no_page_less() {
    // Nor does a page with 200 000 nested elements fail.
    for trap in ["/trap/charset", "/trap/deep", "/trap/utf-16"] {
        for entries in fall(&Crawling::default(), trap) {
            assert_eq!(entries[0].error, None, "{trap}");
        }
    }
}

#[test]
fn one_bad_page_stops_no_other() {
    let mut crawling = Crawling {
        concurrency: 20,
        ..Crawling::default()
    };
    // The good pages must not run into it on a machine that has much else to do.
    crawling.settings.timeout = Duration::from_secs(8);
    crawling.limits.depth = 30;
    for entries in fall(&crawling, "/trap/") {
        assert_eq!(of(&entries, "/trap/leaf/0").error, None);
        assert_eq!(of(&entries, "/trap/pages/29").error, None);
        let lost = entries.iter().filter(|entry| entry.error.is_some()).count();
        // circle, itself, chain, endless, drip, reset, bomb, headers, busy.
        assert_eq!(lost, 9, "{entries:#?}");
    }
}

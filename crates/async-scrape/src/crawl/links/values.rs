//! Values of attributes and headers that have links or wishes in them.

/// Finds the URLs in a `srcset`: a list of pictures, each perhaps with a width or a density. A URL
/// ends at white space, or at a comma before it.
pub fn srcset(mut set: &str, found: &mut impl FnMut(&str)) {
    loop {
        set = set.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
        if set.is_empty() {
            return;
        }
        let (url, rest) = set
            .split_once(|c: char| c.is_ascii_whitespace())
            .unwrap_or((set, ""));
        let alone = url.trim_end_matches(',');
        found(alone);
        set = match alone.len() == url.len() {
            true => after_comma(rest),
            false => rest,
        };
    }
}

/// What follows a width or density, which ends with a comma outside parentheses.
fn after_comma(text: &str) -> &str {
    let mut in_parentheses = false;
    let end = text.find(|c| {
        match c {
            '(' => in_parentheses = true,
            ')' => in_parentheses = false,
            _ => {}
        }
        c == ',' && !in_parentheses
    });
    end.map_or("", |end| &text[end + 1..])
}

/// The URL in the content of a refresh, such as `5; url=there`. Browsers also take it without the
/// number, the semicolon, or `url=`.
pub fn refresh(content: &str) -> Option<&str> {
    let rest = content
        .trim_start()
        .trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ';' || c == ',');
    let url = match rest.get(..3) {
        Some(key) if key.eq_ignore_ascii_case("url") => rest[3..]
            .trim_start()
            .strip_prefix('=')
            .map_or(rest, str::trim_start),
        _ => rest,
    };
    let url = match url.chars().next()? {
        quote @ ('"' | '\'') => url[1..].split(quote).next()?,
        _ => url,
    };
    Some(url)
}

/// Whether a list of wishes for robots has the one that links are not to be followed.
pub fn says_nofollow(wishes: &str) -> bool {
    let mut words = wishes.split(|c: char| c == ',' || c.is_whitespace());
    words.any(|word| {
        ["nofollow", "none"]
            .iter()
            .any(|no| no.eq_ignore_ascii_case(word))
    })
}

/// Whether an `X-Robots-Tag` asks this program not to follow links. Its wishes may be for one
/// program only, which stands before a colon.
pub fn header_says_nofollow(header: &str, agent: &str) -> bool {
    // Of the wishes, these have a colon, too.
    const WITH_VALUE: [&str; 4] = [
        "unavailable_after",
        "max-snippet",
        "max-image-preview",
        "max-video-preview",
    ];
    let (mut is_for_us, mut says) = (true, false);
    for part in header.split(',') {
        let (name, wish) = part.split_once(':').unwrap_or(("", part));
        // Of a name with a version, the version is left out. A date may have a colon, and spaces.
        let name = name.trim().split('/').next().unwrap_or_default();
        let name = if name.contains(' ') { "" } else { name };
        let is_wish = WITH_VALUE
            .iter()
            .any(|wish| wish.eq_ignore_ascii_case(name));
        if !name.is_empty() && !is_wish {
            is_for_us = name.eq_ignore_ascii_case(agent);
        }
        says |= is_for_us && says_nofollow(wish);
    }
    says
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_pictures_are_taken_apart() {
        for (set, expected) in [
            ("a 1x, b 2x", &["a", "b"][..]),
            ("a,b 2x", &["a,b"]),
            ("a, b", &["a", "b"]),
            ("a(1,2).png 1x, b", &["a(1,2).png", "b"]),
            ("a (x, no 3x) 1x, b", &["a", "b"]),
            ("a 1x (, no", &["a"]),
            (" , a , , b, ", &["a", "b"]),
            ("data:,a 1x, b", &["data:,a", "b"]),
        ] {
            let mut found = Vec::new();
            srcset(set, &mut |url| found.push(url.to_owned()));
            assert_eq!(found, expected, "{set}");
        }
    }

    #[test]
    fn wishes_in_a_header_are_for_all_or_for_one() {
        for (header, expected) in [
            ("nofollow", true),
            ("noindex, NOFOLLOW", true),
            ("none", true),
            ("noindex", false),
            ("Me: nofollow", true),
            ("me: noindex, nofollow", true),
            ("other: noindex, nofollow", false),
            ("other: nofollow, me: none", true),
            ("other: noindex, me: noarchive", false),
            (
                "unavailable_after: 25 Jun 2040 15:00:00 PST, nofollow",
                true,
            ),
            (
                "unavailable_after: Wed, 21 Oct 2037 07:28:00 GMT, nofollow",
                true,
            ),
            ("me/0.1: nofollow", true),
            ("max-snippet: -1, nofollow", true),
            ("", false),
        ] {
            assert_eq!(header_says_nofollow(header, "me"), expected, "{header}");
        }
    }
}

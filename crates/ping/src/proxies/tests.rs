//! Which proxy is for which URL.

use super::*;

fn proxies(variables: &[(&str, &str)]) -> Result<Proxies> {
    Proxies::read(|name| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    })
}

#[test]
fn each_scheme_has_its_proxy() {
    let of = |variables: &[(&str, &str)], url: &str| {
        let proxies = proxies(variables).unwrap();
        proxies.of(&Url::parse(url).unwrap()).map(server)
    };
    let both = [
        ("http_proxy", "http://a:1"),
        ("HTTPS_PROXY", "b:2"),
        ("ALL_PROXY", "c:3"),
    ];
    assert_eq!(of(&both, "http://h/").as_deref(), Some("a:1"));
    assert_eq!(of(&both, "https://h/").as_deref(), Some("b:2"));
    assert_eq!(of(&both[2..], "https://h/").as_deref(), Some("c:3"));
    let lower = [
        ("HTTP_PROXY", "http://a:1"),
        ("http_proxy", "http://u:p@b:2/"),
    ];
    assert_eq!(of(&lower, "http://h/").as_deref(), Some("b:2"));
    let empty = [("http_proxy", ""), ("HTTP_PROXY", "a:1")];
    assert_eq!(of(&empty, "http://h/").as_deref(), Some("a:1"));
    assert_eq!(of(&[], "http://h/"), None);
}

#[test]
fn some_servers_are_asked_directly() {
    for (no_proxy, direct, not) in [
        ("*", &["http://h/", "http://[::1]/"][..], &[][..]),
        (
            "h",
            &["http://h/", "http://a.h:8/", "https://h./"],
            &["http://ah/"],
        ),
        (
            ".h, *.g",
            &["http://a.h/", "http://g/", "http://a.g/"],
            &["http://x/"],
        ),
        (
            "h:8080",
            &["http://h:8080/"],
            &["http://h/", "http://h:80/"],
        ),
        ("h:80", &["http://h/"], &["http://h:8080/", "https://h/"]),
        (
            "10.0.0.0/8 192.168.1.1",
            &["http://10.9.8.7/", "http://192.168.1.1/"],
            &["http://11.0.0.0/"],
        ),
        (
            "127.0.0.1:81",
            &["http://127.0.0.1:81/"],
            &["http://127.0.0.1/"],
        ),
        ("::1", &["http://[::1]:81/"], &["http://[::2]/"]),
        (
            "[::1]:81,fe80::/10",
            &["http://[::1]:81/", "http://[fe80::2]/"],
            &["http://[::1]/"],
        ),
        (
            "BÜCHER.example",
            &["http://bücher.example/"],
            &["http://h/"],
        ),
    ] {
        let proxies = proxies(&[
            ("http_proxy", "p:1"),
            ("https_proxy", "p:1"),
            ("NO_PROXY", no_proxy),
        ]);
        let proxies = proxies.unwrap();
        let is_direct = |url: &&str| proxies.of(&Url::parse(url).unwrap()).is_none();
        assert!(direct.iter().all(is_direct), "{no_proxy}");
        assert!(!not.iter().any(is_direct), "{no_proxy}");
    }
}

#[test]
fn a_proxy_that_can_not_be_used_is_told_without_its_password() {
    for (value, hint) in [
        (
            "socks4://u:secret@p:1",
            "all_proxy names a proxy for socks4, and only http and socks5",
        ),
        ("http://u:secret@:x", "all_proxy is no proxy"),
        ("socks5://:1", "all_proxy is no proxy"),
    ] {
        let error = format!("{:#}", proxies(&[("all_proxy", value)]).unwrap_err());
        assert!(
            error.starts_with(hint) && !error.contains("secret"),
            "{error}"
        );
    }
    // It is not used, so it does no harm: many desktops set it beside the other two.
    let all = [
        ("all_proxy", "socks4://p:1"),
        ("http_proxy", "p:2"),
        ("https_proxy", "p:3"),
    ];
    assert!(proxies(&all).is_ok());
}

#[cfg(feature = "https")]
#[test]
fn proxies_that_speak_socks_look_up_names() {
    for (value, proxy) in [
        ("socks5://u:p@h", "socks5h://u:p@h:1080"),
        ("socks5h://127.0.0.1:9/", "socks5h://127.0.0.1:9/"),
        ("socks://h:9/", "socks5h://h:9/"),
    ] {
        let proxies = proxies(&[("all_proxy", value)]).unwrap();
        let of = proxies.of(&Url::parse("https://h/").unwrap()).unwrap();
        assert_eq!(of.as_str(), proxy);
    }
}

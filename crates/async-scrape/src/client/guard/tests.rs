//! Which addresses are private, and who may go there.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::*;

fn guard(private: bool, lookup: Lookup, named: &[&str]) -> Guard {
    Guard::new(lookup, private, named.iter().map(|&host| host.to_owned()))
}

#[test]
fn addresses_are_told_apart() {
    for address in [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.8.8.8",
        "169.254.169.254",
        "172.31.0.1",
        "192.0.0.8",
        "192.168.0.1",
        "198.19.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "100::1",
    ] {
        assert!(is_private(address.parse().unwrap()), "{address}");
    }
    for address in [
        "1.1.1.1",
        "9.255.255.255",
        "100.128.0.0",
        "172.32.0.1",
        "192.0.1.1",
        "198.20.0.1",
        "::ffff:1.1.1.1",
        "64:ff9b::101:101",
        "2002:101:101::",
        "2606:4700::1111",
    ] {
        assert!(!is_private(address.parse().unwrap()), "{address}");
    }
}

#[test]
fn whatever_an_address_is_spelled_like_it_is_recognised() {
    let guard = guard(false, system, &["127.0.0.1"]);
    for url in [
        "http://2130706434/",
        "http://0x7f.2/",
        "http://0177.0.0.2/",
        "http://127.2/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:a9fe:a9fe]/",
        "http://0/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://127.0.0.2./",
        "http://①⑦②.16.0.1/",
    ] {
        let error = guard.check(&Url::parse(url).unwrap()).unwrap_err();
        let error = error.to_string();
        assert!(
            error.ends_with(
                "a private address, to which no page may lead: --allow-private allows it"
            ),
            "{error}"
        );
    }
    for url in [
        "http://127.0.0.1:8080/",
        "http://2130706433/",
        "http://1.1.1.1/",
        "http://h/",
    ] {
        assert!(guard.check(&Url::parse(url).unwrap()).is_ok(), "{url}");
    }
}

#[test]
fn a_name_with_a_private_address_is_for_the_user_only() {
    let lookup: Lookup = |_| Ok(vec![Ipv4Addr::LOCALHOST.into()]);
    let error = guard(false, lookup, &["other"])
        .addresses("inner")
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("inner has the private address 127.0.0.1"),
        "{error}"
    );
    assert_eq!(
        guard(false, lookup, &["inner"])
            .addresses("inner")
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        guard(true, lookup, &[]).addresses("inner").unwrap().len(),
        1
    );
    // Of two addresses, only the public one is connected to.
    let two: Lookup = |_| Ok(vec![[10, 0, 0, 1].into(), [1, 1, 1, 1].into()]);
    assert_eq!(
        guard(false, two, &[]).addresses("h").unwrap(),
        [IpAddr::from([1, 1, 1, 1])]
    );
}

#[test]
fn a_name_that_changes_its_address_gains_nothing() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let rebinding: Lookup = |_| match ASKED.fetch_add(1, Relaxed) {
        0 => Ok(vec![[1, 1, 1, 1].into()]),
        _ => Ok(vec![[169, 254, 169, 254].into()]),
    };
    // Even if the user named it.
    let guard = guard(false, rebinding, &["evil.example"]);
    assert!(guard.addresses("evil.example").is_ok());
    assert!(guard.addresses("evil.example").unwrap_err().is::<Private>());
}

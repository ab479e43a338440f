//! `https`, with certificates of an authority that this test makes for itself.

use std::fs;
use std::io::{Read, Write};
use std::process::Command;

use rustls::ServerConfig;
use timing::limit::InTime;

use crate::secure::{self, Authority};
use crate::support::{ended, ping, raw};

/// A server with this certificate, and its URL under the name `localhost`.
fn start(config: ServerConfig) -> String {
    let answer = b"HTTP/1.1 200 Safe\r\nContent-Length: 0\r\n\r\n";
    let address = secure::serve(config, |_| answer.to_vec());
    format!("https://localhost:{}/", address.port())
}

/// Pings by `tasks` and `pool`, and returns what both printed of this URL.
#[track_caller]
fn row(url: &str, change: impl Fn(&mut Command), status: i32) -> String {
    let mut command = ping(&["tasks", "pool", "--url", url]);
    change(&mut command);
    let (out, _) = ended(command.output_in_time(), status);
    let mut rows = out
        .lines()
        .filter_map(|line| line.strip_prefix(&format!("{url}:")));
    let row = rows.next().unwrap().to_owned();
    assert_eq!(rows.next(), Some(&*row), "{out}");
    row
}

#[test]
fn an_authority_is_trusted_that_the_user_names() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let url = start(authority.sign(&["localhost"], |_| ()));
    let file = folder.path().join("authority.pem");
    fs::write(&file, authority.pem()).unwrap();
    let unknown = row(&url, |_| (), 1);
    assert!(
        unknown.starts_with(
            "failed: no secure connection (the server's certificate is signed by an \
            authority that is not trusted here: name the authority's file with --ca"
        ),
        "{unknown}"
    );
    let named = |command: &mut Command| {
        command.arg("--ca").arg(&file);
    };
    assert_eq!(row(&url, named, 0), "Safe");
    if cfg!(target_os = "linux") {
        // Where the system's certificates are files, another file can be named.
        let system = |command: &mut Command| {
            command.env("SSL_CERT_FILE", &file);
        };
        assert_eq!(row(&url, system, 0), "Safe");
    }
}

#[test]
fn a_certificate_that_is_not_trusted_is_told_in_words() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let (own, own_pem) = secure::self_signed(&["localhost"], |_| ());
    let (ca, ca_pem) = secure::self_signed(&["localhost"], secure::authority);
    let file = folder.path().join("all.pem");
    fs::write(&file, [authority.pem(), ca_pem].concat()).unwrap();
    let named = |command: &mut Command| {
        command.arg("--ca").arg(&file);
    };
    for (config, words) in [
        (
            authority.sign(&["localhost"], secure::expired),
            "the server's certificate expired on 2020-02-29: its owner has to renew it",
        ),
        (
            authority.sign(&["localhost"], secure::not_yet),
            "the server's certificate is valid from 2999-12-31 on: is this machine's clock right",
        ),
        (
            authority.sign(&["a.example", "127.0.0.1"], |_| ()),
            "the server's certificate is not for localhost, but for a.example and 127.0.0.1: check",
        ),
        (
            Authority::new().sign(&["localhost"], |_| ()),
            "the server's certificate is signed with another key than that of the authority",
        ),
        (own.clone(), "the server's certificate is self-signed"),
        (
            ca,
            "the server shows the certificate of an authority as its own",
        ),
        (
            authority.sign(&["localhost"], secure::for_clients),
            "the server shows a certificate that is not for servers",
        ),
        (
            authority.sign_for_members(&["localhost"]),
            "the server wants a certificate of this program, which has none",
        ),
    ] {
        let row = row(&start(config), named, 1);
        let expected = format!("failed: no secure connection ({words}");
        assert!(row.starts_with(&expected), "{row}");
    }
    fs::write(&file, own_pem).unwrap();
    assert_eq!(row(&start(own), named, 0), "Safe");
}

/// Some servers end a body by closing the connection, and forget to say so.
#[test]
fn an_answer_that_ends_without_notice() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let file = folder.path().join("all.pem");
    fs::write(&file, authority.pem()).unwrap();
    let named = |command: &mut Command| {
        command.arg("--ca").arg(&file);
    };
    for (length, status) in [("", 0), ("Content-Length: 9\r\n", 1)] {
        let answer = format!("HTTP/1.1 200 Safe\r\n{length}\r\nhello");
        let config = authority.sign(&["localhost"], |_| ());
        let address = secure::serve_until(config, |_| (), move |_| answer.clone().into());
        let row = row(
            &format!("https://localhost:{}/", address.port()),
            named,
            status,
        );
        assert_eq!(row == "Safe", status == 0, "{row}");
        assert_eq!(row.contains("answer cut short"), status == 1, "{row}");
    }
}

#[test]
fn a_system_without_certificates_can_ping_over_http() {
    let url = start(Authority::new().sign(&["localhost"], |_| ()));
    let without = |command: &mut Command| {
        command.env("SSL_CERT_FILE", "/not/there");
    };
    if cfg!(target_os = "linux") {
        let row = row(&url, without, 1);
        let words =
            "this system has no certificates of authorities (SSL_CERT_FILE is \"/not/there\")";
        assert!(row.contains(words), "{row}");
        let mut command = ping(&["tasks"]);
        without(&mut command);
        ended(command.output_in_time(), 0);
    }
}

#[test]
fn a_file_without_certificates_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.pem");
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (text, words) in [
        (None, "can't read "),
        (Some("hello"), "has no certificate in it"),
        (Some(broken), "has a certificate that can't be read"),
        (Some(&broken[..30]), "is no PEM file of certificates"),
    ] {
        let _ = fs::remove_file(&file);
        if let Some(text) = text {
            fs::write(&file, text).unwrap();
        }
        let mut command = ping(&["--url", "http://127.0.0.1:9/", "--ca"]);
        let (_, err) = ended(command.arg(&file).output_in_time(), 1);
        assert!(err.contains(words) && err.contains("x.pem"), "{err}");
        assert_eq!(err.lines().count(), 1, "{err}");
    }
}

#[test]
fn a_server_that_does_not_encrypt() {
    let address = raw(|mut stream| {
        // The greeting of TLS, which this server takes for a bad request.
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let row = row(&format!("https://{address}/"), |_| (), 1);
    assert!(
        row.contains("does not encrypt at that port: try http://"),
        "{row}"
    );
}

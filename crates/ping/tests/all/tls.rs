//! `https`, with a certificate that this test makes for itself.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use timing::limit::InTime;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::support::{ended, ping, raw};

/// A server that speaks TLS, and the certificate that it shows, as PEM.
fn secure() -> (SocketAddr, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let listener = runtime
        .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
        .unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    thread::spawn(move || {
        runtime.block_on(async {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    // A guest that does not trust the certificate leaves here.
                    let Ok(mut stream) = acceptor.accept(stream).await else {
                        return;
                    };
                    let _ = stream.read(&mut [0; 4096]).await;
                    let _ = stream
                        .write_all(b"HTTP/1.1 200 Safe\r\nContent-Length: 0\r\n\r\n")
                        .await;
                    let _ = stream.shutdown().await;
                });
            }
        });
    });
    (address, made.cert.pem())
}

#[test]
fn a_certificate_decides() {
    let (address, certificate) = secure();
    let url = format!("https://localhost:{}/", address.port());
    let (out, _) = ended(ping(&["--url", &url]).output_in_time(), 1);
    let failed = format!("{url}:failed: no secure connection (");
    assert_eq!(out.matches(&failed).count(), 4, "{out}");
    assert!(out.contains("invalid peer certificate"), "{out}");
    if cfg!(target_os = "linux") {
        // Where the system's certificates are files, another file can be named.
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("trusted.pem");
        std::fs::write(&file, certificate).unwrap();
        let mut command = ping(&["--url", &url]);
        let (out, _) = ended(command.env("SSL_CERT_FILE", &file).output_in_time(), 0);
        assert_eq!(out.matches(&format!("{url}:Safe\n")).count(), 4, "{out}");
    }
}

#[test]
fn a_server_that_does_not_encrypt() {
    let address = raw(|mut stream| {
        // The greeting of TLS, which this server takes for a bad request.
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let url = format!("https://{address}/");
    let (out, _) = ended(ping(&["--url", &url]).output_in_time(), 1);
    let failed = format!("{url}:failed: no secure connection (");
    assert_eq!(out.matches(&failed).count(), 4, "{out}");
}

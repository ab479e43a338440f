//! A SOCKS proxy, version 5 ([RFC 1928](https://www.rfc-editor.org/rfc/rfc1928)), for tests.
//!
//! `ping` and `async-scrape` have the same file, so that each can be copied out alone.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::raw;

/// Starts a proxy that makes connections to this server, whatever it is asked for; if there is
/// none, it refuses. Whoever asks has to be `me` with the password `s t`. Returns its address, and
/// what it was asked for.
pub fn proxy(to: Option<SocketAddr>) -> (String, Arc<Mutex<Vec<String>>>) {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = Arc::clone(&asked);
    let address = raw(move |client| {
        let _ = serve(client, to, &noted);
    });
    (address.to_string(), asked)
}

fn take<const N: usize>(from: &mut TcpStream) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes).map(|()| bytes)
}

/// Reads a text with its length before it.
fn text(from: &mut TcpStream) -> io::Result<Vec<u8>> {
    let [length] = take(from)?;
    let mut text = vec![0; length.into()];
    from.read_exact(&mut text).map(|()| text)
}

fn serve(
    mut client: TcpStream,
    to: Option<SocketAddr>,
    asked: &Mutex<Vec<String>>,
) -> io::Result<()> {
    let [5] = take(&mut client)? else {
        return Ok(());
    };
    // The client says how it can tell who it is: 2 is by a password.
    if !text(&mut client)?.contains(&2) {
        return client.write_all(&[5, 0xff]);
    }
    client.write_all(&[5, 2])?;
    take::<1>(&mut client)?;
    let who = [text(&mut client)?, text(&mut client)?];
    if who != [b"me", &b"s t"[..]] {
        return client.write_all(&[1, 1]);
    }
    client.write_all(&[1, 0])?;
    let [_, _, _, kind] = take(&mut client)?;
    let host = match kind {
        1 => Ipv4Addr::from(take::<4>(&mut client)?).to_string(),
        4 => format!("[{}]", Ipv6Addr::from(take::<16>(&mut client)?)),
        _ => String::from_utf8_lossy(&text(&mut client)?).into_owned(),
    };
    let port = u16::from_be_bytes(take(&mut client)?);
    asked.lock().unwrap().push(format!("{host}:{port}"));
    let status = if to.is_some() { 0 } else { 2 };
    // The proxy's own address, which it need not tell, in the family of the server's, and port.
    let (family, length) = if kind == 4 { (4, 16) } else { (1, 4) };
    client.write_all(&[5, status, 0, family])?;
    client.write_all(&vec![0; length + 2])?;
    let Some(to) = to else { return Ok(()) };
    let mut server = TcpStream::connect(to)?;
    let (mut from, mut into) = (server.try_clone()?, client.try_clone()?);
    thread::spawn(move || {
        let _ = io::copy(&mut from, &mut into);
        let _ = into.shutdown(Shutdown::Both);
    });
    io::copy(&mut client, &mut server).map(drop)
}

use super::*;

#[test]
fn a_head_is_repaired() {
    let text = |head: &[u8]| String::from_utf8_lossy(&repair(head).0).into_owned();
    for (head, repaired) in [
        ("HTTP/1.2 200 OK\r\n\r\n", "HTTP/1.1 200 \r\n\r\n"),
        (
            "warning\nhttp/1.1\t200OK\nA: b\n\n",
            "HTTP/1.1 200 \r\na: b\r\n\r\n",
        ),
        ("ICY 200 OK\r\n\r\n", "HTTP/1.1 200 \r\n\r\n"),
        (
            "HTTP/1.0 404\nA : b\n c\n\n",
            "HTTP/1.1 404 \r\na: b c\r\n\r\n",
        ),
        (
            "HTTP/1.1 200 O\u{1}K\r\nx\r\n: y\r\nA: \u{7f}b\rc\0d\r\n\r\n",
            "HTTP/1.1 200 \r\na:  b c d\r\n\r\n",
        ),
        (
            "HTTP/1.1 200 \r\nContent-Length: +5\r\nContent-Length: 5\r\n\r\n",
            "HTTP/1.1 200 \r\ncontent-length: 5\r\n\r\n",
        ),
        (
            "HTTP/1.1 200 \r\nContent-Length: 5 bytes\r\n\r\n",
            "HTTP/1.1 200 \r\ncontent-length: 5\r\n\r\n",
        ),
        (
            "HTTP/1.1 200 \r\nContent-Length: -5\r\nContent-Length: 05, 5\r\n\r\n",
            "HTTP/1.1 200 \r\ncontent-length: 5\r\n\r\n",
        ),
        (
            " HTTP/1.1 200\r\r\nA: b\r\r\n\r\r\n",
            "HTTP/1.1 200 \r\na: b\r\n\r\n",
        ),
        (
            "HTTP/1.1 302\r\nLocation: \u{1}/a\u{1}b\tc\u{7f}\0\r\n\r\n",
            "HTTP/1.1 302 \r\nlocation: /a%01bc%7F\r\n\r\n",
        ),
        (
            "HTTP/1.1 200\r\nTransfer-Encoding: gzip,Chunked, identity\r\n\r\n",
            "HTTP/1.1 200 \r\ntransfer-encoding: gzip, identity\r\n\r\n",
        ),
        (
            "HTTP/1.1 200 \r\nContent-Length: 99999999999999999999\r\n\r\n",
            "HTTP/1.1 200 \r\n\r\n",
        ),
    ] {
        assert_eq!(text(head.as_bytes()), repaired, "{head:?}");
        assert_eq!(end_of_head(head.as_bytes()), Some(head.len()));
    }
    assert_eq!(end_of_head(b"HTTP/1.1 200 OK\r\nA: b\r\n"), None);
}

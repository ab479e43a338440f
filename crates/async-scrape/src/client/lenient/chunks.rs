//! Chunks (RFC 9112, section 7.1) whose lines are not as the standard has them: ended by a line
//! feed alone, say, or without the empty line behind the last chunk.

use std::io::{self, ErrorKind};

/// The longest line with a size. It may have extensions, which nobody uses.
const LONGEST_LINE: usize = 64 << 10;

/// Whether a `Transfer-Encoding` names chunks. They should be the last coding, without a parameter,
/// a quote or a control character; browsers don't insist on that.
pub fn are_named(coding: &[u8]) -> bool {
    coding.split(|&byte| byte == b',').any(|name| {
        let name = name.split(|&byte| byte == b';').next().unwrap_or_default();
        let letters = name.iter().filter(|byte| !byte.is_ascii_control());
        let letters = letters.filter(|byte| !b" \"'".contains(byte));
        letters.map(u8::to_ascii_lowercase).eq(*b"chunked")
    })
}

/// Joins the chunks of a body, in whatever pieces they arrive.
#[derive(Debug, Default)]
pub struct Chunks {
    /// What has arrived of a line.
    line: Vec<u8>,
    /// The bytes of a chunk that have not arrived yet.
    left: u64,
    /// Whether the last chunk was there. What follows it is not read.
    is_over: bool,
}

impl Chunks {
    /// Whether the last chunk was there.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// Returns the body's part in these bytes.
    ///
    /// # Errors
    /// If a size is no number.
    pub fn join(&mut self, mut bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        while let Some(&byte) = bytes.first().filter(|_| !self.is_over) {
            if self.left > 0 {
                let most = usize::try_from(self.left).unwrap_or(usize::MAX);
                let (own, rest) = bytes.split_at(most.min(bytes.len()));
                body.extend_from_slice(own);
                self.left -= own.len() as u64;
                bytes = rest;
                continue;
            }
            bytes = &bytes[1..];
            match byte {
                b'\n' => self.end_line()?,
                _ if self.line.len() == LONGEST_LINE => return Err(no_size()),
                _ => self.line.push(byte),
            }
        }
        Ok(body)
    }

    /// To be called at the end of the connection.
    ///
    /// # Errors
    /// If the last chunk was not there.
    pub fn end(&mut self) -> io::Result<()> {
        self.end_line()?;
        match self.is_over {
            true => Ok(()),
            false => Err(ErrorKind::UnexpectedEof.into()),
        }
    }

    fn end_line(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        let size = line.split(|&byte| byte == b';').next();
        let size = size.unwrap_or_default().trim_ascii();
        // The line that ends a chunk is empty.
        if !size.is_empty() {
            let size = match size {
                [b'0', b'x' | b'X', digits @ ..] => digits,
                _ => size,
            };
            let digits = size.iter().all(u8::is_ascii_hexdigit).then_some(size);
            let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
            let size = digits.and_then(|digits| u64::from_str_radix(digits, 16).ok());
            self.left = size.ok_or_else(no_size)?;
            self.is_over = self.left == 0;
        }
        Ok(())
    }
}

fn no_size() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "a chunk has no size")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_joined_however_their_lines_end_and_they_arrive() {
        for bytes in [
            &b"2\r\nab\r\n3;x=y\r\ncde\r\n0\r\n\r\n"[..],
            b"2\nab\n3\ncde\n0\n\n",
            b"02 \r\nab\r\n 3\r\ncde\r\n00\r\nX: y\r\n\r\n",
            b"2\r\nab\r\n3\r\ncde\r\n0\r\n",
            b"2\r\nab\r\n3\r\ncde\r\n0",
            b"2\r\nab3\r\ncde0\r\n",
            b"0x2\r\nab\r\n0X3\r\ncde\r\n0x0\r\n\r\n",
        ] {
            for piece in [1, 2, 7, bytes.len()] {
                let (mut chunks, mut body) = (Chunks::default(), Vec::new());
                for piece in bytes.chunks(piece) {
                    body.extend(chunks.join(piece).unwrap());
                }
                chunks.end().unwrap();
                assert_eq!(body, b"abcde", "{}", bytes.escape_ascii());
            }
        }
    }

    #[test]
    fn what_breaks_off_or_has_no_size_is_an_error() {
        for bytes in [
            &b""[..],
            b"2\r\na",
            b"2\r\nab\r\n",
            b"2\r\nab\r\n3",
            b"x\r\n",
            b"-1\r\n",
            b"fffffffffffffffff\r\n",
        ] {
            let mut chunks = Chunks::default();
            let joined = chunks.join(bytes).and_then(|_| chunks.end());
            assert!(joined.is_err(), "{}", bytes.escape_ascii());
        }
        assert!(Chunks::default().join(&[b'1'; LONGEST_LINE + 1]).is_err());
    }
}

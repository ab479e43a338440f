//! The frames of a Zstandard stream, one after the other
//! ([RFC 8878](https://www.rfc-editor.org/rfc/rfc8878#section-3.1), 3.1). The library reads one.

use std::io::{self, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// Reads what is in all frames. What follows the last one and is no frame is ignored.
pub struct Frames<R> {
    from: R,
    frame: FrameDecoder,
}

impl<R: Read> Frames<R> {
    /// Begins with the first frame.
    ///
    /// # Errors
    /// If there is none.
    pub fn of(from: R) -> io::Result<Self> {
        let frame = FrameDecoder::new();
        let mut frames = Self { from, frame };
        frames.next()?;
        Ok(frames)
    }

    /// Begins the next frame that has content.
    fn next(&mut self) -> io::Result<()> {
        loop {
            let length = match self.frame.init(&mut self.from) {
                Ok(()) => return Ok(()),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => length,
                Err(error) => return Err(io::Error::other(error)),
            };
            let mut skipped = self.from.by_ref().take(length.into());
            io::copy(&mut skipped, &mut io::sink())?;
        }
    }
}

impl<R: Read> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            while self.frame.can_collect() < buffer.len() && !self.frame.is_finished() {
                let missing = buffer.len() - self.frame.can_collect();
                let strategy = BlockDecodingStrategy::UptoBytes(missing);
                let decoded = self.frame.decode_blocks(&mut self.from, strategy);
                decoded.map_err(io::Error::other)?;
            }
            let read = self.frame.read(buffer)?;
            if read > 0 || buffer.is_empty() || self.next().is_err() {
                return Ok(read);
            }
        }
    }
}

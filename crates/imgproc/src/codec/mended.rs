//! Faults in the header of a JPEG that the decoders do not read, but other programs do.

use std::borrow::Cow;

use super::header::Header;
use super::jpeg::{
    ADOBE, END_OF_IMAGE, EXTENDED, START_OF_FRAME, START_OF_SCAN, TRANSFORM, data,
    marker_behind_scan, segment, segment_end, segments,
};

const NUMBER_OF_LINES: u8 = 0xdc;
/// The bytes of Adobe's segment, its length included.
const SHORTEST_ADOBE: usize = 14;

/// Returns the file with those faults of its header mended that the decoder refuses: bytes between
/// segments that belong to none, as some cameras and programs write them, a segment of Adobe's that
/// is too short or has an unknown number, a height that is told behind the first scan, one that is
/// told before it, and channels that have the same name.
pub fn mended(jpeg: &[u8]) -> Cow<'_, [u8]> {
    let mended = with_height(jpeg);
    let mended = with_names(mended.as_deref().unwrap_or(jpeg)).or(mended);
    let mended = with_transform(mended.as_deref().unwrap_or(jpeg)).or(mended);
    match mended {
        Some(file) => Cow::Owned(without_strays(&file).into_owned()),
        None => without_strays(jpeg),
    }
}

/// Returns a file in which several channels have the same name with a name of its own for each. All
/// must be in the first scan, which has them in the frame's order.
fn with_names(jpeg: &[u8]) -> Option<Vec<u8>> {
    let frame = segment(jpeg, START_OF_FRAME).or_else(|| segment(jpeg, EXTENDED))?;
    let scan = segment(jpeg, START_OF_SCAN)?;
    let (channels, of_scan) = (data(jpeg, frame).get(5..)?, data(jpeg, scan));
    let count = *channels.first()?;
    let mut names: Vec<u8> = channels[1..].iter().step_by(3).copied().collect();
    names.sort_unstable();
    names.dedup();
    let fits = channels.len() > 3 * usize::from(count) && of_scan.len() > 2 * usize::from(count);
    if names.len() >= count.into() || !fits || of_scan[0] != count {
        return None;
    }
    let mut file = jpeg.to_vec();
    for name in 0..count {
        // The names are behind the marker, the length, and for a frame six bytes, for a scan one.
        file[frame + 10 + 3 * usize::from(name)] = name;
        file[scan + 5 + 2 * usize::from(name)] = name;
    }
    Some(file)
}

/// Returns a file whose Adobe segments have a number of a transform that fits, where they had none:
/// that of luma and chroma, with black behind them if there are four channels. The C library takes
/// all unknown numbers for it.
fn with_transform(jpeg: &[u8]) -> Option<Vec<u8>> {
    let channels = Header::read(jpeg).channels().len();
    let luma_and_chroma = if channels == 4 { 2 } else { 1 };
    let fits = |transform: u8| transform == 0 || transform == luma_and_chroma;
    let wrong = |&(kind, at): &(u8, usize)| {
        let rest = data(jpeg, at).strip_prefix(b"Adobe");
        let transform = rest.and_then(|rest| rest.get(TRANSFORM));
        kind == ADOBE && transform.is_some_and(|transform| !fits(*transform))
    };
    let mut wrong = segments(jpeg).filter(wrong).peekable();
    wrong.peek()?;
    let mut file = jpeg.to_vec();
    for (_, at) in wrong {
        // Behind the marker, the length and the name.
        file[at + 9 + TRANSFORM] = luma_and_chroma;
    }
    Some(file)
}

/// Returns a file whose height is 0 with the height that is told behind its first scan (T.81,
/// B.2.5). Scanners that feed paper know it that late.
fn with_height(jpeg: &[u8]) -> Option<Vec<u8>> {
    let mut frames = segments(jpeg).filter(|(kind, _)| (START_OF_FRAME..0xc3).contains(kind));
    let (_, frame) = frames.next()?;
    let place = frame + 5..frame + 7;
    if jpeg.get(place.clone())? != [0, 0] {
        return None;
    }
    let scan = segment_end(jpeg, segment(jpeg, START_OF_SCAN)?)?;
    let (kind, at) = marker_behind_scan(jpeg, scan)?;
    if kind != NUMBER_OF_LINES {
        return None;
    }
    let mut file = jpeg.to_vec();
    file[place].copy_from_slice(data(jpeg, at).get(..2)?);
    file.drain(at..segment_end(jpeg, at)?);
    Some(file)
}

fn without_strays(jpeg: &[u8]) -> Cow<'_, [u8]> {
    let (mut parts, mut end, mut mended) = (Vec::new(), 2, false);
    for (kind, at) in segments(jpeg) {
        mended |= jpeg[end..at].iter().any(|byte| *byte != 0xff);
        let next = match kind {
            START_OF_SCAN | END_OF_IMAGE => Some(jpeg.len()),
            _ => segment_end(jpeg, at).filter(|next| *next <= jpeg.len()),
        };
        let Some(next) = next else {
            break;
        };
        end = next;
        match kind {
            ADOBE if next - at < 2 + SHORTEST_ADOBE => mended = true,
            // A length counts its own two bytes, so it is wrong.
            _ if next - at < 4 => mended = true,
            // It belongs behind the first scan, and the C library skips it before.
            NUMBER_OF_LINES => mended = true,
            _ => parts.push(at..next),
        }
    }
    if !mended || end != jpeg.len() {
        return Cow::Borrowed(jpeg);
    }
    let parts = parts.into_iter().flat_map(|part| &jpeg[part]);
    jpeg[..2].iter().chain(parts).copied().collect()
}

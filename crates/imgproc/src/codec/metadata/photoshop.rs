//! Photoshop's image resources: a list of numbered blocks, of which one holds the captions and
//! keywords of IPTC (Adobe Photoshop File Formats Specification, *Image Resource Blocks*).

/// What JPEG writes before them.
pub const PREFIX: &[u8] = b"Photoshop 3.0\0";

const IPTC: u16 = 1028;
/// Two forms of thumbnails; and EXIF and XMP once more, which nothing here makes fit the result.
const LEFT_OUT: [u16; 5] = [1033, 1036, 1058, 1059, 1060];

/// The blocks: the number of each, all its bytes, and those of its data. Damaged ones end the list.
fn blocks(resources: &[u8]) -> impl Iterator<Item = (u16, &[u8], &[u8])> {
    let mut rest = resources;
    std::iter::from_fn(move || {
        let block = rest;
        let number = u16::from_be_bytes(*block.strip_prefix(b"8BIM")?.first_chunk()?);
        // A name with its length before it, and a length; both name and data fill even numbers of
        // bytes.
        let name = usize::from(*block.get(6)?);
        let start = 6 + (name + 1).next_multiple_of(2) + 4;
        let length = u32::from_be_bytes(*block.get(start - 4..)?.first_chunk()?) as usize;
        let data = block.get(start..start.checked_add(length)?)?;
        let end = (start + length.next_multiple_of(2)).min(block.len());
        rest = &block[end..];
        Some((number, &block[..end], data))
    })
}

/// Returns the blocks without pictures, and without copies of other metadata. `None` if nothing is
/// left.
pub fn without_thumbnails(resources: &[u8]) -> Option<Vec<u8>> {
    let kept = blocks(resources).filter(|(number, ..)| !LEFT_OUT.contains(number));
    let kept = kept.flat_map(|(_, block, _)| block).copied();
    Some(kept.collect()).filter(|kept: &Vec<u8>| !kept.is_empty())
}

/// Returns the data of IPTC.
pub fn iptc(resources: &[u8]) -> Option<&[u8]> {
    let mut blocks = blocks(resources);
    blocks.find(|of| of.0 == IPTC).map(|(.., data)| data)
}

/// Makes the block for the data of IPTC.
pub fn of_iptc(data: &[u8]) -> Vec<u8> {
    let mut block = b"8BIM".to_vec();
    block.extend(IPTC.to_be_bytes());
    block.extend([0; 2]);
    block.extend((data.len() as u32).to_be_bytes());
    block.extend_from_slice(data);
    block.resize(block.len().next_multiple_of(2), 0);
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pictures_are_taken_out() {
        let iptc_block = of_iptc(b"\x1c\x02\x78\0\x03sea");
        let mut thumbnail = of_iptc(b"picture");
        thumbnail[4..6].copy_from_slice(&1036_u16.to_be_bytes());
        let all = [&thumbnail[..], &iptc_block, &thumbnail].concat();
        assert_eq!(without_thumbnails(&all), Some(iptc_block.clone()));
        let mut xmp = of_iptc(b"<x:xmpmeta/>");
        xmp[4..6].copy_from_slice(&1060_u16.to_be_bytes());
        let with_xmp = [&xmp[..], &iptc_block].concat();
        assert_eq!(without_thumbnails(&with_xmp), Some(iptc_block));
        assert_eq!(iptc(&all), Some(&b"\x1c\x02\x78\0\x03sea"[..]));
        assert_eq!(without_thumbnails(&thumbnail), None);
        for length in 0..all.len() {
            without_thumbnails(&all[..length]);
        }
    }
}

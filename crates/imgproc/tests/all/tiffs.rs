//! TIFF files, made field by field.

/// Kinds of values.
const SHORT: u16 = 3;
const LONG: u16 = 4;

/// A field of a TIFF: its tag and its numbers.
pub type Field = (u16, Vec<u32>);

/// Makes a page of strips or tiles: `data`, one after the other.
pub fn tiff(size: (u32, u32), fields: &[Field], data: &[Vec<u8>]) -> Vec<u8> {
    pages(&[(size, fields.to_vec(), data.to_vec())])
}

/// A page: its size, its other fields, and its strips or tiles.
pub type Page = ((u32, u32), Vec<Field>, Vec<Vec<u8>>);

/// Makes a little-endian TIFF of some pages.
pub fn pages(pages: &[Page]) -> Vec<u8> {
    let mut file = b"II*\0\0\0\0\0".to_vec();
    let mut link = 4;
    for (size, fields, data) in pages {
        let mut all = vec![(256, vec![size.0]), (257, vec![size.1])];
        all.extend(fields.iter().cloned());
        let tiled = fields.iter().any(|field| field.0 == 322);
        let (mut offsets, mut lengths) = (Vec::new(), Vec::new());
        for part in data {
            offsets.push(file.len() as u32);
            lengths.push(part.len() as u32);
            file.extend(part);
            file.resize(file.len().next_multiple_of(2), 0);
        }
        all.push((if tiled { 324 } else { 273 }, offsets));
        all.push((if tiled { 325 } else { 279 }, lengths));
        all.sort();
        let mut directory = (all.len() as u16).to_le_bytes().to_vec();
        for (tag, numbers) in all {
            let kind = if numbers.iter().all(|n| *n < 65_536) {
                SHORT
            } else {
                LONG
            };
            let bytes: Vec<u8> = numbers
                .iter()
                .flat_map(|number| {
                    number.to_le_bytes()[..if kind == SHORT { 2 } else { 4 }].to_vec()
                })
                .collect();
            let mut inside = bytes.clone();
            if bytes.len() > 4 {
                inside = (file.len() as u32).to_le_bytes().to_vec();
                file.extend(&bytes);
                file.resize(file.len().next_multiple_of(2), 0);
            }
            inside.resize(4, 0);
            directory.extend(tag.to_le_bytes());
            directory.extend(kind.to_le_bytes());
            directory.extend((numbers.len() as u32).to_le_bytes());
            directory.extend(inside);
        }
        let at = (file.len() as u32).to_le_bytes();
        file[link..link + 4].copy_from_slice(&at);
        file.extend(directory);
        link = file.len();
        file.extend([0; 4]);
    }
    file
}

/// Fields of a page with so many bits, this photometric interpretation, and so many samples.
pub fn fields(bits: u32, photometric: u32, samples: u32) -> Vec<Field> {
    vec![
        (258, vec![bits; samples as usize]),
        (262, vec![photometric]),
        (277, vec![samples]),
    ]
}

/// Adds fields.
pub fn with(mut fields: Vec<Field>, more: &[(u16, &[u32])]) -> Vec<Field> {
    fields.extend(more.iter().map(|(tag, numbers)| (*tag, numbers.to_vec())));
    fields
}

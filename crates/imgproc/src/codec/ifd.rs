//! The structure that TIFF files and EXIF blocks share: directories of fields, where a field is a
//! tag, a kind, and values (TIFF 6.0, section 2; with 64-bit offsets it is called BigTIFF).

/// Kinds of values: 16-bit and 32-bit numbers, and fractions of two 32-bit numbers.
pub const SHORT: u16 = 3;
pub const LONG: u16 = 4;
pub const RATIONAL: u16 = 5;

/// The most fields of a directory that are read. A damaged file can claim billions.
const MOST_FIELDS: u64 = 4_096;

/// A TIFF structure that is read.
#[derive(Debug, Clone, Copy)]
pub struct Structure<'a> {
    pub bytes: &'a [u8],
    pub big_endian: bool,
    big_tiff: bool,
    /// The offset of the first directory.
    pub first: u64,
}

/// A directory: its fields, and the offset of the next directory, which is 0 for the last one.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    pub fields: Vec<Field>,
    pub next: u64,
    /// The offset of the directory.
    pub at: usize,
    /// The offset of `next` itself, where a new value can be written.
    pub next_at: usize,
}

/// A field. Its values lie at `at`, which is inside the field itself if they are short.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub tag: u16,
    pub kind: u16,
    pub at: usize,
    /// The bytes of all values.
    pub length: usize,
    /// The offset of the field.
    pub field_at: usize,
}

impl<'a> Structure<'a> {
    /// Reads the header. `None` if it is not one of TIFF or BigTIFF.
    pub fn open(bytes: &'a [u8]) -> Option<Self> {
        let big_endian = match bytes.get(..2)? {
            b"II" => false,
            b"MM" => true,
            _ => return None,
        };
        let mut structure = Self {
            bytes,
            big_endian,
            big_tiff: false,
            first: 0,
        };
        structure.big_tiff = match structure.number(2, 2)? {
            42 => false,
            // Behind it: the bytes of an offset, 8, and two zeros.
            43 if structure.number(4, 4)? == if big_endian { 8 << 16 } else { 8 } => true,
            _ => return None,
        };
        structure.first = match structure.big_tiff {
            true => structure.number(8, 8)?,
            false => structure.number(4, 4)?,
        };
        Some(structure)
    }

    /// Reads an unsigned number of so many bytes.
    pub fn number(&self, at: usize, length: usize) -> Option<u64> {
        let bytes = self.bytes.get(at..at.checked_add(length)?)?;
        let push = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
        Some(match self.big_endian {
            true => bytes.iter().fold(0, push),
            false => bytes.iter().rev().fold(0, push),
        })
    }

    /// Reads the directory at this offset. Fields whose values lie outside the file are left out.
    pub fn directory(&self, at: u64) -> Option<Directory> {
        let at = usize::try_from(at).ok().filter(|at| *at > 0)?;
        let (count_size, field_size, word) = match self.big_tiff {
            true => (8, 20, 8),
            false => (2, 12, 4),
        };
        let count = self.number(at, count_size)?;
        if count > MOST_FIELDS {
            return None;
        }
        let fields_at = at + count_size;
        let fields = (0..count as usize).filter_map(|index| {
            let field_at = fields_at + index * field_size;
            let kind = self.number(field_at + 2, 2)? as u16;
            let count = self.number(field_at + 4, word)?;
            let length = usize::try_from(count.checked_mul(size_of_kind(kind)?)?).ok()?;
            let inside = field_at + 4 + word;
            let at = match length <= word {
                true => inside,
                false => usize::try_from(self.number(inside, word)?).ok()?,
            };
            self.bytes.get(at..at.checked_add(length)?)?;
            Some(Field {
                tag: self.number(field_at, 2)? as u16,
                kind,
                at,
                length,
                field_at,
            })
        });
        let next_at = fields_at + count as usize * field_size;
        Some(Directory {
            fields: fields.collect(),
            // Some writers leave it out at the end of a file.
            next: self.number(next_at, word).unwrap_or_default(),
            at,
            next_at,
        })
    }

    /// The bytes of a field's values.
    pub fn value(&self, field: &Field) -> &'a [u8] {
        &self.bytes[field.at..field.at + field.length]
    }

    /// A field's values, if they are whole numbers and none is negative. Some programs write signed
    /// ones in the place of others, as libtiff and Pillow allow it.
    pub fn numbers(&self, field: &Field) -> Vec<u64> {
        let (size, highest) = match field.kind {
            1 | 7 => (1, u64::MAX),
            6 => (1, i8::MAX as u64),
            SHORT => (2, u64::MAX),
            8 => (2, i16::MAX as u64),
            LONG | 13 => (4, u64::MAX),
            9 => (4, i32::MAX as u64),
            16 | 18 => (8, u64::MAX),
            _ => return Vec::new(),
        };
        let offsets = (field.at..field.at + field.length).step_by(size);
        let numbers = offsets.filter_map(|at| self.number(at, size));
        let numbers = numbers.map(|number| (number <= highest).then_some(number));
        numbers.collect::<Option<_>>().unwrap_or_default()
    }

    /// A field's values, if they are unsigned fractions, or whole numbers in the place of these.
    pub fn fractions(&self, field: &Field) -> Vec<f64> {
        if field.kind != RATIONAL {
            let numbers = self.numbers(field).into_iter();
            return numbers.map(|number| number as f64).collect();
        }
        let offsets = (field.at..field.at + field.length).step_by(8);
        let fraction = |at| {
            let (above, below) = (self.number(at, 4)?, self.number(at + 4, 4)?);
            Some(above as f64 / below.max(1) as f64)
        };
        offsets.filter_map(fraction).collect()
    }
}

impl Directory {
    /// Returns the field with this tag.
    pub fn find(&self, tag: u16) -> Option<&Field> {
        self.fields.iter().find(|field| field.tag == tag)
    }
}

/// The bytes of one value of this kind. `None` for kinds that TIFF does not have.
fn size_of_kind(kind: u16) -> Option<u64> {
    Some(match kind {
        1 | 2 | 6 | 7 => 1,
        SHORT | 8 => 2,
        LONG | 9 | 11 | 13 => 4,
        RATIONAL | 10 | 12 | 16 | 17 | 18 => 8,
        _ => return None,
    })
}

/// A field to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewField {
    pub tag: u16,
    pub kind: u16,
    pub value: Value,
}

/// The values of a field to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Bytes in the order of the whole structure.
    Bytes(Vec<u8>),
    /// A directory of its own.
    Directory(Vec<NewField>),
}

/// A TIFF structure that is written, with 32-bit offsets.
#[derive(Debug)]
pub struct Writer {
    pub bytes: Vec<u8>,
    big_endian: bool,
}

impl Writer {
    /// Begins a structure in the memory of `bytes`, with a header that [`finish`](Self::finish)
    /// completes.
    pub fn new(big_endian: bool, mut bytes: Vec<u8>) -> Self {
        bytes.clear();
        bytes.extend(if big_endian { b"MM\0*" } else { b"II*\0" });
        bytes.extend([0; 4]);
        Self { bytes, big_endian }
    }

    /// Writes the directory, and makes it the first one. `None` if the offsets exceed 32 bits.
    pub fn finish(mut self, fields: &[NewField]) -> Option<Vec<u8>> {
        let at = self.directory(fields)?;
        let offset = self.long(at);
        self.bytes[4..8].copy_from_slice(&offset);
        Some(self.bytes)
    }

    /// Four bytes of a 32-bit number.
    pub fn long(&self, value: u32) -> [u8; 4] {
        match self.big_endian {
            true => value.to_be_bytes(),
            false => value.to_le_bytes(),
        }
    }

    /// Two bytes of a 16-bit number.
    pub fn short(&self, value: u16) -> [u8; 2] {
        match self.big_endian {
            true => value.to_be_bytes(),
            false => value.to_le_bytes(),
        }
    }

    /// Appends values on an even offset, as TIFF prescribes. Returns the offset.
    pub fn append(&mut self, value: &[u8]) -> Option<u32> {
        if !self.bytes.len().is_multiple_of(2) {
            self.bytes.push(0);
        }
        let at = u32::try_from(self.bytes.len()).ok()?;
        self.bytes.extend_from_slice(value);
        Some(at)
    }

    /// Appends a directory, behind the values that do not fit into its fields.
    fn directory(&mut self, fields: &[NewField]) -> Option<u32> {
        let mut sorted: Vec<_> = fields.iter().collect();
        sorted.sort_by_key(|field| field.tag);
        let mut directory = self.short(u16::try_from(fields.len()).ok()?).to_vec();
        for field in sorted {
            let (count, value) = match &field.value {
                Value::Directory(fields) => (1, self.directory(fields).map(|at| self.long(at))?),
                Value::Bytes(bytes) => {
                    let count = bytes.len() as u64 / size_of_kind(field.kind)?;
                    let mut inside = [0; 4];
                    match inside.get_mut(..bytes.len()) {
                        Some(inside) => inside.copy_from_slice(bytes),
                        None => inside = self.append(bytes).map(|at| self.long(at))?,
                    }
                    (u32::try_from(count).ok()?, inside)
                }
            };
            directory.extend(self.short(field.tag));
            directory.extend(self.short(field.kind));
            directory.extend(self.long(count));
            directory.extend(value);
        }
        directory.extend([0; 4]);
        self.append(&directory)
    }
}

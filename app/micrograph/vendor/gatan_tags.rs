//! The tree of tags in a DM3 or DM4 file, walked without recursion and without reading pixels.
//!
//! Every count is held against the bytes that are left; a tree that lies about itself ends
//! early and gives what was found until then. Called by `gatan.rs`.

use std::io::{self, Read, Seek, SeekFrom};

const DEPTH_MAX: usize = 32;
const LEAVES_MAX: usize = 50_000;
const NAME_BYTES_MAX: u64 = 1_000;
/// Numbers that describe the type of one value.
const TYPE_NUMBERS_MAX: u64 = 512;
/// Characters of a text that is kept.
const TEXT_UNITS_MAX: u64 = 4_096;

/// A value that is kept.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Number(f64),
    Text(String),
}

/// A place in the tree, such as `ImageList/1/ImageData/Dimensions/0`, and its value. Unnamed
/// tags have their place in their group as name.
pub(super) type Leaf = (String, Value);

/// The numbers and texts of a file; `None` for anything but DM3 and DM4.
pub(super) fn walk<R: Read + Seek>(reader: &mut R) -> Option<Vec<Leaf>> {
    let length = reader.seek(SeekFrom::End(0)).ok()?;
    reader.rewind().ok()?;
    let mut walk = Walk {
        reader,
        at: 0,
        length,
        is_wide: false,
        is_little_endian: true,
        leaves: Vec::new(),
    };
    walk.header()?;
    // What ends the walk early is a broken file; its first part is still good.
    let _ = walk.tree();
    Some(walk.leaves)
}

/// A group that is being walked.
struct Group {
    left: u64,
    place: u64,
    path_bytes: usize,
}

struct Walk<'r, R> {
    reader: &'r mut R,
    at: u64,
    length: u64,
    /// DM4, whose counts have eight bytes.
    is_wide: bool,
    is_little_endian: bool,
    leaves: Vec<Leaf>,
}

impl<R: Read + Seek> Walk<'_, R> {
    fn header(&mut self) -> Option<()> {
        self.is_wide = match self.number(4).ok()? {
            3 => false,
            4 => true,
            _ => return None,
        };
        let size = self.count().ok()?;
        self.is_little_endian = match self.number(4).ok()? {
            0 => false,
            1 => true,
            _ => return None,
        };
        // The size is that of the tree: the file without its first and last words.
        (size <= self.length.saturating_add(64)).then_some(())
    }

    fn tree(&mut self) -> io::Result<()> {
        let mut path = String::new();
        let mut groups = vec![self.group(0)?];
        while let Some(group) = groups.last_mut() {
            if group.left == 0 {
                path.truncate(group.path_bytes);
                groups.pop();
                continue;
            }
            group.left -= 1;
            let place = group.place;
            group.place += 1;
            let kind = self.number(1)?;
            let parent_bytes = path.len();
            let name = self.name(place)?;
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(&name);
            if self.is_wide {
                self.number(8)?;
            }
            match kind {
                20 if groups.len() < DEPTH_MAX => groups.push(self.group(parent_bytes)?),
                21 => {
                    if let Some(value) = self.value()? {
                        self.leaves.push((path.clone(), value));
                    }
                    path.truncate(parent_bytes);
                }
                _ => return Err(io::ErrorKind::InvalidData.into()),
            }
            if self.leaves.len() >= LEAVES_MAX {
                return Ok(());
            }
        }
        Ok(())
    }

    fn group(&mut self, path_bytes: usize) -> io::Result<Group> {
        self.number(2)?;
        let left = self.count()?;
        // Three bytes are the least a tag takes.
        if left > self.length.saturating_sub(self.at) / 3 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(Group {
            left,
            place: 0,
            path_bytes,
        })
    }

    fn name(&mut self, place: u64) -> io::Result<String> {
        let bytes = self.number(2)?;
        if bytes > NAME_BYTES_MAX {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let raw = self.bytes(bytes)?;
        Ok(match raw.is_empty() {
            true => place.to_string(),
            false => super::text::decode(&raw).replace('/', "|"),
        })
    }

    /// Reads a number or a text; steps over anything else.
    fn value(&mut self) -> io::Result<Option<Value>> {
        let odd = || io::Error::from(io::ErrorKind::InvalidData);
        if self.bytes(4)? != b"%%%%" {
            return Err(odd());
        }
        let numbers = self.count()?;
        if numbers == 0 || numbers > TYPE_NUMBERS_MAX {
            return Err(odd());
        }
        let mut kind = Vec::new();
        for _ in 0..numbers {
            kind.push(self.count()?);
        }
        let bytes = bytes_of(&kind).ok_or_else(odd)?;
        if bytes > self.length.saturating_sub(self.at) {
            return Err(odd());
        }
        match kind.as_slice() {
            [scalar] => {
                let raw = self.bytes(bytes)?;
                Ok(number_in(*scalar, &raw, self.is_little_endian).map(Value::Number))
            }
            [20, 4, units] if *units <= TEXT_UNITS_MAX => {
                let mut raw = self.bytes(bytes)?;
                if !self.is_little_endian {
                    raw.as_chunks_mut::<2>()
                        .0
                        .iter_mut()
                        .for_each(|pair| pair.reverse());
                }
                Ok(Some(Value::Text(super::text::decode_utf16le(&raw))))
            }
            _ => {
                self.at = self.at.checked_add(bytes).ok_or_else(odd)?;
                self.reader.seek(SeekFrom::Start(self.at))?;
                Ok(None)
            }
        }
    }

    /// A count, big-endian whatever the values are.
    fn count(&mut self) -> io::Result<u64> {
        self.number(if self.is_wide { 8 } else { 4 })
    }

    fn number(&mut self, bytes: u64) -> io::Result<u64> {
        let raw = self.bytes(bytes)?;
        Ok(raw
            .iter()
            .fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn bytes(&mut self, bytes: u64) -> io::Result<Vec<u8>> {
        let mut raw = Vec::new();
        self.reader.by_ref().take(bytes).read_to_end(&mut raw)?;
        if raw.len() as u64 != bytes {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.at += bytes;
        Ok(raw)
    }
}

/// Bytes of a value of a type: a scalar, a structure, a text or an array of one of them.
fn bytes_of(kind: &[u64]) -> Option<u64> {
    match kind {
        [18, bytes] => Some(*bytes),
        [20, element @ .., count] => bytes_of(element)?.checked_mul(*count),
        [15, _, fields, rest @ ..] => {
            let mut bytes: u64 = 0;
            for place in 0..usize::try_from(*fields).ok()? {
                bytes += scalar_bytes(*rest.get(place.checked_mul(2)?.checked_add(1)?)?)?;
            }
            Some(bytes)
        }
        [scalar] => scalar_bytes(*scalar),
        _ => None,
    }
}

fn scalar_bytes(kind: u64) -> Option<u64> {
    match kind {
        8..=10 => Some(1),
        2 | 4 => Some(2),
        3 | 5 | 6 => Some(4),
        7 | 11 | 12 => Some(8),
        _ => None,
    }
}

fn number_in(kind: u64, raw: &[u8], is_little_endian: bool) -> Option<f64> {
    let add = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
    let bits = if is_little_endian {
        raw.iter().rev().fold(0, add)
    } else {
        raw.iter().fold(0, add)
    };
    Some(match kind {
        2 => f64::from(bits as i16),
        3 => f64::from(bits as i32),
        6 => f64::from(f32::from_bits(bits as u32)),
        7 => f64::from_bits(bits),
        9 => f64::from(bits as i8),
        11 => bits as i64 as f64,
        4 | 5 | 8 | 10 | 12 => bits as f64,
        _ => return None,
    })
}

//! The tree of tags of a DigitalMicrograph file, flattened to paths and values.
//!
//! The tree is walked with a list of open groups instead of recursion, within bounds on depth,
//! tags and texts; arrays are left in the file and only their place is kept. Written after the
//! public descriptions of the format. Called by `dm.rs`.

use crate::micrograph::error::ReadError;
use crate::micrograph::read::{Job, length};
use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom};

/// Groups within groups at most.
const DEPTH: usize = 64;
/// Tags at most; large files hold some thousands.
const TAGS: u32 = 200_000;
/// Bytes of a text at most; longer arrays are left in the file.
const TEXT_BYTES: u64 = 64 << 10;
/// Bytes of all names and texts at most.
const NAMES_BYTES: usize = 64 << 20;
/// Fields of a structure at most.
const FIELDS: u64 = 256;

/// The value of a tag.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::micrograph) enum Value {
    /// A number of any kind.
    Number(f64),
    /// A text.
    Text(String),
    /// The numbers of a structure, such as a point.
    Numbers(Vec<f64>),
    /// An array of numbers that was left in the file.
    Array(Array),
}

/// Numbers in the file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::micrograph) struct Array {
    /// Where they begin.
    pub at: u64,
    /// How many bytes they take.
    pub bytes: u64,
}

/// All tags of a file under their paths, such as `ImageList.1.ImageData.DataType`. Entries
/// without a name are numbered from 0.
pub(in crate::micrograph) struct Tags {
    /// "DM3" or "DM4".
    pub format: &'static str,
    /// The order of the bytes in values.
    pub is_little_endian: bool,
    values: BTreeMap<String, Value>,
}

impl Tags {
    /// Walks the tree of a file.
    pub fn read(reader: &mut (impl Read + Seek), job: &Job<'_>) -> Result<Self, ReadError> {
        let mut walk = Walk::start(reader, job)?;
        walk.tree().map_err(|e| job.system(e))?;
        Ok(walk.tags)
    }

    /// The value at a path.
    pub fn get(&self, path: &str) -> Option<&Value> {
        self.values.get(path)
    }

    /// All paths and values, sorted by path.
    #[allow(dead_code, reason = "for the readers of instrument metadata")]
    pub fn all(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values
            .iter()
            .map(|(path, value)| (path.as_str(), value))
    }

    /// The number at a path.
    pub fn number(&self, path: &str) -> Option<f64> {
        match self.get(path)? {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// A number that is a whole one, 0 to 2^32 - 1.
    pub fn whole(&self, path: &str) -> Option<u32> {
        let number = self.number(path)?;
        let is_whole = number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number);
        is_whole.then_some(number as u32)
    }
}

/// A group of tags that is being read.
struct Group {
    /// Tags still to come.
    left: u64,
    /// The number of the next tag without a name.
    unnamed: u32,
    /// How long the path was outside it.
    outside: usize,
}

/// A walk over the tree.
struct Walk<'r, R> {
    reader: &'r mut R,
    length: u64,
    is_dm4: bool,
    tags: Tags,
    names_bytes: usize,
}

impl<'r, R: Read + Seek> Walk<'r, R> {
    fn start(reader: &'r mut R, job: &Job<'_>) -> Result<Self, ReadError> {
        let system = |e| job.system(e);
        let length = length(reader).map_err(system)?;
        reader.rewind().map_err(system)?;
        let mut walk = Self {
            reader,
            length,
            is_dm4: false,
            tags: Tags {
                format: "DM3",
                is_little_endian: true,
                values: BTreeMap::new(),
            },
            names_bytes: 0,
        };
        if walk.bytes::<4>().map_err(system)?[3] == 4 {
            (walk.is_dm4, walk.tags.format) = (true, "DM4");
        }
        walk.count().map_err(system)?;
        walk.tags.is_little_endian = walk.bytes::<4>().map_err(system)? != [0; 4];
        Ok(walk)
    }

    fn tree(&mut self) -> io::Result<()> {
        let mut path = String::new();
        let mut groups = vec![self.group(0)?];
        let mut seen = 0;
        while let Some(group) = groups.last_mut() {
            if group.left == 0 {
                path.truncate(group.outside);
                groups.pop();
                continue;
            }
            group.left -= 1;
            seen += 1;
            if seen > TAGS || self.names_bytes > NAMES_BYTES {
                return Err(invalid("it has too many tags"));
            }
            let [kind] = self.bytes()?;
            // Some writers end the file before the last group is full.
            if kind == 0 {
                return Ok(());
            }
            let outside = path.len();
            let name = self.name()?;
            if !path.is_empty() {
                path.push('.');
            }
            if name.is_empty() {
                path.push_str(&group.unnamed.to_string());
                group.unnamed += 1;
            } else {
                path.push_str(&name);
            }
            if self.is_dm4 {
                self.bytes::<8>()?;
            }
            match kind {
                20 if groups.len() < DEPTH => groups.push(self.group(outside)?),
                21 => {
                    if let Some(value) = self.value(name == "Data")? {
                        self.names_bytes += path.len();
                        self.tags.values.insert(path.clone(), value);
                    }
                    path.truncate(outside);
                }
                _ => return Err(invalid("a tag is of no kind that is known")),
            }
        }
        Ok(())
    }

    fn group(&mut self, outside: usize) -> io::Result<Group> {
        self.bytes::<2>()?;
        Ok(Group {
            left: self.count()?,
            unnamed: 0,
            outside,
        })
    }

    fn name(&mut self) -> io::Result<String> {
        let length = u16::from_be_bytes(self.bytes()?);
        let mut name = vec![0; length.into()];
        self.reader.read_exact(&mut name)?;
        Ok(name.into_iter().map(char::from).collect())
    }

    /// A value; `None` if it is of no use here. What is called "Data" is no text.
    fn value(&mut self, is_data: bool) -> io::Result<Option<Value>> {
        if &self.bytes()? != b"%%%%" {
            return Err(invalid("a value does not begin where it should"));
        }
        let words = self.count()?;
        if !(1..=2 * FIELDS + 8).contains(&words) {
            return Err(invalid("a value has an odd description"));
        }
        let mut about = Vec::new();
        for _ in 0..words {
            about.push(self.count()?);
        }
        match about[..] {
            [kind] => self.number(kind).map(|number| Some(Value::Number(number))),
            [15, _, _, ref fields @ ..] => {
                let numbers = fields.chunks_exact(2).map(|field| self.number(field[1]));
                Ok(Some(Value::Numbers(numbers.collect::<io::Result<_>>()?)))
            }
            [18, length] => self.text(length, 2).map(Some),
            [20, kind, length] => {
                let of_one = bytes_of(kind)?;
                // A text is an array of 16-bit letters; short arrays of numbers are rare.
                if kind == 4 && !is_data && length.saturating_mul(2) <= TEXT_BYTES {
                    return self.text(length, of_one).map(Some);
                }
                self.array(length, of_one).map(Some)
            }
            [20, 15, _, _, ref fields @ .., length] => {
                let fields = fields.chunks_exact(2).map(|field| bytes_of(field[1]));
                let of_one = fields.sum::<io::Result<u64>>()?;
                self.array(length, of_one).map(|_| None)
            }
            _ => Err(invalid("a value has an odd description")),
        }
    }

    /// Leaves an array in the file.
    fn array(&mut self, length: u64, of_one: u64) -> io::Result<Value> {
        let at = self.reader.stream_position()?;
        let bytes = length.saturating_mul(of_one);
        let end = at.checked_add(bytes).filter(|end| *end <= self.length);
        let end = end.ok_or(io::ErrorKind::UnexpectedEof)?;
        self.reader.seek(SeekFrom::Start(end))?;
        Ok(Value::Array(Array { at, bytes }))
    }

    fn text(&mut self, length: u64, of_one: u64) -> io::Result<Value> {
        let bytes = length.saturating_mul(of_one);
        if bytes > TEXT_BYTES {
            return Err(invalid("a text is too long"));
        }
        let mut text = vec![0; bytes as usize];
        self.reader.read_exact(&mut text)?;
        self.names_bytes += text.len();
        let join = if self.tags.is_little_endian {
            u16::from_le_bytes
        } else {
            u16::from_be_bytes
        };
        let letters: Vec<u16> = text.as_chunks().0.iter().map(|pair| join(*pair)).collect();
        Ok(Value::Text(String::from_utf16_lossy(&letters)))
    }

    fn number(&mut self, kind: u64) -> io::Result<f64> {
        let mut bytes = [0; 8];
        let read = bytes
            .get_mut(..bytes_of(kind)? as usize)
            .unwrap_or_default();
        self.reader.read_exact(read)?;
        if !self.tags.is_little_endian {
            read.reverse();
        }
        let [a, b, c, d, ..] = bytes;
        Ok(match kind {
            2 => i16::from_le_bytes([a, b]).into(),
            3 => i32::from_le_bytes([a, b, c, d]).into(),
            4 => u16::from_le_bytes([a, b]).into(),
            5 => u32::from_le_bytes([a, b, c, d]).into(),
            6 => f32::from_le_bytes([a, b, c, d]).into(),
            7 => f64::from_le_bytes(bytes),
            11 => i64::from_le_bytes(bytes) as f64,
            12 => u64::from_le_bytes(bytes) as f64,
            _ => a.into(),
        })
    }

    /// A length of the tree itself: highest byte first, 64 bits in DM4.
    fn count(&mut self) -> io::Result<u64> {
        if self.is_dm4 {
            self.bytes().map(u64::from_be_bytes)
        } else {
            self.bytes().map(|bytes| u32::from_be_bytes(bytes).into())
        }
    }

    fn bytes<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.reader.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

/// Bytes of a number of that kind.
fn bytes_of(kind: u64) -> io::Result<u64> {
    match kind {
        8..=10 => Ok(1),
        2 | 4 => Ok(2),
        3 | 5 | 6 => Ok(4),
        7 | 11 | 12 => Ok(8),
        _ => Err(invalid("a number is of no kind that is known")),
    }
}

fn invalid(cause: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, cause)
}

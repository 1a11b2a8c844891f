//! Reading image files: what kind it is by its content, its size by its header, then pixels.
//!
//! Never blocks on pipes or devices, never allocates before the size was checked against
//! [`Limits`], never panics: whatever a decoder does with a hostile file becomes a
//! [`ReadError`]. Called by `worker` and `command`; the formats are in `plain.rs`, `tiff.rs` and
//! `dm.rs`.

use super::error::{ReadError, shown_name};
use super::metadata::{self, Metadata};
use super::{Micrograph, dm, plain, tiff};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// What a file says before its pixels are decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// "TIFF", "PNG", "JPEG", "BMP", "WebP", "DM3" or "DM4", found from the content, not the name.
    pub format: &'static str,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Bits a sample, as stored: 1 to 64.
    pub bits: u8,
    /// Samples a pixel, as stored: a palette has 1, colours with transparency have 4.
    pub samples: u8,
    /// Images in the file.
    pub pages: u32,
    /// Which of them this is, from 0.
    pub page: u32,
}

/// The largest image that is read.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Longest side, in pixels.
    pub side_px: u32,
    /// Pixels in all.
    pub pixels: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            side_px: 32_768,
            pixels: 500_000_000,
        }
    }
}

/// The largest file that is read.
const FILE_LIMIT_GIB: u64 = 4;
/// Bytes between two looks at whether the user still wants the file.
const READ_STEP: usize = 1 << 20;

/// No format packs more bytes of pixels into one byte of file.
const BEST_COMPRESSION: u64 = 4096;

/// Reads the header alone.
pub fn inspect(path: &Path, limits: Limits) -> Result<Header, ReadError> {
    inspect_page(path, None, limits)
}

/// Reads the header of a page, counted from 0; `None` is the one with the science.
pub fn inspect_page(path: &Path, page: Option<u32>, limits: Limits) -> Result<Header, ReadError> {
    let mut job = Job::new(shown_name(path), limits, &|| false);
    job.page = page;
    let mut reader = job.open(path)?;
    job.guard(|| job.header(&mut reader))
}

/// Reads the header of a page and what the file says about how its image was taken; decodes
/// nothing. Pages are counted from 0; `None` is the one with the science.
pub fn describe(
    path: &Path,
    page: Option<u32>,
    limits: Limits,
) -> Result<(Header, Metadata), ReadError> {
    let mut job = Job::new(shown_name(path), limits, &|| false);
    job.page = page;
    let mut reader = job.open(path)?;
    job.guard(|| {
        let header = job.header(&mut reader)?;
        let size_px = [header.width, header.height];
        let other_page = job.other_page(&mut reader, &header)?;
        let metadata = metadata::read(&mut reader, Some(path), Some(size_px), other_page);
        Ok((header, metadata))
    })
}

/// Reads the whole micrograph.
pub fn read(path: &Path, limits: Limits) -> Result<Micrograph, ReadError> {
    read_page(path, None, limits)
}

/// Reads a page as [`read_page`] does, unless `is_cancelled` says meanwhile that nobody wants it.
pub fn read_unless(
    path: &Path,
    page: Option<u32>,
    limits: Limits,
    is_cancelled: &dyn Fn() -> bool,
) -> Result<Micrograph, ReadError> {
    let mut job = Job::new(shown_name(path), limits, is_cancelled);
    job.page = page;
    let reader = job.open(path)?;
    job.read(reader, path.to_owned(), Some(path))
}

/// Reads a micrograph that is in memory; `name` stands for the path.
pub fn read_bytes(bytes: &[u8], name: &str, limits: Limits) -> Result<Micrograph, ReadError> {
    let job = Job::new(shown_name(Path::new(name)), limits, &|| false);
    job.read(Cursor::new(bytes), PathBuf::from(name), None)
}

/// Reads a page of a file, counted from 0; `None` is the one with the science.
pub fn read_page(path: &Path, page: Option<u32>, limits: Limits) -> Result<Micrograph, ReadError> {
    let mut job = Job::new(shown_name(path), limits, &|| false);
    job.page = page;
    let reader = job.open(path)?;
    job.read(reader, path.to_owned(), Some(path))
}

/// The formats, by content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Tiff,
    Png,
    Jpeg,
    Bmp,
    WebP,
    /// Gatan DigitalMicrograph.
    Dm,
}

impl Kind {
    fn of(start: &[u8]) -> Option<Self> {
        if start.starts_with(b"RIFF") && start.get(8..12) == Some(b"WEBP") {
            return Some(Self::WebP);
        }
        // The version, the length, and then 0 or 1 for the order of the bytes.
        let order = match start.get(..4) {
            Some([0, 0, 0, 3]) => start.get(8..12),
            Some([0, 0, 0, 4]) => start.get(12..16),
            _ => None,
        };
        if matches!(order, Some([0, 0, 0, 0 | 1])) {
            return Some(Self::Dm);
        }
        let signatures: [(&[u8], Self); 7] = [
            (b"II\x2a\0", Self::Tiff),
            (b"MM\0\x2a", Self::Tiff),
            (b"II\x2b\0", Self::Tiff),
            (b"MM\0\x2b", Self::Tiff),
            (b"\x89PNG\r\n\x1a\n", Self::Png),
            (b"\xff\xd8\xff", Self::Jpeg),
            (b"BM", Self::Bmp),
        ];
        signatures
            .iter()
            .find(|(signature, _)| start.starts_with(signature))
            .map(|found| found.1)
    }
}

/// One file being read: its name for messages, and what holds for it.
pub(super) struct Job<'a> {
    pub file: String,
    pub limits: Limits,
    pub is_cancelled: &'a dyn Fn() -> bool,
    /// The page to read, from 0; `None` is the one with the science.
    pub page: Option<u32>,
}

impl<'a> Job<'a> {
    /// For the file that messages call `file`.
    pub fn new(file: String, limits: Limits, is_cancelled: &'a dyn Fn() -> bool) -> Self {
        Self {
            file,
            limits,
            is_cancelled,
            page: None,
        }
    }
}

impl Job<'_> {
    fn open(&self, path: &Path) -> Result<BufReader<File>, ReadError> {
        let system = |cause| self.system(cause);
        // Looked at before it is opened: opening a pipe would wait for its other end.
        let about = path.metadata().map_err(system)?;
        if let Some(what) = what_else(&about) {
            return Err(ReadError::NotAFile {
                file: self.file.clone(),
                what,
            });
        }
        let bytes = about.len();
        if bytes > FILE_LIMIT_GIB << 30 {
            let gib = bytes as f64 / f64::from(1 << 30);
            return Err(ReadError::HugeFile {
                file: self.file.clone(),
                gib,
                limit_gib: FILE_LIMIT_GIB,
            });
        }
        // Pixels are read in larger pieces; a directory of a TIFF is a small one.
        Ok(BufReader::new(File::open(path).map_err(system)?))
    }

    fn kind(&self, reader: &mut (impl Read + Seek)) -> Result<Kind, ReadError> {
        let mut start = Vec::with_capacity(16);
        reader
            .by_ref()
            .take(16)
            .read_to_end(&mut start)
            .map_err(|e| self.system(e))?;
        reader.rewind().map_err(|e| self.system(e))?;
        if start.is_empty() {
            return Err(ReadError::Empty {
                file: self.file.clone(),
            });
        }
        Kind::of(&start).ok_or_else(|| ReadError::UnknownFormat {
            file: self.file.clone(),
        })
    }

    fn header(&self, reader: &mut (impl BufRead + Seek)) -> Result<Header, ReadError> {
        match self.kind(reader)? {
            Kind::Tiff => tiff::header(reader, self),
            Kind::Dm => dm::header(reader, self),
            kind => plain::header(reader, kind, self),
        }
    }

    /// The page of a header, where it is another than the one with the science: that page's
    /// content is named by the file, every other one by file and page.
    fn other_page(
        &self,
        reader: &mut (impl BufRead + Seek),
        header: &Header,
    ) -> Result<Option<u32>, ReadError> {
        if self.page.is_none() || header.pages <= 1 {
            return Ok(None);
        }
        let of_file = Job {
            page: None,
            file: self.file.clone(),
            ..*self
        };
        reader.rewind().map_err(|e| self.system(e))?;
        // Where the page with the science can't be read, the first one stands for it.
        let science = of_file.header(reader).map_or(0, |header| header.page);
        Ok((header.page != science).then_some(header.page))
    }

    fn read(
        &self,
        mut reader: impl BufRead + Seek,
        source: PathBuf,
        sidecar_of: Option<&Path>,
    ) -> Result<Micrograph, ReadError> {
        self.guard(|| {
            let kind = self.kind(&mut reader)?;
            let hash = self.hash(&mut reader)?;
            let (header, pixels) = match kind {
                Kind::Tiff => tiff::decode(&mut reader, self)?,
                Kind::Dm => dm::decode(&mut reader, self)?,
                kind => plain::decode(&mut reader, kind, self)?,
            };
            let in_all = header.width as usize * header.height as usize;
            if pixels.len() != in_all * pixels.samples() {
                return Err(self.damaged("the pixels do not fill the image"));
            }
            let size_px = [header.width, header.height];
            let other_page = self.other_page(&mut reader, &header)?;
            let metadata = metadata::read(&mut reader, sidecar_of, Some(size_px), other_page);
            let hash = match other_page {
                Some(page) => format!("{hash}-page-{}", u64::from(page) + 1),
                None => hash,
            };
            Ok(Micrograph {
                calibration: metadata.calibration.clone(),
                metadata,
                pixels,
                header,
                hash,
                source,
            })
        })
    }

    fn hash(&self, reader: &mut (impl BufRead + Seek)) -> Result<String, ReadError> {
        let mut hasher = blake3::Hasher::new();
        let mut step = vec![0; READ_STEP];
        loop {
            self.go_on()?;
            let got = reader.read(&mut step).map_err(|e| self.system(e))?;
            if got == 0 {
                break;
            }
            hasher.update(step.get(..got).unwrap_or_default());
        }
        reader.rewind().map_err(|e| self.system(e))?;
        Ok(hasher.finalize().to_hex().to_string())
    }

    /// Turns a decoder's panic into an error about the file that caused it.
    fn guard<T>(&self, decode: impl FnOnce() -> Result<T, ReadError>) -> Result<T, ReadError> {
        catch_unwind(AssertUnwindSafe(decode))
            .unwrap_or_else(|_| Err(self.damaged("the decoder gave up on it")))
    }

    /// Checks a size from a header against the limits.
    pub fn check_size(&self, width: u32, height: u32) -> Result<(), ReadError> {
        let file = self.file.clone();
        if width == 0 || height == 0 {
            return Err(ReadError::NoPixels {
                file,
                width,
                height,
            });
        }
        let Limits { side_px, pixels } = self.limits;
        if width.max(height) > side_px || u64::from(width) * u64::from(height) > pixels {
            let megapixels = pixels / 1_000_000;
            return Err(ReadError::TooLarge {
                file,
                width,
                height,
                side_px,
                megapixels,
            });
        }
        Ok(())
    }

    /// Checks that so many bytes of file can hold an image of that size: nothing compresses
    /// better than this, and claims beyond it are made to have memory allocated.
    pub fn check_claim(&self, header: &Header, file_bytes: u64) -> Result<(), ReadError> {
        let samples =
            u64::from(header.width) * u64::from(header.height) * u64::from(header.samples);
        let bytes = samples.saturating_mul(u64::from(header.bits)) / 8;
        if bytes > file_bytes.saturating_mul(BEST_COMPRESSION) {
            return Err(self.damaged("it is too short for the size it claims"));
        }
        Ok(())
    }

    /// An error once the file is not wanted any more.
    pub fn go_on(&self) -> Result<(), ReadError> {
        if (self.is_cancelled)() {
            Err(ReadError::Cancelled {
                file: self.file.clone(),
            })
        } else {
            Ok(())
        }
    }

    /// Room for that many samples, all zero.
    pub fn zeroed<T: Copy + Default>(&self, samples: usize) -> Result<Vec<T>, ReadError> {
        let mut room = Vec::new();
        room.try_reserve_exact(samples)
            .map_err(|_| ReadError::Memory {
                file: self.file.clone(),
                mebibytes: (samples as u64).saturating_mul(size_of::<T>() as u64) >> 20,
            })?;
        room.resize(samples, T::default());
        Ok(room)
    }

    pub fn damaged(&self, cause: impl Into<String>) -> ReadError {
        ReadError::Damaged {
            file: self.file.clone(),
            cause: cause.into(),
        }
    }

    /// The page that was asked for is not there.
    pub fn no_such_page(&self, pages: u32) -> ReadError {
        ReadError::NoSuchPage {
            file: self.file.clone(),
            page: u64::from(self.page.unwrap_or(0)) + 1,
            pages,
        }
    }

    /// `what` is a plural with its verb, such as "16-bit colours are".
    pub fn unsupported(&self, what: impl Into<String>) -> ReadError {
        ReadError::Unsupported {
            file: self.file.clone(),
            what: what.into(),
        }
    }

    /// A file that ends too early is damaged; anything else is the system's doing.
    pub fn system(&self, cause: io::Error) -> ReadError {
        match cause.kind() {
            io::ErrorKind::UnexpectedEof => self.damaged("it ends too early"),
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                self.damaged(cause.to_string())
            }
            _ => ReadError::System {
                file: self.file.clone(),
                cause,
            },
        }
    }
}

/// The length of what is read, in bytes; the position stays.
pub(super) fn length(reader: &mut impl Seek) -> io::Result<u64> {
    let here = reader.stream_position()?;
    let length = reader.seek(SeekFrom::End(0))?;
    reader.seek(SeekFrom::Start(here))?;
    Ok(length)
}

/// What a path is, if it is no ordinary file.
fn what_else(about: &fs::Metadata) -> Option<&'static str> {
    if about.is_file() {
        return None;
    }
    if about.is_dir() {
        return Some("a folder");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let kind = about.file_type();
        if kind.is_fifo() {
            return Some("a pipe");
        }
        if kind.is_socket() {
            return Some("a socket");
        }
    }
    Some("a device")
}

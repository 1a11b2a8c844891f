//! The texts that instruments leave: bytes become characters, characters become lines of key
//! and value.
//!
//! Takes whatever stands in the file; what is no text becomes the replacement character. All
//! lengths are bounded. Called by the readers of this folder.

use crate::micrograph::metadata::Entry;
use crate::micrograph::steers_text;

/// Entries of one file.
const ENTRIES_MAX: usize = 20_000;
/// Characters of a key, and of a value.
const KEY_CHARS_MAX: usize = 200;
const VALUE_CHARS_MAX: usize = 2_000;
/// Bytes of all entries of one file.
const BYTES_MAX: usize = 4 << 20;

/// Text up to its first NUL: UTF-16 or UTF-8 with their marks, else UTF-8 where it is that,
/// else Windows-1252, which is what instruments write.
pub(super) fn decode(bytes: &[u8]) -> String {
    if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        return utf16(rest, u16::from_le_bytes);
    }
    if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        return utf16(rest, u16::from_be_bytes);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let bytes = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    match str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| windows_1252(*byte)).collect(),
    }
}

/// UTF-16 text with its low bytes first and without a mark, up to its first NUL.
pub(super) fn decode_utf16le(bytes: &[u8]) -> String {
    utf16(bytes, u16::from_le_bytes)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let (pairs, _) = bytes.as_chunks::<2>();
    let units = pairs
        .iter()
        .map(|pair| unit(*pair))
        .take_while(|unit| *unit != 0);
    char::decode_utf16(units)
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

fn windows_1252(byte: u8) -> char {
    const FROM_80: [char; 32] = [
        '€', '\u{fffd}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{fffd}', 'Ž',
        '\u{fffd}', '\u{fffd}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ',
        '\u{fffd}', 'ž', 'Ÿ',
    ];
    match FROM_80.get(usize::from(byte).wrapping_sub(0x80)) {
        Some(c) => *c,
        None => char::from(byte),
    }
}

/// The lines of a text, whatever ends them; empty ones are left out.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\r', '\n'])
        .filter(|line| !line.trim().is_empty())
}

/// Collects entries in their order, each printable and of bounded length.
#[derive(Default)]
pub(super) struct Entries {
    list: Vec<Entry>,
    bytes: usize,
}

impl Entries {
    /// Adds an entry, unless there are too many.
    pub fn push(&mut self, key: impl AsRef<str>, value: impl AsRef<str>) {
        let entry = Entry {
            key: printable(key.as_ref(), KEY_CHARS_MAX),
            value: printable(value.as_ref(), VALUE_CHARS_MAX),
        };
        self.bytes += entry.key.len() + entry.value.len();
        if self.list.len() < ENTRIES_MAX && self.bytes <= BYTES_MAX {
            self.list.push(entry);
        }
    }

    /// The lines `key=value` of a text; `[Section]` goes before the keys below it.
    pub fn push_ini(&mut self, text: &str) {
        let mut section = String::new();
        for line in lines(text) {
            let line = line.trim();
            if let Some(name) = line
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'))
            {
                section = format!("[{name}] ");
            } else if let Some((key, value)) = line.split_once('=') {
                self.push(format!("{section}{}", key.trim()), value.trim());
            }
        }
    }

    /// The value of a key, unless it is empty.
    pub fn get(&self, key: &str) -> Option<&str> {
        let found = self.list.iter().find(|entry| entry.key == key)?;
        Some(found.value.as_str()).filter(|value| !value.is_empty())
    }

    /// Everything, in order.
    pub fn into_list(self) -> Vec<Entry> {
        self.list
    }
}

/// Trimmed text without characters that steer a terminal or turn the reading direction.
fn printable(text: &str, chars_max: usize) -> String {
    let shown = |c: char| if steers_text(c) { ' ' } else { c };
    let text: String = text.trim().chars().take(chars_max).map(shown).collect();
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_in_the_code_page_they_are_in() {
        assert_eq!(decode(b"5.965 \xb5m, 54.0 \xb0\0rest"), "5.965 µm, 54.0 °");
        assert_eq!(decode("5 µm".as_bytes()), "5 µm");
        assert_eq!(decode(b"\xff\xfe5\0 \0\xb5\0m\0\0\0x\0"), "5 µm");
        assert_eq!(decode(b"\xfe\xff\0A\0B"), "AB");
        assert_eq!(decode(b"\x80\x99\x81"), "€™\u{fffd}");
        assert_eq!(decode_utf16le(b"A\0\x00\xd8"), "A\u{fffd}");
    }

    #[test]
    fn entries_are_bounded_and_printable() {
        let mut entries = Entries::default();
        entries.push("a\x1b[2J", "x".repeat(9000));
        for place in 0..ENTRIES_MAX + 10 {
            entries.push(format!("k{place}"), "v");
        }
        let list = entries.into_list();
        assert_eq!(list.len(), ENTRIES_MAX);
        assert_eq!(list[0].key, "a [2J");
        assert_eq!(list[0].value.len(), VALUE_CHARS_MAX);
    }

    #[test]
    fn sections_go_before_their_keys_and_line_ends_may_be_mixed() {
        let mut entries = Entries::default();
        entries.push_ini("top=1\r\n[A]\rk = v=w\n\n[B]\nk=\nno key\n");
        assert_eq!(entries.get("top"), Some("1"));
        assert_eq!(entries.get("[A] k"), Some("v=w"));
        assert_eq!(entries.get("[B] k"), None, "an empty value says nothing");
        assert_eq!(entries.into_list().len(), 3);
    }
}

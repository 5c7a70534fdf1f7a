//! UTF-16 to UTF-8.

use std::io::{self, ErrorKind, Read};

use super::bad_text;

/// Decodes what `reader` gives, which has no byte-order mark any more.
pub(super) struct Utf16<R> {
    reader: R,
    unit: fn([u8; 2]) -> u16,
    /// Half a character, whose other half has not been read.
    half: Vec<u8>,
    /// What was decoded, and how much of it was handed on.
    text: String,
    place: usize,
    line: u64,
}

impl<R: Read> Utf16<R> {
    pub fn new(reader: R, unit: fn([u8; 2]) -> u16) -> Self {
        Self { reader, unit, half: Vec::new(), text: String::new(), place: 0, line: 1 }
    }

    /// Decodes the next bytes; nothing at the end.
    fn decode(&mut self) -> io::Result<()> {
        (self.place, self.text) = (0, String::new());
        let mut bytes = std::mem::take(&mut self.half);
        let before = bytes.len();
        bytes.resize(before + (1 << 13), 0);
        let read = loop {
            match self.reader.read(bytes.get_mut(before..).unwrap_or_default()) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        bytes.truncate(before + read);
        if read == 0 {
            return match before {
                0 => Ok(()),
                _ => Err(bad_text(self.line, "the UTF-16 text ends within a character")),
            };
        }
        let mut units = bytes.as_chunks::<2>().0.iter().map(|&pair| (self.unit)(pair)).collect::<Vec<_>>();
        units.pop_if(|unit| (0xD800..0xDC00).contains(unit));
        self.half = bytes.split_off(units.len() * 2);
        for character in char::decode_utf16(units) {
            let Ok(character) = character else {
                return Err(bad_text(self.line, "half a UTF-16 character, a lone surrogate"));
            };
            self.line += u64::from(character == '\n');
            self.text.push(character);
        }
        // A piece may hold no more than half a character.
        if self.text.is_empty() { self.decode() } else { Ok(()) }
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.place == self.text.len() {
            self.decode()?;
        }
        let read = self.text.as_bytes().get(self.place..).unwrap_or_default().read(buffer)?;
        self.place += read;
        Ok(read)
    }
}

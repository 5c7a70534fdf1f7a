//! The text of a table, read as often as it is needed and never held whole where its file is text already.

use super::unpack::{self, Charset};
use crate::decode::Text;
use crate::formats::delimited::{Dialect, Expected};
use crate::formats::records::{Header, Layout, Parser, parse_blocks};
use crate::{Files, Result};

/// A table's file.
pub(super) struct Opened<'f> {
    /// Its name in messages.
    pub label: String,
    /// Its size.
    pub bytes: u64,
    content: Content<'f>,
}

enum Content<'f> {
    /// Text as it is, or in gzip.
    Text { files: &'f Files, name: &'f str },
    /// What was packed otherwise, as text in memory.
    Unpacked { text: Vec<u8>, made: bool, named: bool },
}

impl<'f> Opened<'f> {
    /// Looks at how the file begins; what is no text is unpacked.
    pub fn of(files: &'f Files, name: &'f str, charset: Option<Charset>) -> Result<Self> {
        let (label, reader, bytes) = files.open(name)?;
        let content = match charset.is_none() && unpack::is_delimited(&label, reader, bytes)? {
            true => Content::Text { files, name },
            false => {
                let file = files.read(name)?;
                let unpacked = unpack::text(&file.label, &file.bytes, charset)?;
                let (made, named) = (unpacked.is_made(), unpacked.named);
                Content::Unpacked { text: unpacked.text.into_owned(), made, named }
            }
        };
        Ok(Self { label, bytes, content })
    }

    /// Whether the first row is known to name the columns.
    pub fn is_named(&self) -> bool {
        matches!(self.content, Content::Unpacked { named: true, .. })
    }

    /// Whether it is held whole.
    pub fn is_in_memory(&self) -> bool {
        matches!(self.content, Content::Unpacked { .. })
    }

    /// Gives each block of rows to the parser that is made for the columns, and what comes of it to `sink`, in order.
    pub fn parse<P: Parser>(
        &self,
        expected: &Expected<'_>,
        has_header: &(dyn Fn(&[&str]) -> bool + Sync),
        parser: impl FnOnce(&Header) -> Result<P>,
        sink: impl FnMut(&P, P::Part, u64) -> Result<()> + Send,
    ) -> Result<()> {
        let made = matches!(self.content, Content::Unpacked { made: true, .. });
        let dialect = made.then_some(Dialect { delimiter: b',', start: 0 });
        let layout = Layout { expected, dialect, has_header };
        let read = |feed: &crate::formats::records::Feed<'_>| match &self.content {
            Content::Text { files, name } => {
                let (label, reader, len) = files.open(name)?;
                feed.take(Text::of_len(&label, reader, Some(len))?)
            }
            Content::Unpacked { text, .. } => feed.take(Text::new(&self.label, text.as_slice())?),
        };
        parse_blocks(&self.label, &layout, read, parser, sink)
    }
}

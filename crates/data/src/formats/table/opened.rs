//! The text of a table, read as often as it is needed and never held whole where its file is text already.

use super::unpack::{self, Charset, Start, Unpacked};
use crate::decode::Text;
use crate::formats::delimited::Expected;
use crate::formats::records::{Feed, Header, Layout, Parser, parse_blocks};
use crate::{Files, Result};

/// A table's file.
pub(super) struct Opened<'f> {
    /// Its name in messages.
    pub label: String,
    content: Content<'f>,
}

enum Content<'f> {
    /// Text as it is, or in gzip.
    Text { files: &'f Files, name: &'f str },
    /// What was packed otherwise.
    Unpacked(Unpacked<'f>),
}

impl<'f> Opened<'f> {
    /// A file that begins so; what is no text is unpacked. `label` names it in messages.
    pub fn of(
        label: &str,
        files: &'f Files,
        name: &'f str,
        start: Start,
        charset: Option<Charset>,
    ) -> Result<Self> {
        let content = match charset.is_none() && start.is_delimited {
            true => Content::Text { files, name },
            false => {
                let file = files.read(name)?;
                Content::Unpacked(unpack::text(label, &file.bytes, charset)?.into_owned())
            }
        };
        Ok(Self { label: label.to_owned(), content })
    }

    /// The content of a file that is at hand.
    pub fn of_bytes(label: &str, bytes: &'f [u8], charset: Option<Charset>) -> Result<Self> {
        let unpacked = unpack::text(label, bytes, charset)?;
        Ok(Self { label: label.to_owned(), content: Content::Unpacked(unpacked) })
    }

    /// A file of at least so many bytes of text that seems to be in UTF-8; `label` names it in messages.
    pub fn large_text(label: &str, files: &'f Files, name: &'f str, least: u64) -> Result<Option<Self>> {
        let (_, reader, bytes) = files.open(name)?;
        let start = unpack::start(label, reader, bytes)?;
        let is_large = start.is_delimited && start.is_utf8 && start.text_bytes >= least;
        Ok(is_large.then(|| Self { label: label.to_owned(), content: Content::Text { files, name } }))
    }

    /// Gives each block of rows to the parser that is made for the columns, and what comes of it to `sink`, in order. `has_header` decides
    /// by the first row, where it is not known.
    pub fn parse<P: Parser>(
        &self,
        expected: &Expected<'_>,
        has_header: &(dyn Fn(&[&str]) -> bool + Sync),
        parser: impl FnOnce(&Header) -> Result<P>,
        sink: impl FnMut(&P, P::Part, u64) -> Result<()> + Send,
    ) -> Result<()> {
        let (dialect, named) = match &self.content {
            Content::Text { .. } => (None, false),
            Content::Unpacked(unpacked) => (unpacked.known_dialect(), unpacked.named),
        };
        let layout = Layout { expected, dialect, has_header: &|cells| named || has_header(cells) };
        let read = |feed: &Feed<'_>| match &self.content {
            Content::Text { files, name } => {
                let (_, reader, len) = files.open(name)?;
                feed.take(Text::of_len(&self.label, reader, Some(len))?)
            }
            Content::Unpacked(unpacked) => feed.take(Text::new(&self.label, &*unpacked.text)?),
        };
        parse_blocks(&self.label, &layout, read, parser, sink)
    }
}

//! Tables as people have them, as delimited text: spreadsheets, Parquet files, lines of JSON, a table in a zip archive, older alphabets.

mod json_lines;
#[cfg(feature = "parquet")]
mod parquet;
mod sheet;

use std::borrow::Cow;
use std::io::{Cursor, Read};

use serde::{Deserialize, Serialize};
use zip::ZipArchive;

use crate::decode::Text;
use crate::formats::delimited::{Dialect, Expected};
use crate::formats::is_left_behind;
use crate::limits::check_ratio;
use crate::{DataError, Limit, Result, decode};

/// How a text that is not UTF-8 is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Charset {
    /// Of Western Europe, as Windows has it; ISO 8859-1 is a part of it.
    #[serde(rename = "windows-1252", alias = "latin-1", alias = "iso-8859-1")]
    Windows1252,
}

impl std::fmt::Display for Charset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("windows-1252")
    }
}

/// What begins every zip archive, and with it every newer spreadsheet.
const ZIP: &[u8] = b"PK\x03\x04";

/// What begins every spreadsheet of Excel before 2007.
const OLE: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0];

/// What begins every gzip file.
const GZIP: &[u8] = &[0x1F, 0x8B];

/// What begins every Parquet file.
const PARQUET: &[u8] = b"PAR1";

/// A table as delimited text.
pub(crate) struct Unpacked<'b> {
    /// The text.
    pub text: Cow<'b, [u8]>,
    /// Whether it was made of cells here, so that nothing of its form is to be found out.
    made: bool,
    /// Whether its first row is known to name the columns.
    pub named: bool,
}

/// What a file is, by its start.
#[derive(Clone, Copy)]
pub(crate) struct Start {
    /// Whether it is text with separators, in gzip or not: what begins a packed table, or a line of JSON, is none.
    pub is_delimited: bool,
    /// Whether its first cells are UTF-8.
    pub is_utf8: bool,
    /// About how many bytes of text it holds.
    pub text_bytes: u64,
}

/// So many bytes of text are many: they are not held whole where they need not be, and what was made of them is kept.
pub(crate) const LARGE: u64 = 32 << 20;

/// Text shrinks to so much less in gzip.
const SHRINKS: u64 = 6;

/// Looks at how a file of so many bytes begins.
pub(crate) fn start(label: &str, mut reader: impl Read, bytes: u64) -> Result<Start> {
    let is_packed = |start: &[u8]| [ZIP, OLE, PARQUET].iter().any(|magic| start.starts_with(magic));
    let mut start = Vec::new();
    let io = |source| DataError::Io { action: "read", path: label.into(), source };
    reader.by_ref().take(4).read_to_end(&mut start).map_err(io)?;
    let text_bytes = bytes.saturating_mul(if start.starts_with(GZIP) { SHRINKS } else { 1 });
    if is_packed(&start) {
        return Ok(Start { is_delimited: false, is_utf8: false, text_bytes });
    }
    let text = Text::of_len(label, Cursor::new(start).chain(reader), Some(bytes))?;
    let (head, _) = text.head();
    let is_json = head.trim_ascii_start().first() == Some(&b'{');
    let holds_zeros = head.iter().take(1 << 12).any(|&byte| byte == 0);
    // A letter may be cut at the end.
    let is_utf8 = std::str::from_utf8(head).map_or_else(|error| error.error_len().is_none(), |_| true);
    Ok(Start { is_delimited: !is_packed(head) && !is_json && !holds_zeros, is_utf8, text_bytes })
}

impl Unpacked<'_> {
    /// The same, for longer than the file is at hand.
    pub fn into_owned(self) -> Unpacked<'static> {
        Unpacked { text: Cow::Owned(self.text.into_owned()), made: self.made, named: self.named }
    }

    /// How its cells are separated, where that is not to be found out.
    pub fn known_dialect(&self) -> Option<Dialect> {
        self.made.then_some(Dialect { delimiter: b',', start: 0 })
    }

    /// How its cells are separated.
    pub fn dialect(&self, expected: &Expected<'_>) -> Dialect {
        self.known_dialect().unwrap_or_else(|| Dialect::of(&self.text, true, expected))
    }
}

/// The table as delimited text: unpacked, and of a spreadsheet the first sheet that holds cells. Bytes that are not UTF-8 are read
/// as `charset`, or stay.
///
/// # Errors
/// A spreadsheet or an archive that cannot be read, an archive of several files, a line that is no JSON object.
pub(crate) fn text<'b>(label: &str, bytes: &'b [u8], charset: Option<Charset>) -> Result<Unpacked<'b>> {
    Content::of(label, bytes)?.text(charset)
}

/// As [`text`], in the charset that is found out.
///
/// # Errors
/// As there.
pub(crate) fn text_and_charset<'b>(label: &str, bytes: &'b [u8]) -> Result<(Unpacked<'b>, Option<Charset>)> {
    let content = Content::of(label, bytes)?;
    let charset = match &content {
        Content::Cells(_) | Content::Named(_) => None,
        Content::Text { bytes, .. } => charset(bytes),
    };
    Ok((content.text(charset)?, charset))
}

/// What a file holds once it is unpacked.
enum Content<'b> {
    /// Delimited text that was made of cells, of a sheet.
    Cells(Vec<u8>),
    /// The same of columns that have names.
    Named(Vec<u8>),
    /// Text as it is written, with its name in messages.
    Text { label: String, bytes: Cow<'b, [u8]> },
}

impl<'b> Content<'b> {
    fn of(label: &str, bytes: &'b [u8]) -> Result<Self> {
        if let Some(cells) = Self::of_cells(label, bytes)? {
            return Ok(cells);
        }
        if !bytes.starts_with(ZIP) {
            let bytes = decode::whole(label, bytes)?;
            // What was in gzip.
            if let Cow::Owned(inner) = &bytes
                && let Some(cells) = Self::of_cells(label, inner)?
            {
                return Ok(cells);
            }
            return Ok(Self::Text { label: label.to_owned(), bytes });
        }
        let (inner, content) = only_file(label, bytes)?;
        if let Some(cells) = Self::of_cells(&inner, &content)? {
            return Ok(cells);
        }
        // An archive within an archive may go on without end.
        if content.starts_with(ZIP) {
            return Err(DataError::in_file(inner, "expected a table in the archive, found an archive"));
        }
        let bytes = Cow::Owned(decode::whole(&inner, &content)?.into_owned());
        Ok(Self::Text { label: inner, bytes })
    }

    /// Of a file that holds cells and no text, by its first bytes.
    fn of_cells(label: &str, bytes: &[u8]) -> Result<Option<Self>> {
        if bytes.starts_with(PARQUET) {
            return parquet_text(label, bytes).map(Self::Named).map(Some);
        }
        if bytes.starts_with(OLE) || bytes.starts_with(ZIP) && holds_sheets(label, bytes)? {
            return sheet::text(label, bytes).map(Self::Cells).map(Some);
        }
        Ok(None)
    }

    fn text(self, charset: Option<Charset>) -> Result<Unpacked<'b>> {
        let (label, plain) = match self {
            Self::Cells(text) => return Ok(Unpacked { text: Cow::Owned(text), made: true, named: false }),
            Self::Named(text) => return Ok(Unpacked { text: Cow::Owned(text), made: true, named: true }),
            Self::Text { label, bytes } => (label, bytes),
        };
        let plain = match charset {
            Some(Charset::Windows1252) if std::str::from_utf8(&plain).is_err() => {
                let (text, _, _) = encoding_rs::WINDOWS_1252.decode(&plain);
                Cow::Owned(text.into_owned().into_bytes())
            }
            _ => plain,
        };
        match plain.trim_ascii_start().first() {
            Some(b'{') => {
                let text = Cow::Owned(json_lines::text(&label, &plain)?);
                Ok(Unpacked { text, made: true, named: true })
            }
            _ => Ok(Unpacked { text: plain, made: false, named: false }),
        }
    }
}

#[cfg(feature = "parquet")]
use parquet::text as parquet_text;

#[cfg(not(feature = "parquet"))]
fn parquet_text(label: &str, _: &[u8]) -> Result<Vec<u8>> {
    Err(DataError::in_file(
        label,
        "is a Parquet file, which a build without the feature `parquet` cannot read; save the table as CSV",
    ))
}

/// How a text that is not UTF-8 seems to be written; `None` where it is UTF-8, or holds what no text does.
fn charset(text: &[u8]) -> Option<Charset> {
    const UNUSED: [u8; 5] = [0x81, 0x8D, 0x8F, 0x90, 0x9D];
    let is_control = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
    let is_text = |byte: &u8| !is_control(byte) && !UNUSED.contains(byte);
    (std::str::from_utf8(text).is_err() && text.iter().all(is_text)).then_some(Charset::Windows1252)
}

/// A zip archive in memory.
type Archive<'b> = ZipArchive<Cursor<&'b [u8]>>;

/// The archive, and the names in it.
fn opened<'b>(label: &str, bytes: &'b [u8]) -> Result<(Archive<'b>, Vec<String>)> {
    let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| unreadable(label, &error))?;
    let names = archive.file_names().flatten().map(Cow::into_owned).collect();
    Ok((archive, names))
}

fn unreadable(label: &str, error: &zip::result::ZipError) -> DataError {
    DataError::in_file(label, format!("is a zip archive that cannot be read: {error}"))
}

/// Whether an archive is a spreadsheet. One that is unpacked to very much is refused.
fn holds_sheets(label: &str, bytes: &[u8]) -> Result<bool> {
    let (archive, names) = opened(label, bytes)?;
    let sheets = ["xl/workbook.xml", "xl/workbook.bin", "content.xml"];
    let found = names.iter().any(|name| sheets.contains(&name.as_str()));
    if found {
        // XML takes several times its length once it is read.
        let most = Limit::Unpacked.room() / 4;
        let size = archive.decompressed_size().and_then(|size| u64::try_from(size).ok());
        let Some(size) = size.filter(|size| *size <= most) else {
            let hint = Limit::Unpacked.hint_beyond(4 * most);
            let problem =
                format!("is a spreadsheet of more than {most} bytes; save the table as CSV, or {hint}");
            return Err(DataError::in_file(label, problem));
        };
        check_ratio(bytes.len() as u64, size).map_err(|problem| DataError::in_file(label, problem))?;
    }
    Ok(found)
}

/// The files that a person put into an archive.
fn files_of(mut names: Vec<String>) -> Vec<String> {
    names.retain(|name| !name.ends_with('/') && !name.split('/').any(is_left_behind));
    names
}

/// Whether an archive holds tables and nothing else, by the names in it.
pub fn is_packed_table(bytes: &[u8]) -> bool {
    let endings = ["csv", "tsv", "txt", "jsonl", "ndjson", "xlsx", "xlsb", "xls", "ods", "parquet", "gz"];
    let is_table = |name: &String| {
        name.rsplit_once('.')
            .is_some_and(|(_, ending)| endings.iter().any(|own| ending.eq_ignore_ascii_case(own)))
    };
    opened("", bytes).is_ok_and(|(_, names)| {
        let files = files_of(names);
        !files.is_empty() && files.iter().all(is_table)
    })
}

/// The one file of an archive, with its name in messages.
fn only_file(label: &str, bytes: &[u8]) -> Result<(String, Vec<u8>)> {
    let broken = |problem: String| DataError::in_file(label, problem);
    let (mut archive, names) = opened(label, bytes)?;
    let names = files_of(names);
    let [name] = names.as_slice() else {
        let found = if names.is_empty() { "none".into() } else { crate::name_list(&names) };
        return Err(broken(format!("expected an archive of one table, found {found}")));
    };
    let file = archive.by_name(name).map_err(|error| unreadable(label, &error))?;
    let (most, size) = (Limit::Unpacked.room(), file.size());
    if size >= most {
        let hint = Limit::Unpacked.hint_beyond(most);
        return Err(broken(format!("`{name}` takes {size} bytes; there is room for {most}; {hint}")));
    }
    // What the archive says of itself, but no more than it is.
    check_ratio(file.compressed_size().min(bytes.len() as u64), size)
        .map_err(|problem| broken(format!("`{name}`: {problem}")))?;
    let mut content = Vec::new();
    file.take(size.saturating_add(1))
        .read_to_end(&mut content)
        .map_err(|error| broken(format!("`{name}` cannot be unpacked: {error}")))?;
    if content.len() as u64 > size {
        return Err(broken(format!("`{name}` takes more than the {size} bytes that the archive promises")));
    }
    Ok((format!("{label}/{name}"), content))
}

/// Rows of cells as delimited text.
struct Delimited(csv::Writer<Vec<u8>>);

impl Delimited {
    fn new() -> Self {
        Self(csv::Writer::from_writer(Vec::new()))
    }

    /// Bytes so far.
    #[cfg(feature = "parquet")]
    fn len(&self) -> u64 {
        self.0.get_ref().len() as u64
    }

    fn row<'c>(&mut self, cells: impl Iterator<Item = Cow<'c, str>>) {
        // Writing to memory does not fail, and every row has as many cells as the first.
        let _ = self.0.write_record(cells.map(|cell| cell.into_owned().into_bytes()));
    }

    fn finish(self) -> Vec<u8> {
        self.0.into_inner().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Write;

    use super::*;

    fn read(bytes: &[u8]) -> String {
        String::from_utf8(text("t", bytes, None).unwrap().text.into_owned()).unwrap()
    }

    fn refused(bytes: &[u8]) -> String {
        text("t", bytes, None).err().unwrap().to_string()
    }

    fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in files {
            writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn the_one_table_of_an_archive_is_read_and_what_systems_leave_is_passed_over() {
        let packed = zip(&[("__MACOSX/._t.csv", b"x"), ("data/t.csv", b"\xEF\xBB\xBFa,b\n1,2\n")]);
        assert_eq!(read(&packed), "a,b\n1,2\n");
        let two = refused(&zip(&[("a.csv", b"a"), ("b.csv", b"b")]));
        assert!(two.contains("expected an archive of one table, found a.csv, b.csv"), "{two}");
        let broken = refused(b"PK\x03\x04 and so on");
        assert!(broken.contains("zip archive that cannot be read"), "{broken}");
        let within = refused(&zip(&[("a.zip", &packed)]));
        assert!(within.contains("expected a table in the archive, found an archive"), "{within}");
        assert!(is_packed_table(&packed) && !is_packed_table(&zip(&[("a/1.png", b"x")])));
    }

    #[test]
    fn lines_of_json_become_rows_with_all_keys() {
        let lines = "\n{\"z\": 1.50, \"b\": \"x, \\\"y\\\"\"}\r\n\n{\"b\": null, \"c\": [1, 2], \"z\": 12345678901234567}\n";
        assert_eq!(read(lines.as_bytes()), "z,b,c\n1.5,\"x, \"\"y\"\"\",\n12345678901234567,,\"[1,2]\"\n");
        for (lines, part) in
            [("{\"a\": 1}\n[1]\n", "line 2"), ("{\"a\": 1\n", "line 1"), ("{}\n", "holds no field")]
        {
            let message = refused(lines.as_bytes());
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn the_first_sheet_with_cells_is_read_as_it_would_be_typed() {
        // Made by fixture_sheet.py beside it.
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/sheet.xlsx");
        assert_eq!(
            read(&std::fs::read(path).unwrap()),
            "size,town,built,lift,note\n40,Rome,2001-05-09,true,\"a, \"\"b\"\"\"\n\
             55.5,,2024-02-29 13:05:00,false,\n-0.001,Oslo,,,12345678901\n"
        );
    }

    #[test]
    fn letters_of_windows_are_known_and_bytes_that_are_none_are_not() {
        let bytes = b"town,price\nM\xFCnchen,5 \x80\n";
        assert_eq!(charset(bytes), Some(Charset::Windows1252));
        let text = super::text("t", bytes, Some(Charset::Windows1252)).unwrap().text;
        assert_eq!(std::str::from_utf8(&text).unwrap(), "town,price\nMünchen,5 €\n");
        let lines = b"{\"town\": \"M\xFCnchen\"}\n";
        let (text, charset_of) = text_and_charset("t", lines).unwrap();
        assert_eq!(charset_of, Some(Charset::Windows1252));
        assert_eq!(std::str::from_utf8(&text.text).unwrap(), "town\nMünchen\n");
        assert_eq!(charset("town\nMünchen\n".as_bytes()), None);
        assert_eq!(charset(b"\xFF\x00\x01"), None);
        assert_eq!(charset(b"a\x81"), None);
    }
}

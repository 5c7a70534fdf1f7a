//! Tables as people have them, as delimited text: spreadsheets, lines of JSON, a table in a zip archive, older alphabets.

mod json_lines;
mod sheet;

use std::borrow::Cow;
use std::io::{Cursor, Read};

use serde::{Deserialize, Serialize};
use zip::ZipArchive;

use crate::formats::is_left_behind;
use crate::{DataError, Result, decode};

/// The most bytes that a table of an archive is unpacked to.
const MAX_UNPACKED: u64 = 4 << 30;

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

/// The table as delimited text: unpacked, and of a spreadsheet the first sheet that holds cells. Bytes that are not UTF-8 are read
/// as `charset`, or stay.
///
/// # Errors
/// A spreadsheet or an archive that cannot be read, an archive of several files, a line that is no JSON object.
pub(crate) fn text<'b>(label: &str, bytes: &'b [u8], charset: Option<Charset>) -> Result<Cow<'b, [u8]>> {
    if bytes.starts_with(OLE) {
        return sheet::text(label, bytes).map(Cow::Owned);
    }
    if bytes.starts_with(ZIP) {
        return match only_file(label, bytes)? {
            None => sheet::text(label, bytes).map(Cow::Owned),
            Some((inner, content)) => {
                text(&inner, &content, charset).map(|text| Cow::Owned(text.into_owned()))
            }
        };
    }
    let plain = decode::whole(label, bytes)?;
    let plain = match charset {
        Some(Charset::Windows1252) if std::str::from_utf8(&plain).is_err() => {
            let (text, _, _) = encoding_rs::WINDOWS_1252.decode(&plain);
            Cow::Owned(text.into_owned().into_bytes())
        }
        _ => plain,
    };
    match plain.trim_ascii_start().first() {
        Some(b'{') => json_lines::text(label, &plain).map(Cow::Owned),
        _ => Ok(plain),
    }
}

/// How a text that is not UTF-8 seems to be written; `None` where it is UTF-8, or holds what no text does.
pub(crate) fn charset(text: &[u8]) -> Option<Charset> {
    const UNUSED: [u8; 5] = [0x81, 0x8D, 0x8F, 0x90, 0x9D];
    let is_control = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
    let is_text = |byte: &u8| !is_control(byte) && !UNUSED.contains(byte);
    (std::str::from_utf8(text).is_err() && text.iter().all(is_text)).then_some(Charset::Windows1252)
}

/// The one file of an archive, with its name in messages; `None` for a spreadsheet.
fn only_file(label: &str, bytes: &[u8]) -> Result<Option<(String, Vec<u8>)>> {
    let broken = |problem: String| DataError::in_file(label, problem);
    let unreadable =
        |error: zip::result::ZipError| broken(format!("is a zip archive that cannot be read: {error}"));
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(unreadable)?;
    let sheets = ["xl/workbook.xml", "xl/workbook.bin", "content.xml"];
    let mut names: Vec<String> = archive.file_names().flatten().map(Cow::into_owned).collect();
    if names.iter().any(|name| sheets.contains(&name.as_str())) {
        return Ok(None);
    }
    names.retain(|name| !name.ends_with('/') && !name.split('/').any(is_left_behind));
    let [name] = names.as_slice() else {
        let found = if names.is_empty() { "none".into() } else { crate::name_list(&names) };
        return Err(broken(format!("expected an archive of one table, found {found}")));
    };
    let mut file = archive.by_name(name).map_err(unreadable)?.take(MAX_UNPACKED);
    let mut content = Vec::new();
    file.read_to_end(&mut content)
        .map_err(|error| broken(format!("`{name}` cannot be unpacked: {error}")))?;
    if content.len() as u64 == MAX_UNPACKED {
        return Err(broken(format!("`{name}` takes {MAX_UNPACKED} bytes or more, too many for this file")));
    }
    Ok(Some((format!("{label}/{name}"), content)))
}

/// Rows of cells as delimited text.
struct Delimited(csv::Writer<Vec<u8>>);

impl Delimited {
    fn new() -> Self {
        Self(csv::Writer::from_writer(Vec::new()))
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
        String::from_utf8(text("t", bytes, None).unwrap().into_owned()).unwrap()
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
        let two = text("t", &zip(&[("a.csv", b"a"), ("b.csv", b"b")]), None).unwrap_err().to_string();
        assert!(two.contains("expected an archive of one table, found a.csv, b.csv"), "{two}");
        let broken = text("t", b"PK\x03\x04 and so on", None).unwrap_err().to_string();
        assert!(broken.contains("zip archive that cannot be read"), "{broken}");
    }

    #[test]
    fn lines_of_json_become_rows_with_all_keys() {
        let lines = "\n{\"a\": 1.50, \"b\": \"x, \\\"y\\\"\"}\r\n\n{\"b\": null, \"c\": true, \"a\": 12345678901234567}\n";
        assert_eq!(read(lines.as_bytes()), "a,b,c\n1.5,\"x, \"\"y\"\"\",\n12345678901234567,,true\n");
        for (lines, part) in
            [("{\"a\": 1}\n[1]\n", "line 2"), ("{\"a\": 1\n", "line 1"), ("{}\n", "holds no field")]
        {
            let message = text("t", lines.as_bytes(), None).unwrap_err().to_string();
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
        let text = text("t", bytes, Some(Charset::Windows1252)).unwrap();
        assert_eq!(std::str::from_utf8(&text).unwrap(), "town,price\nMünchen,5 €\n");
        assert_eq!(charset("town\nMünchen\n".as_bytes()), None);
        assert_eq!(charset(b"\xFF\x00\x01"), None);
        assert_eq!(charset(b"a\x81"), None);
    }
}

//! Encodings and packings.

use super::{READERS, assert_refused, assert_same, csv, gzip, message, read};

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(bytes).collect()
}

#[test]
fn marks_utf16_and_gzip_are_read_as_plain_text() {
    for reader in &READERS {
        let text = reader.text;
        let (first, second) = text.as_bytes().split_at(7);
        let forms = [
            ("UTF-8 mark", [b"\xEF\xBB\xBF", text.as_bytes()].concat()),
            ("UTF-16LE", utf16(text, u16::to_le_bytes)),
            ("UTF-16BE", utf16(text, u16::to_be_bytes)),
            ("two members", [gzip(first), gzip(second)].concat()),
            ("CR LF", text.replace('\n', "\r\n").into_bytes()),
        ];
        for (what, bytes) in forms {
            assert_same(reader, &bytes, what);
            if what != "two members" {
                let packed = gzip(&bytes);
                assert_same(reader, &packed, &format!("{what} in gzip"));
                let padded = [packed.as_slice(), &[0; 1000]].concat();
                assert_same(reader, &padded, &format!("{what} in padded gzip"));
            }
        }
    }
}

#[test]
fn a_gzip_file_that_is_cut_short_is_an_error() {
    for reader in &READERS {
        let packed = gzip(reader.text.as_bytes());
        let cut = &packed[..packed.len() - 9];
        assert_refused(reader, cut, &["the gzip stream breaks after", "the file is cut short"]);
    }
}

#[test]
fn other_bytes_than_utf8_are_named_with_line_byte_and_advice() {
    for reader in READERS.iter().filter(|reader| reader.name != "pixels") {
        let place = reader.text.find("red cup").or_else(|| reader.text.find("cat")).unwrap();
        let mut bytes = reader.text.as_bytes().to_vec();
        bytes[place + 1] = 0xE9;
        let text = message((reader.train)(&bytes));
        for part in ["line 2", "the byte 0xE9 as byte 2", "Windows-1252", "iconv"] {
            assert!(text.contains(part), "{}: {text}", reader.name);
        }
        bytes[place + 1] = 0;
        let text = message((reader.train)(&bytes));
        assert!(text.contains("line 2") && text.contains("a NUL byte"), "{}: {text}", reader.name);
    }
    for reader in READERS.iter().filter(|reader| reader.name != "pixels") {
        // What prediction looks at: numbers, ids and titles.
        let bytes = reader.text.replacen("\nr,", "\n\u{1},", 1).replacen("\n1,", "\n\u{1},", 1);
        let mut bytes = bytes.replacen("\nred", "\n\u{1}ed", 1).into_bytes();
        let place = bytes.iter().position(|&byte| byte == 1).unwrap();
        bytes[place] = 0xFC;
        assert_refused(reader, &bytes, &["line 2", "the byte 0xFC as byte 1", "Windows-1252"]);
        bytes[place] = 0;
        assert_refused(reader, &bytes, &["line 2", "a NUL byte"]);
    }
}

#[test]
fn a_header_in_latin_1_is_named() {
    for reader in &READERS {
        let mut bytes = reader.text.as_bytes().to_vec();
        bytes[0] = 0xC4;
        assert_refused(reader, &bytes, &["line 1", "the byte 0xC4"]);
    }
}

#[test]
fn utf16_without_a_mark_and_utf32_are_told() {
    for reader in &READERS {
        let unmarked = &utf16(reader.text, u16::to_le_bytes)[2..];
        assert_refused(reader, unmarked, &["looks like UTF-16 without a byte-order mark; save it as UTF-8"]);
        let wide = [0xFEFF].into_iter().chain(reader.text.chars().map(u32::from)).flat_map(u32::to_le_bytes);
        assert_refused(reader, &wide.collect::<Vec<_>>(), &["the text is UTF-32; save it as UTF-8"]);
        let cut = &utf16(reader.text, u16::to_le_bytes);
        assert_refused(reader, &cut[..cut.len() - 1], &["the UTF-16 text ends within a character"]);
    }
}

#[test]
fn bytes_of_columns_that_are_not_used_do_not_matter() {
    let features = Some(vec!["a".into()]);
    let data = read(b"a,note,y\n1,caf\xE9,n\n2,x,p\n", "x.csv", csv(|c| c.features = features)).unwrap();
    assert_eq!(data.len(), 2);
}

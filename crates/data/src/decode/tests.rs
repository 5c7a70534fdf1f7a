//! Encodings and packings of one text.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::*;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(bytes).collect()
}

fn text_of(bytes: &[u8]) -> Result<Vec<u8>> {
    let text = Text::new("x", bytes)?.into_bytes();
    let whole = whole("x", bytes).map(Cow::into_owned);
    assert_eq!(text.as_ref().ok(), whole.as_ref().ok(), "in pieces and whole");
    text
}

fn message(bytes: &[u8]) -> String {
    text_of(bytes).unwrap_err().to_string()
}

/// Gives one byte at a time.
struct Bytewise<'a>(&'a [u8]);

impl Read for Bytewise<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(1);
        self.0.read(&mut buffer[..most])
    }
}

proptest! {
    #[test]
    fn every_encoding_of_a_text_is_the_text(text in "[a-z,\n\u{e0}-\u{ff}\u{4e00}-\u{4e20}\u{1f600}-\u{1f610}]{0,80}") {
        for bytes in [
            text.as_bytes().to_vec(),
            [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
            utf16(&text, u16::to_le_bytes),
            utf16(&text, u16::to_be_bytes),
        ] {
            prop_assert_eq!(text_of(&bytes).unwrap(), text.as_bytes());
            prop_assert_eq!(text_of(&gzip(&bytes)).unwrap(), text.as_bytes());
            let piecewise = Text::new("x", Bytewise(&gzip(&bytes))).unwrap().into_bytes().unwrap();
            prop_assert_eq!(piecewise, text.as_bytes());
        }
    }

    #[test]
    fn arbitrary_bytes_are_a_text_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = text_of(&bytes);
        let _ = text_of(&[b"\xFF\xFE", bytes.as_slice()].concat());
        let _ = text_of(&[b"\x1F\x8B", bytes.as_slice()].concat());
    }
}

#[test]
fn members_of_a_gzip_file_are_one_text_and_padding_is_none() {
    let (a, b) = (gzip(b"one\n"), gzip(b"two\n"));
    let zeros = vec![0; 70_000];
    for bytes in [
        [a.as_slice(), &b].concat(),
        [a.as_slice(), &b, &zeros].concat(),
        [a.as_slice(), &zeros, &b].concat(),
    ] {
        assert_eq!(text_of(&bytes).unwrap(), b"one\ntwo\n");
    }
}

#[test]
fn a_damaged_text_is_named_with_its_line() {
    let lone = [b"\xFF\xFE".as_slice(), b"a\0\n\0", b"\x00\xD8", b"b\0"].concat();
    assert_eq!(message(&lone), "x: line 2: half a UTF-16 character, a lone surrogate");
    assert_eq!(message(b"\xFE\xFF\0a\0\n\0"), "x: line 2: the UTF-16 text ends within a character");
    assert_eq!(message(b"\xFF\xFE\0\0a\0\0\0"), "x: line 1: the text is UTF-32; save it as UTF-8");
    let unmarked = &utf16("a,b\n1,2\n", u16::to_le_bytes)[2..];
    let expected = "x: line 1: the text looks like UTF-16 without a byte-order mark; save it as UTF-8";
    assert_eq!(message(unmarked), expected);
    let packed = gzip(&[7; 100_000]);
    let cut = message(&packed[..packed.len() - 9]);
    assert!(cut.contains("the gzip stream breaks after") && cut.contains("cut short"), "{cut}");
}

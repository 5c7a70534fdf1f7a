//! Zip archives: those of the zip crate, and hostile ones written byte by byte.

use std::io::Write;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;

fn pack(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (at, (name, bytes)) in entries.iter().enumerate() {
        let method = [CompressionMethod::Stored, CompressionMethod::Deflated][at % 2];
        let options = SimpleFileOptions::default().compression_method(method);
        match name.strip_suffix('/') {
            Some(folder) => writer.add_directory(folder, options).unwrap(),
            None => {
                writer.start_file(*name, options).unwrap();
                writer.write_all(bytes).unwrap();
            }
        }
    }
    writer.finish().unwrap().into_inner()
}

fn read_zip(settings: &str, bytes: &[u8]) -> Result<Labelled> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.zip"), bytes).unwrap();
    let files = Files::directory(folder.path());
    read_with(&format!("archive = \"a.zip\"\n{settings}"), &files)
}

fn zip_message(bytes: &[u8]) -> String {
    let error = read_zip("", bytes).unwrap_err().to_string();
    error.split_once("/a.zip").map(|(_, rest)| format!("a.zip{rest}")).unwrap_or(error)
}

/// What the directory of an archive says of an entry. All share one stored content.
struct Claim<'a> {
    name: &'a [u8],
    encrypted: bool,
    packed: u32,
    size: u32,
}

impl<'a> Claim<'a> {
    fn of(name: &'a (impl AsRef<[u8]> + ?Sized), content: &[u8]) -> Self {
        let len = content.len() as u32;
        Self { name: name.as_ref(), encrypted: false, packed: len, size: len }
    }
}

fn forge(content: &[u8], claims: &[Claim]) -> Vec<u8> {
    let header = |claim: &Claim| {
        let mut header = vec![20, 0, u8::from(claim.encrypted), 0, 0, 0, 0, 0, 0x21, 0];
        for word in [crc32fast::hash(content), claim.packed, claim.size, claim.name.len() as u32] {
            header.extend(word.to_le_bytes());
        }
        header
    };
    let mut bytes = b"PK\x03\x04".to_vec();
    bytes.extend(header(&claims[0]));
    bytes.extend(claims[0].name);
    bytes.extend(content);
    let start = bytes.len() as u32;
    for claim in claims {
        bytes.extend(b"PK\x01\x02\x14\0");
        bytes.extend(header(claim));
        bytes.extend([0; 14]);
        bytes.extend(claim.name);
    }
    let len = bytes.len() as u32 - start;
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([claims.len() as u16; 2].iter().flat_map(|count| count.to_le_bytes()));
    bytes.extend([len, start].iter().flat_map(|word| word.to_le_bytes()));
    bytes.extend([0, 0]);
    bytes
}

#[test]
fn an_archive_reads_as_the_folder_it_was_packed_from() {
    let entries = [
        ("set/", vec![]),
        ("set/train/", vec![]),
        ("set/train/cat/a.png", png(1)),
        ("set/train/dog/a.png", png(2)),
        ("set/test/cat/a.png", png(3)),
        ("set/test/dog/a.png", png(4)),
        ("__MACOSX/set/train/cat/._a.png", b"x".to_vec()),
    ];
    let packed = read_zip("", &pack(&entries)).unwrap();
    let files = entries.iter().filter(|(name, _)| !name.ends_with('/')).cloned().collect::<Vec<_>>();
    let folder = read("", &photos(&files)).unwrap();
    assert_eq!(packed.samples, folder.samples);
    assert_eq!((&packed.labels(), &packed.roles), (&folder.labels(), &folder.roles));
    assert_eq!(packed.files[0].name, "a.zip");
    assert_eq!(firsts(&packed), [1, 2, 3, 4]);
}

#[test]
fn an_archive_may_be_embedded_and_cached() {
    let bytes = pack(&[("cat/a.png", png(1)), ("dog\\a.png", png(2))]);
    let embedded: &'static [(&str, &[u8])] =
        Box::leak(Box::new([("a.zip", &*Box::leak(bytes.into_boxed_slice()))]));
    let folder = tempfile::tempdir().unwrap();
    let files = Files::embedded(embedded).cached_in(folder.path().to_owned());
    let first = read_with("archive = \"a.zip\"", &files).unwrap();
    assert_eq!(firsts(&first), [1, 2]);
    assert_eq!(read_with("archive = \"a.zip\"", &files).unwrap(), first);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn faults_of_an_image_name_archive_and_entry() {
    let bytes = pack(&[("cat/a.png", png(1)), ("dog/a.png", vec![])]);
    let expected = "a.zip: dog/a.png: the file is empty; expected a PNG or JPEG image";
    assert_eq!(zip_message(&bytes), expected);
    let bytes = pack(&[("cat/a.png", png(1)), ("dog/a.png", png(2)), ("owl/", vec![])]);
    let expected = "a.zip: owl: expected PNG or JPEG images of a class, found none";
    assert_eq!(zip_message(&bytes), expected);
}

#[test]
fn what_is_no_archive() {
    assert!(zip_message(b"").starts_with("a.zip: expected a zip archive: "));
    assert!(zip_message(&png(1)).starts_with("a.zip: expected a zip archive: "));
    let bytes = pack(&[("cat/a.png", png(1)), ("dog/a.png", png(2))]);
    let message = zip_message(&bytes[..bytes.len() - 30]);
    assert!(message.starts_with("a.zip: expected a zip archive: "), "{message}");
}

#[test]
fn entries_that_lead_out() {
    let content = png(1);
    for name in
        ["/etc/a.png", "../a.png", "cat/../../a.png", "cat\\..\\a.png", "C:\\a.png", "\\\\host\\a.png"]
    {
        let bytes = forge(&content, &[Claim::of(name, &content)]);
        let expected =
            format!("a.zip: `{name}`: expected a path within the archive, found one that leads out of it");
        assert_eq!(zip_message(&bytes), expected);
    }
}

#[test]
fn an_encrypted_entry() {
    let content = png(1);
    let claim = Claim { encrypted: true, ..Claim::of("cat/a.png", &content) };
    let expected = "a.zip: `cat/a.png`: needs a password; pack the archive again without one";
    assert_eq!(zip_message(&forge(&content, &[claim])), expected);
}

#[test]
fn names_that_are_not_utf8_are_in_code_page_437() {
    let content = png(1);
    // "Größe" and "über" as DOS wrote them, "表" and "犬" in Shift-JIS: the first one's second byte is a backslash.
    let names = [
        b"set/Gr\x94\xE1e/a.png".as_slice(),
        b"set/\x81ber/a.png",
        b"set/cat/\x95\x5c.png",
        b"set/\x8c\xa2/1.png",
    ];
    let claims = names.map(|name| Claim::of(name, &content));
    let data = read_zip("", &forge(&content, &claims)).unwrap();
    assert_eq!(data.class_names(), ["Gr\u{f6}\u{df}e", "cat", "\u{ee}\u{f3}", "\u{fc}ber"]);
    let names = data.sample_names.unwrap();
    assert_eq!(names.get(1), Some("set/cat/\u{f2}\\.png"));
    assert_eq!(firsts(&read_zip("", &forge(&content, &claims)).unwrap()), [1; 4]);
}

#[test]
fn an_archive_written_to_a_pipe_has_its_sizes_behind_the_entries() {
    let mut writer = ZipWriter::new_stream(Vec::new());
    for (name, value) in [("set/cat/a.png", 1), ("set/dog/a.png", 2)] {
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(&png(value)).unwrap();
    }
    let bytes = writer.finish().unwrap().into_inner();
    assert_eq!(bytes[6] & 8, 8, "no data descriptor");
    assert_eq!(firsts(&read_zip("", &bytes).unwrap()), [1, 2]);
}

#[test]
fn notes_and_what_systems_leave_behind_are_passed_over_in_archives_too() {
    let mut entries = vec![("set/cat/a.png", png(1)), ("set/dog/a.png", png(2))];
    for path in
        ["README.txt", "set/labels.csv", "set/cat/Icon\r", "set/dog/@eaDir/a.png/x.jpg", "$RECYCLE.BIN/x.png"]
    {
        entries.push((path, b"x".to_vec()));
    }
    assert_eq!(firsts(&read_zip("", &pack(&entries)).unwrap()), [1, 2]);
}

#[test]
fn an_entry_that_is_there_twice() {
    let content = png(1);
    let [claim, same] = ["cat/a.png"; 2].map(|name| Claim::of(name, &content));
    let expected = "a.zip: two entries have one name; pack it again";
    assert_eq!(zip_message(&forge(&content, &[claim, same])), expected);
    let [claim, same] = ["cat/a.png", "cat\\a.png"].map(|name| Claim::of(name, &content));
    let expected = "a.zip: `cat\\a.png`: is there twice; pack the archive again";
    assert_eq!(zip_message(&forge(&content, &[claim, same])), expected);
}

#[test]
fn bombs_by_what_the_directory_says() {
    let content = vec![0; 3 << 20];
    let claim = |name: &'static str, size| Claim { size, ..Claim::of(name, &content) };
    let one = |size| zip_message(&forge(&content, &[claim("cat/a.png", size)]));
    assert_eq!(
        one(u32::MAX - 1),
        "a.zip: `cat/a.png`: expected at most 536870912 bytes, found 4294967294; BRASA_LIMITS=pixels=NUMBER takes more"
    );
    let names = (0..9).map(|i| format!("cat/{i}.png")).collect::<Vec<_>>();
    let claims = names.iter().map(|name| Claim { size: 500 << 20, ..Claim::of(name, &content) });
    let claims = claims.collect::<Vec<_>>();
    let expected = "a.zip: `cat/8.png`: expected at most 4294967296 bytes in all entries, found 4718592000 up to here; \
         BRASA_LIMITS=unpacked=SIZE takes more";
    assert_eq!(zip_message(&forge(&content, &claims)), expected);
}

#[test]
fn a_bomb_by_its_ratio() {
    let bytes = pack(&[("cat/a.png", png(1)), ("dog/a.png", vec![0; 8 << 20])]);
    let message = zip_message(&bytes);
    let expected = "a.zip: `dog/a.png`: it is unpacked to 8388608 bytes, more than 200 times its ";
    assert!(message.starts_with(expected), "{message}");
}

#[test]
fn an_entry_that_unpacks_to_another_size_than_the_directory_says() {
    let content = png(1);
    let len = content.len();
    for (size, problem) in [
        (len - 5, "cannot be unpacked: ".to_owned()),
        (len + 5, format!("expected {} bytes unpacked, found {len}", len + 5)),
    ] {
        let claim = Claim { size: size as u32, ..Claim::of("cat/a.png", &content) };
        let message = zip_message(&forge(&content, &[claim, Claim::of("dog/a.png", &content)]));
        assert!(message.starts_with(&format!("a.zip: `cat/a.png`: {problem}")), "{message}");
    }
}

#[test]
fn an_entry_whose_checksum_is_wrong() {
    let mut bytes = pack(&[("cat/a.png", png(1)), ("dog/a.png", png(2))]);
    let content = bytes.windows(4).position(|window| window == b"IDAT").unwrap();
    bytes[content + 6] ^= 1;
    let message = zip_message(&bytes);
    assert!(message.starts_with("a.zip: `cat/a.png`: cannot be unpacked: "), "{message}");
}

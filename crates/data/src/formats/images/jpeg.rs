//! Where a JPEG image ends within its file.
//!
//! Cameras and phones put a second picture, a film or an index behind the image, and a small JPEG of its own into the
//! first segments. So markers are followed from segment to segment, as ITU-T T.81, annex B lays them out, and not
//! looked for in the whole file.

/// Start of image, and the start of a scan's header.
const SOI: u8 = 0xD8;
const SOS: u8 = 0xDA;
const EOI: u8 = 0xD9;

/// Why a JPEG file is refused before anything is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The file ends before its image does.
    CutShort,
    /// A segment's length makes no sense, or no marker is where one must be.
    Broken,
    /// The values are packed by arithmetic coding, which hardly any program reads.
    Arithmetic,
}

/// The image alone: from its first marker to its last, without what follows.
pub(super) fn image(bytes: &[u8]) -> Result<&[u8], Fault> {
    let end = end(bytes)?;
    bytes.get(..end).ok_or(Fault::CutShort)
}

fn end(bytes: &[u8]) -> Result<usize, Fault> {
    if !bytes.starts_with(&[0xFF, SOI]) {
        return Err(Fault::Broken);
    }
    let mut at = 2;
    loop {
        let marker;
        (marker, at) = marker_from(bytes, at)?;
        match marker {
            EOI => return Ok(at),
            // Markers without a segment: TEM, and restarts that a damaged scan left over.
            0x01 | 0xD0..=0xD7 => continue,
            // A second image begins although the first has not ended.
            SOI => return Err(Fault::Broken),
            0xC9..=0xCB | 0xCD..=0xCF => return Err(Fault::Arithmetic),
            _ => {}
        }
        let length = bytes.get(at..).and_then(|rest| rest.first_chunk::<2>()).ok_or(Fault::CutShort)?;
        match u16::from_be_bytes(*length) {
            0 | 1 => return Err(Fault::Broken),
            length => at += usize::from(length),
        }
        if marker == SOS {
            at = scan_end(bytes, at)?;
        }
    }
}

/// The next marker at or after `at`, and the place behind it. Bytes that belong to no segment are passed over, as other
/// decoders do, and so are the fill bytes before a marker.
fn marker_from(bytes: &[u8], at: usize) -> Result<(u8, usize), Fault> {
    let mut at = at;
    loop {
        let rest = bytes.get(at..).ok_or(Fault::CutShort)?;
        at += memchr::memchr(0xFF, rest).ok_or(Fault::CutShort)? + 1;
        match bytes.get(at).ok_or(Fault::CutShort)? {
            0x00 | 0xFF => {}
            &marker => return Ok((marker, at + 1)),
        }
    }
}

/// The place of the first marker behind the entropy-coded data that begin at `at`. Within these, 0xFF is followed by
/// a stuffed zero or by the number of a restart.
fn scan_end(bytes: &[u8], at: usize) -> Result<usize, Fault> {
    let mut at = at;
    loop {
        let rest = bytes.get(at..).ok_or(Fault::CutShort)?;
        at += memchr::memchr(0xFF, rest).ok_or(Fault::CutShort)?;
        match bytes.get(at + 1).ok_or(Fault::CutShort)? {
            0x00 | 0xD0..=0xD7 => at += 2,
            0xFF => at += 1,
            _ => return Ok(at),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use proptest::prelude::*;

    use super::*;

    const HEAD: [u8; 2] = [0xFF, SOI];
    const TAIL: [u8; 2] = [0xFF, EOI];

    fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
        let length = (content.len() as u16 + 2).to_be_bytes();
        [&[0xFF, marker], length.as_slice(), content].concat()
    }

    fn scan(content: &[u8]) -> Vec<u8> {
        [&segment(SOS, &[1, 1, 0, 0, 63, 0]), content].concat()
    }

    fn whole() -> Vec<u8> {
        let thumbnail = [&HEAD[..], &scan(&[7, 8]), &TAIL].concat();
        let parts = [
            HEAD.to_vec(),
            segment(0xE1, &thumbnail),
            segment(0xC2, &[8, 0, 1, 0, 1, 1, 1, 0x11, 0]),
            scan(&[1, 0xFF, 0, 0xFF, 0xD0, 2, 0xFF, 0xFF, 0xD1, 3]),
            // Fill bytes before the next marker, which is another scan's table.
            vec![0xFF, 0xFF],
            segment(0xC4, &[0; 17]),
            scan(&[0xD9, 4]),
            TAIL.to_vec(),
        ];
        parts.concat()
    }

    #[test]
    fn the_image_ends_at_its_own_last_marker_whatever_follows() {
        let file = whole();
        assert_eq!(image(&file), Ok(file.as_slice()));
        for tail in [&TAIL[..], &HEAD, &[0xFF], &[0xFF, SOS, 0, 0], &whole(), &[0; 999]] {
            assert_eq!(image(&[&file, tail].concat()), Ok(file.as_slice()));
        }
    }

    #[test]
    fn a_file_cut_anywhere_is_cut_short() {
        let file = whole();
        for len in 2..file.len() {
            assert_eq!(image(&file[..len]), Err(Fault::CutShort), "{len} bytes");
        }
    }

    #[test]
    fn broken_segments_and_arithmetic_coding() {
        assert_eq!(image(&[HEAD, [0xFF, 0xE0], [0, 1], TAIL].concat()), Err(Fault::Broken));
        assert_eq!(image(&[HEAD, HEAD, TAIL].concat()), Err(Fault::Broken));
        assert_eq!(image(b"no JPEG"), Err(Fault::Broken));
        for marker in [0xC9, 0xCA, 0xCB] {
            let frame = segment(marker, &[8, 0, 1, 0, 1, 1, 1, 0x11, 0]);
            assert_eq!(image(&[&HEAD[..], &frame, &scan(&[1]), &TAIL].concat()), Err(Fault::Arithmetic));
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(prop_oneof![Just(0xFF), any::<u8>()], 0..200)) {
            let _ = image(&bytes);
            let _ = image(&[&HEAD, bytes.as_slice()].concat());
        }
    }
}

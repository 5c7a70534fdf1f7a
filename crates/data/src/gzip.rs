//! Gzip files of one or several members, with the padding that tapes and some servers put behind them.

use std::io::{BufRead, Error, ErrorKind, Read, Result};

use flate2::bufread::GzDecoder;

use crate::limits::check_ratio;

/// What a gzip file unpacks to. Zeros behind the last member are passed over, as `gzip` itself does. One that becomes far
/// longer than it is does not end, but in an error.
pub(crate) struct Gunzip<R: BufRead> {
    /// `None` after the end, or in the midst of going on.
    member: Option<GzDecoder<Counted<R>>>,
    unpacked: u64,
    /// Bytes of all of it, where that is known.
    len: Option<u64>,
}

impl<R: BufRead> Gunzip<R> {
    pub fn new(packed: R, len: Option<u64>) -> Self {
        Self { member: Some(GzDecoder::new(Counted { inner: packed, taken: 0 })), unpacked: 0, len }
    }
}

impl<R: BufRead> Read for Gunzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        while let Some(member) = &mut self.member {
            match member.read(buffer)? {
                0 if !buffer.is_empty() => {}
                read => {
                    self.unpacked += read as u64;
                    let packed = self.len.unwrap_or(0).max(member.get_ref().taken);
                    check_ratio(packed, self.unpacked)
                        .map_err(|problem| Error::new(ErrorKind::FileTooLarge, problem))?;
                    return Ok(read);
                }
            }
            // This member's checksum was right.
            let Some(rest) = self.member.take().map(GzDecoder::into_inner) else { break };
            self.member = next_member(rest)?;
        }
        Ok(0)
    }
}

/// A reader that knows how much was taken of it.
struct Counted<R> {
    inner: R,
    taken: u64,
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let read = self.inner.read(buffer)?;
        self.taken += read as u64;
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.inner.consume(amount);
        self.taken += amount as u64;
    }
}

fn next_member<R: BufRead>(mut rest: R) -> Result<Option<GzDecoder<R>>> {
    loop {
        let buffer = rest.fill_buf()?;
        let zeros = buffer.iter().take_while(|byte| **byte == 0).count();
        match (buffer.is_empty(), zeros == buffer.len()) {
            (true, _) => return Ok(None),
            (_, false) => {
                rest.consume(zeros);
                return Ok(Some(GzDecoder::new(rest)));
            }
            _ => rest.consume(zeros),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use std::io::{BufReader, Write};

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn gunzip(bytes: &[u8]) -> Result<Vec<u8>> {
        let mut content = Vec::new();
        // A small buffer, so that every boundary falls within the padding once.
        Gunzip::new(BufReader::with_capacity(7, bytes), None).read_to_end(&mut content)?;
        Ok(content)
    }

    #[test]
    fn members_and_padding_in_any_number() {
        let (a, b) = (gzip(b"first "), gzip(b"second"));
        for zeros in [0, 1, 511, 10_000] {
            let padding = vec![0; zeros];
            assert_eq!(gunzip(&[&a[..], &padding].concat()).unwrap(), b"first ");
            assert_eq!(gunzip(&[&a[..], &padding, &b, &padding].concat()).unwrap(), b"first second");
        }
        assert_eq!(gunzip(&gzip(b"")).unwrap(), b"");
    }

    #[test]
    fn zeros_without_end_are_refused_and_much_of_something_is_not() {
        let zeros = gzip(&vec![0; 65 << 20]);
        let error = gunzip(&zeros).unwrap_err().to_string();
        assert!(error.contains("more than 200 times"), "{error}");
        assert_eq!(gunzip(&gzip(&vec![0; 64 << 20])).unwrap().len(), 64 << 20);
    }

    #[test]
    fn other_bytes_behind_a_member_and_cut_ones_are_faults() {
        let whole = gzip(b"content");
        assert!(gunzip(&[&whole[..], b"\0\0rest"].concat()).is_err());
        for len in 1..whole.len() {
            assert!(gunzip(&whole[..len]).is_err(), "{len} bytes");
        }
    }
}

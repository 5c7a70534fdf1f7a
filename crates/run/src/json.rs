//! JSON as the files of a run are written: indented, but lists of numbers on one line.

use std::io::{Result, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};

/// `value` with a line for each field, but one for each list of numbers: a confusion matrix of a thousand classes has a
/// million of them.
pub(super) fn readable(value: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut bytes, Lines::default()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

#[derive(Default)]
struct Lines {
    depth: usize,
    /// The next value of an array, and whether it is the first, before it is known what it is.
    waiting: Option<bool>,
    /// Whether the last value of the innermost open array or object was given its own line.
    own_line: bool,
}

impl Lines {
    fn line(&self, out: &mut (impl Write + ?Sized)) -> Result<()> {
        out.write_all(b"\n")?;
        (0..self.depth).try_for_each(|_| out.write_all(b"  "))
    }

    /// Before a number, which stays on the line.
    fn number(&mut self, out: &mut (impl Write + ?Sized)) -> Result<()> {
        if let Some(first) = self.waiting.take() {
            self.own_line = false;
            out.write_all(if first { b"" } else { b"," })?;
        }
        Ok(())
    }

    /// Before anything else, which in an array begins a line.
    fn other(&mut self, out: &mut (impl Write + ?Sized)) -> Result<()> {
        if let Some(first) = self.waiting.take() {
            self.own_line = true;
            out.write_all(if first { b"" } else { b"," })?;
            self.line(out)?;
        }
        Ok(())
    }

    fn begin(&mut self, out: &mut (impl Write + ?Sized), bracket: &[u8]) -> Result<()> {
        self.other(out)?;
        self.depth += 1;
        self.own_line = false;
        out.write_all(bracket)
    }

    fn end(&mut self, out: &mut (impl Write + ?Sized), bracket: &[u8]) -> Result<()> {
        self.depth = self.depth.saturating_sub(1);
        if self.own_line {
            self.line(out)?;
        }
        // What has ended is itself a value with a line of its own.
        self.own_line = true;
        out.write_all(bracket)
    }
}

/// The methods that write a value which stays on its line: first what goes before it, then as serde_json does.
macro_rules! short_values {
    ($($method:ident: $kind:ty),*) => {
        $(fn $method<W: Write + ?Sized>(&mut self, out: &mut W, value: $kind) -> Result<()> {
            self.number(out)?;
            CompactFormatter.$method(out, value)
        })*
    };
}

impl Formatter for Lines {
    short_values!(write_bool: bool, write_f32: f32, write_f64: f64);
    short_values!(write_i8: i8, write_i16: i16, write_i32: i32, write_i64: i64, write_i128: i128);
    short_values!(write_u8: u8, write_u16: u16, write_u32: u32, write_u64: u64, write_u128: u128);

    fn write_null<W: Write + ?Sized>(&mut self, out: &mut W) -> Result<()> {
        self.number(out)?;
        out.write_all(b"null")
    }

    fn begin_string<W: Write + ?Sized>(&mut self, out: &mut W) -> Result<()> {
        self.other(out)?;
        out.write_all(b"\"")
    }

    fn begin_array<W: Write + ?Sized>(&mut self, out: &mut W) -> Result<()> {
        self.begin(out, b"[")
    }

    fn end_array<W: Write + ?Sized>(&mut self, out: &mut W) -> Result<()> {
        self.end(out, b"]")
    }

    fn begin_array_value<W: Write + ?Sized>(&mut self, _out: &mut W, first: bool) -> Result<()> {
        self.waiting = Some(first);
        Ok(())
    }

    fn begin_object<W: Write + ?Sized>(&mut self, out: &mut W) -> Result<()> {
        self.begin(out, b"{")
    }

    fn end_object<W: Write + ?Sized>(&mut self, out: &mut W) -> Result<()> {
        self.end(out, b"}")
    }

    fn begin_object_key<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> Result<()> {
        out.write_all(if first { b"" } else { b"," })?;
        self.own_line = true;
        self.line(out)
    }

    fn begin_object_value<W: Write + ?Sized>(&mut self, out: &mut W) -> Result<()> {
        out.write_all(b": ")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::readable;

    #[test]
    fn numbers_share_a_line_and_everything_else_has_its_own() {
        let value = json!({
            "confusion": [[1, 0], [0, 2]],
            "empty": [[], {}],
            "names": ["a", "b\n"],
            "per_class": [{ "f1": 0.5, "seen": true }],
            "share": [0.25, null, -1.0],
        });
        let expected = "{
  \"confusion\": [
    [1,0],
    [0,2]
  ],
  \"empty\": [
    [],
    {}
  ],
  \"names\": [
    \"a\",
    \"b\\n\"
  ],
  \"per_class\": [
    {
      \"f1\": 0.5,
      \"seen\": true
    }
  ],
  \"share\": [0.25,null,-1.0]
}
";
        let text = String::from_utf8(readable(&value).unwrap()).unwrap();
        assert_eq!(text, expected);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }
}

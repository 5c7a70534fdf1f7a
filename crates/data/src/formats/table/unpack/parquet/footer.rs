//! The schema in a Parquet file's footer, looked at before the library reads it: it follows nested columns by recursion and reserves room for as
//! many children as a column claims.
//!
//! The footer is a struct of Thrift's compact protocol, whose second field is a list of the columns in depth-first order.

/// Columns within columns, at most.
const DEEPEST: usize = 64;

/// Bytes behind the footer: its length and the mark.
const TAIL: usize = 8;

/// Refuses a schema that is nested too deep, or whose columns claim more children than there are columns.
pub(super) fn check(file: &[u8]) -> Result<(), String> {
    let cut = || "it is cut off".to_owned();
    let (before, tail) = file.split_last_chunk::<TAIL>().ok_or_else(cut)?;
    let [a, b, c, d, mark @ ..] = tail;
    if mark == b"PARE" {
        return Err("it is encrypted".into());
    }
    if mark != super::super::PARQUET {
        return Err(cut());
    }
    let length = usize::try_from(u32::from_le_bytes([*a, *b, *c, *d])).map_err(|_| cut())?;
    let footer = before.len().checked_sub(length).and_then(|start| before.get(start..)).ok_or_else(cut)?;
    let children = children(footer).ok_or("its footer is damaged")?;
    // How many columns are still to come at each level.
    let mut open: Vec<u64> = Vec::new();
    let columns = children.len() as u64;
    for count in children {
        if let Some(left) = open.last_mut() {
            *left = left.saturating_sub(1);
        }
        if count > columns {
            return Err("its footer is damaged: a column has more parts than there are columns".into());
        }
        if count > 0 {
            open.push(count);
        }
        while open.last() == Some(&0) {
            open.pop();
        }
        if open.len() > DEEPEST {
            return Err(format!("its columns are nested deeper than {DEEPEST} levels"));
        }
    }
    Ok(())
}

/// What each element of the schema says of its children.
fn children(footer: &[u8]) -> Option<Vec<u64>> {
    let mut bytes = Bytes(footer);
    let mut field = 0;
    loop {
        let kind = bytes.field(&mut field)?;
        match (kind, field) {
            (STOP, _) => return None,
            (LIST, 2) => break,
            (kind, _) => bytes.skip(kind, 0)?,
        }
    }
    let (count, kind) = bytes.list()?;
    // An element takes a byte at least.
    if kind != STRUCT || count > bytes.0.len() as u64 {
        return None;
    }
    (0..count).map(|_| bytes.element()).collect()
}

const STOP: u8 = 0;
const LIST: u8 = 9;
const STRUCT: u8 = 12;

/// Structs in structs that are passed over, at most.
const DEEPEST_SKIPPED: usize = 32;

struct Bytes<'b>(&'b [u8]);

impl Bytes<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn pass(&mut self, count: u64) -> Option<()> {
        self.0 = self.0.get(usize::try_from(count).ok()?..)?;
        Some(())
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// A number with a sign; `None` below 0.
    fn count(&mut self) -> Option<u64> {
        let number = self.number()?;
        (number & 1 == 0).then_some(number >> 1)
    }

    /// The type of the next field of a struct, and its number in place of the one before.
    fn field(&mut self, field: &mut u64) -> Option<u8> {
        let header = self.byte()?;
        *field = match header >> 4 {
            _ if header & 0x0F == STOP => *field,
            0 => self.number()? >> 1,
            step => field.checked_add(u64::from(step))?,
        };
        Some(header & 0x0F)
    }

    /// How many elements a list has, and their type.
    fn list(&mut self) -> Option<(u64, u8)> {
        let header = self.byte()?;
        let count = match header >> 4 {
            15 => self.number()?,
            count => u64::from(count),
        };
        Some((count, header & 0x0F))
    }

    /// The children of an element of the schema, which is passed over.
    fn element(&mut self) -> Option<u64> {
        let (mut field, mut children) = (0, 0);
        loop {
            match (self.field(&mut field)?, field) {
                (STOP, _) => return Some(children),
                (5, 5) => children = self.count()?,
                (kind, _) => self.skip(kind, 0)?,
            }
        }
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        if depth > DEEPEST_SKIPPED {
            return None;
        }
        match kind {
            1 | 2 => Some(()),
            3 => self.pass(1),
            4..=6 => self.number().map(drop),
            7 => self.pass(8),
            8 => {
                let length = self.number()?;
                self.pass(length)
            }
            9 | 10 => {
                let (count, kind) = self.list()?;
                // In a list, a truth value has a byte of its own.
                let kind = if kind < 3 { 3 } else { kind };
                (0..count).try_for_each(|_| self.skip(kind, depth + 1))
            }
            11 => match self.number()? {
                0 => Some(()),
                count => {
                    let kinds = self.byte()?;
                    (0..count).try_for_each(|_| {
                        self.skip((kinds >> 4).max(3), depth + 1)?;
                        self.skip((kinds & 0x0F).max(3), depth + 1)
                    })
                }
            },
            STRUCT => {
                let mut field = 0;
                loop {
                    match self.field(&mut field)? {
                        STOP => return Some(()),
                        kind => self.skip(kind, depth + 1)?,
                    }
                }
            }
            13 => self.pass(16),
            _ => None,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// A file of a schema whose elements have so many children.
    fn file(children: &[u8]) -> Vec<u8> {
        // Version 1, and a list of so many structs.
        let mut footer = vec![0x15, 0x02, 0x19, 0xFC];
        let mut count = children.len();
        while count > 0x7F {
            footer.push(count as u8 | 0x80);
            count >>= 7;
        }
        footer.push(count as u8);
        for children in children {
            // A name, `a`, and the number of children.
            footer.extend([0x48, 1, b'a', 0x15, 2 * children, 0]);
        }
        footer.push(0);
        let length = (footer.len() as u32).to_le_bytes();
        [b"PAR1", footer.as_slice(), &length, b"PAR1"].concat()
    }

    #[test]
    fn what_is_nested_too_deep_or_claims_too_much_is_refused() {
        assert_eq!(check(&file(&[2, 0, 1, 0])), Ok(()));
        let deep = check(&file(&[1; 2000])).unwrap_err();
        assert!(deep.contains("nested deeper than 64"), "{deep}");
        let claims = check(&file(&[60, 0])).unwrap_err();
        assert!(claims.contains("more parts than there are columns"), "{claims}");
        // A list that claims to be long.
        let mut long = file(&[0]);
        long[8] = 0x7F;
        assert!(check(&long).is_err());
    }
}

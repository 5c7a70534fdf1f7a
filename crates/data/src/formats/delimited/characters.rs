//! Cells as text, and bytes that are none.

use std::str::Utf8Error;

/// What was found where there is a NUL byte.
const NUL_BYTE: &str = "a NUL byte; the file is damaged, or no text";

/// A cell as text; or what was expected of it, and what was found.
pub(crate) fn text_of(cell: &[u8]) -> Result<&str, (&'static str, String)> {
    match std::str::from_utf8(cell) {
        Ok(text) if !text.contains('\0') => Ok(text),
        Ok(_) => Err(("text", NUL_BYTE.to_owned())),
        Err(error) => Err(("UTF-8 text", not_utf8(cell, &error))),
    }
}

/// A cell as messages show it.
pub(crate) fn shown(cell: &[u8]) -> String {
    match String::from_utf8_lossy(cell).trim() {
        "" => "nothing".to_owned(),
        cell => format!("`{}`", cell.chars().take(40).collect::<String>()),
    }
}

/// What was found in a text that is not UTF-8: the first wrong byte, where it is, and what to do.
pub(crate) fn not_utf8(text: &[u8], error: &Utf8Error) -> String {
    let place = error.valid_up_to();
    let byte = text.get(place).copied().unwrap_or_default();
    format!(
        "the byte 0x{byte:02X} as byte {} of `{}`; if the file is Latin-1 or Windows-1252, save it as UTF-8 (iconv -f \
         WINDOWS-1252 -t UTF-8)",
        place + 1,
        String::from_utf8_lossy(text).trim().chars().take(40).collect::<String>()
    )
}

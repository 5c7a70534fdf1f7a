//! serde's words for a value of the wrong type, made plain.

use serde::de::DeserializeOwned;

use super::Fault;
use super::fault::{Problem, nearest};

/// Reads what serde knows how to read.
///
/// # Errors
/// What is wrong, at which key of `value`.
pub fn read_value<T: DeserializeOwned>(value: toml::Value) -> Result<T, Fault> {
    serde_path_to_error::deserialize(value.clone()).map_err(|error| {
        let message = error.inner().message().trim().to_owned();
        let path = error.path().to_string();
        let path = if path == "." { "" } else { path.as_str() };
        if let Some(rest) = message.strip_prefix("unknown field ") {
            return unknown_key(path, rest);
        }
        if let Some(rest) = message.strip_prefix("missing field ") {
            let what = format!("the key {rest} is missing");
            return Fault::new(path, Problem::Missing { what });
        }
        if let (true, Some((table, name))) = (message.contains("newtype variant"), path.rsplit_once('.')) {
            return Fault::value(
                table,
                format!("a value with it, as in {{ {name} = 128 }}"),
                format!("\"{name}\""),
            );
        }
        let found = at(&value, path).map(described).unwrap_or_default();
        Fault::new(path, plain(&message, &found))
    })
}

/// serde's "unknown field" in the table at `path`, whose end may be the field itself.
fn unknown_key(path: &str, rest: &str) -> Fault {
    let mut quoted = rest.split('`').skip(1).step_by(2);
    let unknown = quoted.next().unwrap_or_default();
    let has: Vec<&str> = quoted.collect();
    let parent = match path.strip_suffix(unknown) {
        Some("") => "",
        Some(parent) => parent.strip_suffix('.').unwrap_or(path),
        None => path,
    };
    match parent {
        "" => Fault::unknown(unknown, "this table", &has),
        parent => Fault::unknown(unknown, format!("`{parent}`"), &has).within(parent),
    }
}

/// The value at `path`.
fn at<'a>(value: &'a toml::Value, path: &str) -> Option<&'a toml::Value> {
    let names = path.split(['.', '[', ']']).filter(|name| !name.is_empty());
    names.into_iter().try_fold(value, |value, name| match value {
        toml::Value::Array(list) => list.get(name.parse::<usize>().ok()?),
        value => value.get(name),
    })
}

/// What serde's `message` says; `value` describes what was found where the message does not.
fn plain(message: &str, value: &str) -> Problem {
    for start in ["invalid type: ", "invalid value: ", "invalid length "] {
        if let Some((found, expected)) =
            message.strip_prefix(start).and_then(|rest| rest.rsplit_once(", expected "))
        {
            let found = match start {
                "invalid length " => format!("{found} of them"),
                _ => found_words(found),
            };
            return Problem::Value { expected: expected_words(expected), found };
        }
    }
    if let Some(rest) = message.strip_prefix("unknown variant ") {
        let mut quoted = rest.split('`').skip(1).step_by(2);
        let unknown = quoted.next().unwrap_or_default();
        let known: Vec<&str> = quoted.collect();
        return unknown_name(unknown, &known);
    }
    match message.strip_prefix("expected ") {
        Some(expected) => Problem::Value { expected: expected.into(), found: value.into() },
        None => Problem::Refused(message.into()),
    }
}

/// A name that is none of the `known` ones.
pub fn unknown_name(unknown: &str, known: &[&str]) -> Problem {
    let hint = nearest(unknown, known).map(|name| format!("; did you mean \"{name}\"?")).unwrap_or_default();
    let known: Vec<String> = known.iter().map(|name| format!("\"{name}\"")).collect();
    let expected = match known.as_slice() {
        [only] => only.clone(),
        known => format!("one of {}", known.join(", ")),
    };
    Problem::Value { expected, found: format!("\"{unknown}\"{hint}") }
}

/// A value as a message quotes it.
pub fn described(value: &toml::Value) -> String {
    match value {
        toml::Value::Table(_) => "a table".into(),
        toml::Value::Array(list) => format!("a list of {}", list.len()),
        value => value.to_string(),
    }
}

fn found_words(found: &str) -> String {
    let quoted = || found.split('`').nth(1).unwrap_or(found).to_owned();
    match found.split_once(' ') {
        Some(("string", text)) => text.to_owned(),
        Some(("integer" | "boolean", _)) | Some(("floating", _)) => quoted(),
        _ => match found {
            "map" => "a table".into(),
            "sequence" => "a list".into(),
            other => other.to_owned(),
        },
    }
}

fn expected_words(expected: &str) -> String {
    match expected {
        "usize" | "u64" | "u32" | "u16" | "u8" => "a whole number from 0".into(),
        "i64" | "i32" => "a whole number".into(),
        "f64" | "f32" => "a number".into(),
        "a string" | "string" => "text in quotes".into(),
        "a boolean" => "true or false".into(),
        "a sequence" => "a list".into(),
        "string or map" => "a name, or a table".into(),
        other => match other.strip_prefix("an array of length ") {
            Some(length) => format!("a list of {length}"),
            None if other.starts_with("struct ") || other == "a map" => "a table".into(),
            None => other.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Scaling {
        None,
        Standard,
        Pixels,
        Channels,
    }

    fn read<T: DeserializeOwned>(value: &str) -> String {
        let value: toml::Value =
            format!("x = {value}").parse::<toml::Table>().unwrap_or_default().remove("x").unwrap_or(0.into());
        match read_value::<T>(value) {
            Ok(_) => "fine".into(),
            Err(fault) => fault.to_string(),
        }
    }

    #[test]
    fn types_are_told_in_plain_words() {
        assert_eq!(read::<usize>("\"many\""), "expected a whole number from 0, found \"many\"");
        assert_eq!(read::<usize>("1.5"), "expected a whole number from 0, found 1.5");
        assert_eq!(read::<usize>("-1"), "expected a whole number from 0, found -1");
        assert_eq!(read::<f64>("true"), "expected a number, found true");
        assert_eq!(read::<Vec<usize>>("{ a = 1 }"), "expected a list, found a table");
        assert_eq!(read::<[f64; 2]>("[1.0]"), "expected a list of 2, found 1 of them");
        assert_eq!(read::<bool>("[]"), "expected true or false, found a list");
        assert_eq!(read::<String>("3"), "expected text in quotes, found 3");
        assert_eq!(
            read::<Scaling>("\"standrad\""),
            "expected one of \"none\", \"standard\", \"pixels\", \"channels\", found \"standrad\"; did you mean \
             \"standard\"?"
        );
    }
}

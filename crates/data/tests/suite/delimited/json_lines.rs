//! JSON lines: what is no such line, in training and in prediction.

use super::{Reader, assert_same, message, read, title_input, titles};

const JSON: Reader = Reader {
    name: "json lines",
    text: "{\"title\": \"red cup\", \"category\": \"cup\"}\n{\"title\": \"blue plate\", \"category\": \"plate\"}\n",
    train: |bytes| read(bytes, "x.jsonl", titles("x.jsonl", |_| {})),
    predict: Some(|bytes| title_input().read("new.jsonl", bytes, None)),
};

#[test]
fn marks_and_blank_lines_do_not_matter() {
    let lines = JSON.text.lines().collect::<Vec<_>>();
    for text in [
        format!("\u{feff}{}", JSON.text),
        format!("{}\n\u{feff}{}\n", lines[0], lines[1]),
        format!("\n{}\n\n{}\n\n", lines[0], lines[1]),
        format!("  {}\r\n{} ", lines[0], lines[1]),
    ] {
        assert_same(&JSON, text.as_bytes(), "marks and blanks");
    }
}

#[test]
fn lines_that_are_no_objects_are_named_with_line_and_column() {
    for (line, problem) in [
        (r#"{"title": NaN}"#, "not a JSON object: JSON has no `NaN`, found at column 11; write null"),
        (r#"{"price": -Infinity, "title": "a"}"#, "JSON has no `-Infinity`, found at column 12"),
        (r#"{"title": "cup \ud800"}"#, "at column"),
        (r#"{"title": "cup \ud800 x"}"#, "half a character"),
        (r#"{"title": "a", "title": "b"}"#, "not a JSON object: `title` is there twice at column 2"),
        (r#"{"title": "a",}"#, "not a JSON object: trailing comma at column 15"),
        (r#"["a"]"#, "expected a JSON object, found a list; each line must hold one object"),
        (r#"{"title": "a""#, "at column 13; each object must end on the line it begins on"),
        (r#"{"title": "a"} x"#, "not a JSON object: trailing characters at column 16"),
        (r#""a""#, "not a JSON object: invalid type: string \"a\", expected an object"),
    ] {
        let text = format!("{}{line}\n", JSON.text);
        for found in [message((JSON.train)(text.as_bytes())), message(JSON.predict.unwrap()(text.as_bytes()))]
        {
            assert!(found.contains("line 3: ") && found.contains(problem), "{line}: {found}");
        }
    }
}

#[test]
fn a_file_that_is_one_list_is_told_from_json_lines() {
    for text in ["[{\"title\": \"a\", \"category\": \"x\"}]", "[\n  {\"title\": \"a\"}\n]\n"] {
        for found in [message((JSON.train)(text.as_bytes())), message(JSON.predict.unwrap()(text.as_bytes()))]
        {
            assert!(found.contains("line 1: expected a JSON object, found a list"), "{found}");
        }
    }
}

#[test]
fn fields_that_are_not_used_may_be_there_twice() {
    let text = JSON.text.replace("{", "{\"id\": 1, \"id\": 2, ");
    assert_same(&JSON, text.as_bytes(), "twice");
}

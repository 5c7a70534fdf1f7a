//! One column.

use chrono::Datelike;

use super::census::Census;
use super::numbers::{all_numbers, is_absent};
use super::tally::Tally;
use super::words::{self, Found};
use super::{ColumnFacts, ColumnUse, TableFacts, TableWishes};
use crate::formats::table::columns::{ColumnKind, Notation, parse_date};
use crate::warnings::{self, FEWEST_ROWS, steady_step};

/// Examples that are kept.
const EXAMPLES: usize = 3;

/// Different codes at most.
const MOST_CODES: usize = 1_000;

/// Different words in a column of numbers that are asked about, at most.
const MOST_WORDS: usize = 3;

/// Groups at least that are asked about for their name alone.
const FEWEST_GROUPS: usize = 10;

/// Numbers that some write where there is none.
const SENTINELS: [f64; 6] = [-999.0, -9999.0, -99.0, -9.0, 9999.0, 99999.0];

/// What a column holds. Words for missing numbers that it has are added to the notation, and questions to `facts`.
pub(super) fn facts(
    name: &str,
    cells: &[&str],
    census: Option<&Census>,
    twin: Option<&String>,
    wishes: &TableWishes,
    facts: &mut TableFacts,
) -> ColumnFacts {
    let there: Vec<&str> = cells.iter().copied().filter(|cell| !is_absent(cell, &facts.notation)).collect();
    let tally = &Tally::of(cells, &there, &facts.notation, census);
    let &Tally { missing, distinct, .. } = tally;
    let mut examples = Vec::new();
    for &cell in &there {
        if examples.len() < EXAMPLES && !examples.iter().any(|known| known == cell) {
            examples.push(cell.to_owned());
        }
    }
    let with = |used, kind, reason: String| ColumnFacts {
        name: name.to_owned(),
        used,
        kind,
        reason,
        missing,
        distinct,
        examples: examples.clone(),
        levels: Vec::new(),
    };
    let left_out = |reason: &str| with(ColumnUse::LeftOut, None, reason.to_owned());
    let found = kind(name, cells, &there, tally, facts);
    if wishes.target.as_deref() == Some(name) {
        let Found { kind, reason, .. } =
            found.unwrap_or_else(|| Found::new(ColumnKind::Category, "as it was asked for"));
        if matches!(kind, ColumnKind::Category | ColumnKind::Text) {
            ask_about_words(name, &there, tally, facts);
        }
        return with(ColumnUse::Target, Some(kind), reason);
    }
    if wishes.group.as_deref() == Some(name) {
        return with(ColumnUse::Group, None, format!("{distinct} groups"));
    }
    if wishes.drop.iter().any(|dropped| dropped == name) {
        return left_out("as it was asked for");
    }
    if there.is_empty() {
        return left_out("every cell is missing");
    }
    if matches!(found, None | Some(Found { kind: ColumnKind::Category | ColumnKind::Text, .. })) {
        ask_about_words(name, &there, tally, facts);
    }
    if distinct == 1 && missing == 0 {
        return left_out("every cell is the same");
    }
    if let Some(twin) = twin {
        return left_out(&format!("the same as `{twin}`"));
    }
    let Some(Found { kind, reason, levels }) = found else {
        return left_out("another cell in every row, which only tells them apart");
    };
    let numbers: Vec<f64> = match kind {
        ColumnKind::Number { .. } => {
            there.iter().filter_map(|cell| facts.notation.number(cell).ok()).collect()
        }
        _ => Vec::new(),
    };
    let steady = || missing == 0 && steady_step(&numbers).is_some_and(|step| step.abs() == 1.0);
    if census.map_or_else(steady, Census::counts_rows) {
        return left_out("counts the rows");
    }
    let whole = numbers.iter().all(|number| number.fract() == 0.0);
    if names_rows(name) && whole && distinct == tally.there && tally.there >= FEWEST_ROWS {
        return left_out("a row number or key, as its name says: another cell in every row");
    }
    if !matches!(kind, ColumnKind::Category | ColumnKind::Text) {
        // `None` may be a level.
        let is_level = |cell: &&str| levels.iter().any(|level| level == cell);
        take_missing_words(cells.iter().copied().filter(|cell| !is_level(cell)), facts);
    }
    ask_about_sentinels(name, &there, &numbers, tally, facts);
    if names_rows(name) && kind == ColumnKind::Category
        || is_key(name) && distinct > 20 && distinct < tally.there
        || names_someone(name) && distinct >= FEWEST_GROUPS && distinct * 2 <= tally.there
    {
        facts.questions.push(format!(
            "`{name}` has {distinct} values in {} rows and is called as a key is: do rows of one belong together? Then --group {name} keeps \
             them in one split.",
            tally.there
        ));
    }
    ColumnFacts { levels, ..with(ColumnUse::Feature, Some(kind), reason) }
}

fn kind(
    name: &str,
    cells: &[&str],
    there: &[&str],
    tally: &Tally<'_>,
    facts: &mut TableFacts,
) -> Option<Found> {
    if there.is_empty() {
        return None;
    }
    let missing = tally.missing;
    if all_numbers(there, &facts.notation) && !are_days(there) {
        if let Some(reason) = codes(name, there, tally) {
            // Digits alone are in no order of words.
            return Some(Found { reason: reason.into(), ..words::kind(there, there, tally, name)? });
        }
        let optional = missing > 0;
        let reason = match (optional, how_written(&facts.notation, there)) {
            (false, None) => "every cell is a number".into(),
            (true, None) => format!("every cell is a number but {missing} missing ones"),
            (_, Some(how)) => {
                format!("every cell{} is a number {how}", if optional { " that is there" } else { "" })
            }
        };
        return Some(Found::new(ColumnKind::Number { optional }, reason));
    }
    let written: Vec<&str> = cells.iter().copied().filter(|cell| !facts.notation.is_missing(cell)).collect();
    let found = words::kind(there, &written, tally, name)?;
    if let ColumnKind::Date { form, .. } = &found.kind
        && let Some(other) = words::other_way_round(there, form)
    {
        facts.questions.push(format!(
            "The dates of `{name}` are read as {form}; they could be {other} as well. If so, write that form behind the kind \
             in the recipe."
        ));
    }
    Some(found)
}

/// Whether whole numbers are days written without marks: `20240331`, all of them days of our time.
fn are_days(there: &[&str]) -> bool {
    let is_day = |cell: &&str| {
        let year = parse_date(cell, "%Y%m%d").map(|moment| moment.date().year());
        cell.len() == 8 && year.is_some_and(|year| (1900..=2100).contains(&year))
    };
    there.iter().all(is_day)
}

/// Why numbers are names and not for reckoning, where they are.
fn codes(name: &str, there: &[&str], tally: &Tally<'_>) -> Option<&'static str> {
    const NAMES: [&str; 6] = ["zip", "zipcode", "postcode", "postalcode", "plz", "code"];
    let digits = there.iter().all(|cell| cell.bytes().all(|byte| byte.is_ascii_digit()));
    let lengths = || there.iter().map(|cell| cell.len());
    let padded = there.iter().any(|cell| cell.len() > 1 && cell.starts_with('0'));
    if digits && padded && lengths().min() == lengths().max() {
        return Some("digits of one length, with zeros before some: names, not numbers");
    }
    let lower: String =
        name.trim().to_lowercase().chars().filter(|c| !matches!(c, ' ' | '_' | '-')).collect();
    let named = NAMES.iter().any(|known| lower == *known) || name.to_lowercase().ends_with("_code");
    let few = tally.distinct <= MOST_CODES && tally.distinct * 4 <= tally.there;
    (digits && named && few).then_some("whole numbers of which the name says that they are codes")
}

/// Asks about a column of numbers with a word here and there: a missing value, a second header, a row of sums.
fn ask_about_words(name: &str, there: &[&str], tally: &Tally<'_>, facts: &mut TableFacts) {
    let words: Vec<&str> =
        there.iter().copied().filter(|cell| facts.notation.number(cell).is_err()).collect();
    let different = tally.counted(&words);
    if there.len() < FEWEST_ROWS
        || words.is_empty()
        || words.len() * 5 > there.len()
        || different.len() > MOST_WORDS
    {
        return;
    }
    let listed: Vec<String> = different.iter().map(|(word, count)| format!("`{word}` in {count}")).collect();
    let flags: Vec<String> = different.keys().map(|word| format!("--missing={word}")).collect();
    facts.questions.push(format!(
        "`{name}` holds numbers but for {}: does that mean missing? Then {} says so. A second header or a row of sums is to be \
         taken out of the file.",
        listed.join(", "),
        flags.join(" ")
    ));
}

/// How numbers are written that are not plain.
fn how_written(notation: &Notation, there: &[&str]) -> Option<String> {
    let plain = Notation::default();
    if there.iter().all(|cell| plain.number(cell).is_ok()) {
        return None;
    }
    let mut how = Vec::new();
    how.extend(notation.decimal.map(|mark| format!("with `{mark}` before its decimals")));
    how.extend(notation.thousands.map(|mark| format!("with `{mark}` between its thousands")));
    let used = notation.units.iter().filter(|unit| there.iter().any(|cell| cell.contains(unit.as_str())));
    how.extend(used.map(|unit| format!("in `{unit}`")));
    let below = notation.parentheses && there.iter().any(|cell| cell.contains('('));
    how.extend(below.then(|| "in parentheses where it is below 0".to_owned()));
    Some(how.join(", "))
}

/// The words for missing numbers, dates and levels go into the recipe: in a column of these they can mean nothing else.
pub(super) fn take_missing_words<'c>(cells: impl IntoIterator<Item = &'c str>, facts: &mut TableFacts) {
    for cell in cells {
        if !cell.is_empty()
            && is_absent(cell, &facts.notation)
            && !facts.notation.missing.iter().any(|word| word == cell)
        {
            facts.notation.missing.push(cell.to_owned());
        }
    }
}

fn ask_about_sentinels(
    name: &str,
    there: &[&str],
    numbers: &[f64],
    tally: &Tally<'_>,
    facts: &mut TableFacts,
) {
    for sentinel in SENTINELS {
        let count = numbers.iter().filter(|&&number| number == sentinel).count();
        let others = numbers.iter().copied().filter(|number| *number != sentinel);
        let (least, greatest) =
            others.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
        let apart = if sentinel < 0.0 { least >= 0.0 } else { greatest < sentinel / 5.0 };
        if count >= 3 && apart && least.is_finite() {
            let written =
                there.iter().find(|cell| facts.notation.number(cell).is_ok_and(|number| number == sentinel));
            let written = written.copied().unwrap_or_default();
            let count = tally.count(written, count);
            let others = if tally.is_sampled() { "others that were looked at" } else { "all others" };
            facts.questions.push(format!(
                "`{name}` is {written} in {count} rows, and from {least} to {greatest} in {others}: does that mean missing? \
                 Then --missing={written} says so."
            ));
        }
    }
}

/// Whether a name is one that keys and row numbers have.
pub(super) fn names_rows(name: &str) -> bool {
    const KEYS: [&str; 3] = ["key", "uuid", "guid"];
    warnings::names_rows(name) || KEYS.contains(&name.trim().to_lowercase().as_str()) || is_key(name)
}

/// Whether a name is that of someone or something of whom there may be several rows.
fn names_someone(name: &str) -> bool {
    const SOMEONE: [&str; 16] = [
        "patient",
        "subject",
        "customer",
        "client",
        "user",
        "person",
        "household",
        "family",
        "session",
        "device",
        "machine",
        "sensor",
        "school",
        "hospital",
        "student",
        "driver",
    ];
    SOMEONE.contains(&name.trim().to_lowercase().as_str())
}

/// Whether a name ends as those of keys do: `customer_id`, `PassengerId`.
fn is_key(name: &str) -> bool {
    let (name, lower) = (name.trim(), name.trim().to_lowercase());
    let parted = ["_id", " id", "-id"].iter().any(|ending| lower.ends_with(ending));
    // `PassengerId` is one, `PAID` and `Druid` are none.
    let joined = ["Id", "ID"].iter().find_map(|ending| name.strip_suffix(ending));
    parted || joined.is_some_and(|before| before.ends_with(char::is_lowercase))
}

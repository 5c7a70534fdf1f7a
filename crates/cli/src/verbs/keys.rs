//! `keys`: what can stand in a recipe, with defaults and ranges.

use brasa_data::keys::{Key, KindFacts, nearest};
use brasa_train::recipe::Section;
use clap::Args;
use serde_json::{Value, json};

use super::Verb;
use crate::app::App;
use crate::args::Common;
use crate::error::{CliError, Result};
use crate::output::Screen;

/// List the kinds that a recipe can choose, or the keys of one with defaults and ranges
#[derive(Debug, Args)]
pub(crate) struct Keys {
    /// A kind (`adam`), a table (`optimizer`), or both (`optimizer.adam`)
    #[arg(value_name = "KIND")]
    about: Option<String>,
}

impl Verb for Keys {
    fn run(&self, _: &App, _: &Common, screen: Screen) -> Result<()> {
        let sections = Section::all();
        let found = match &self.about {
            None => return list(&sections, screen),
            Some(about) => find(&sections, about)?,
        };
        let described = found.iter().map(|&(section, kind)| object(section, kind)).collect::<Vec<_>>();
        screen.object(&json!({ "kinds": described }))?;
        let texts = found.iter().map(|&(section, kind)| text(section, kind)).collect::<Vec<_>>();
        screen.say(texts.join("\n\n"));
        Ok(())
    }
}

fn list(sections: &[Section], screen: Screen) -> Result<()> {
    let kinds = |section: &Section| section.kinds.iter().map(|kind| kind.name).collect::<Vec<_>>();
    let tables = sections.iter().map(|section| json!({ "table": name(section), "kinds": kinds(section) }));
    screen.object(&json!({ "tables": tables.collect::<Vec<_>>() }))?;
    let width = sections.iter().map(|section| section.table.len()).max().unwrap_or(0);
    for section in sections {
        screen.say(format!("{:<width$}  {}", section.table, kinds(section).join(", ")));
    }
    Ok(())
}

/// The table as it is typed: `optimizer`, `augment`.
fn name(section: &Section) -> &str {
    section.table.split(']').next().unwrap_or_default().trim_start_matches('[')
}

/// The kinds that `about` means; several where tables have kinds of one name.
fn find<'a>(sections: &'a [Section], about: &str) -> Result<Vec<(&'a Section, &'a KindFacts)>> {
    let all = || sections.iter().flat_map(|section| section.kinds.iter().map(move |kind| (section, kind)));
    let full = |section: &Section, kind: &KindFacts| format!("{}.{}", name(section), kind.name);
    let is_meant = |&(section, kind): &(&Section, &KindFacts)| {
        about == kind.name || about == name(section) || about == full(section, kind)
    };
    let found: Vec<_> = all().filter(is_meant).collect();
    if found.is_empty() {
        let mut names: Vec<String> = sections.iter().map(|section| name(section).to_owned()).collect();
        names.extend(all().map(|(_, kind)| kind.name.to_owned()));
        names.extend(all().map(|(section, kind)| full(section, kind)));
        let hint = nearest(about, &names).map(|near| format!("; did you mean `{near}`?"));
        return Err(CliError::Usage(format!(
            "no kind or table is called `{about}`{}",
            hint.unwrap_or_else(|| "; without a name, all are listed".into())
        )));
    }
    Ok(found)
}

fn object(section: &Section, kind: &KindFacts) -> Value {
    let key = |key: &Key| {
        json!({
            "name": key.name,
            "about": key.about,
            "default": key.default,
            "needed": key.needed,
            "range": key.bounds.map(|bounds| bounds.to_string()),
        })
    };
    let keys = kind.keys.iter().chain(&section.shared).map(key);
    json!({ "table": name(section), "kind": kind.name, "about": kind.about, "keys": keys.collect::<Vec<_>>() })
}

fn text(section: &Section, kind: &KindFacts) -> String {
    let keys = kind.keys.iter().chain(&section.shared);
    let mut lines = vec![format!("{} kind = \"{}\"", section.table, kind.name), kind.about.clone()];
    for key in keys {
        let default = match (&key.default, key.needed) {
            (Some(value), _) => format!(" = {value}"),
            (None, true) => " (needed)".into(),
            (None, false) => String::new(),
        };
        let range = key.bounds.map(|bounds| format!(" Takes {bounds}.")).unwrap_or_default();
        lines.push(format!("\n  {}{default}\n      {}{range}", key.name, key.about));
    }
    lines.join("\n")
}

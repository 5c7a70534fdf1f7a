//! Texts of a person's own: a file with a text and a class in each line.

use std::path::Path;

use brasa_data::{ColumnFacts, DataConfig, SplitFiles, TableWishes, TextConfig, TextFiles, load};
use serde_json::{Value, json};

use super::args::{place, quoted, reading, table_facts};
use super::toml_text::{Toml, inline, one_line};
use super::{
    Own, ROWS_OF_A_PART, VALID, counted, epochs, imbalance, kind_of_split, show_classes, show_questions,
    smallest,
};
use crate::args::{Effort, OwnArgs};
use crate::error::{CliError, Result};
use crate::output::Screen;

/// What is a token beside words: pairs and triples of words, parts of three to five characters.
const ROW: usize = 3;
const PARTS: [usize; 2] = [3, 5];

/// What is met with once says nothing of other texts.
const MIN_COUNT: u64 = 2;

/// Tokens of a text, at most.
const LONGEST: usize = 512;

/// Words of a text that is read in their order as well, at most: a network over longer ones takes minutes.
const SHORT: usize = 64;

/// Texts, looked at.
pub(super) struct OwnText {
    name: String,
    config: TextConfig,
    test: Option<String>,
    rows: usize,
    classes: Vec<(String, usize)>,
    /// Tokens of the middle text, and of one that few are longer than.
    lengths: [usize; 2],
    /// Whether nearly all texts are of few words.
    short: bool,
    questions: Vec<String>,
}

impl OwnText {
    pub(super) fn look(args: &OwnArgs, path: &Path) -> Result<Self> {
        let (name, files) = place(path);
        let (Some(text), Some(target)) = (&args.text, &args.target) else {
            return Err(missing(args, path, &name));
        };
        let config = TextConfig {
            file: Some(name.clone()),
            text: Some(text.clone()),
            target: Some(target.clone()),
            row: Some(ROW),
            parts: Some(PARTS),
            min_count: Some(MIN_COUNT),
            ..TextConfig::default()
        };
        let test = args.test_file(path)?;
        let all = TextConfig { length: Some(LONGEST), ..config.clone() };
        let data = DataConfig { text: Some(all), ..DataConfig::default() }.check()?;
        let data = load(&data, &files).map_err(reading(path))?;
        let rows: Vec<usize> = (0..data.len()).collect();
        let classes = counted(&data, &rows);
        let tokens =
            |&row: &usize| data.samples.u32_row(row).into_iter().flatten().filter(|&&id| id > 0).count();
        let mut lengths: Vec<usize> = rows.iter().map(tokens).collect();
        lengths.sort_unstable();
        let at = |share: f64| lengths.get((share * lengths.len() as f64) as usize).copied().unwrap_or(1);
        let questions = Vec::from_iter(imbalance(&classes));
        let plain = data.text.as_ref().and_then(|text| text.plain);
        // A filter sees three words.
        let short = plain.is_some_and(|plain| (3..=SHORT).contains(&plain.length));
        Ok(Self {
            name,
            config,
            test,
            rows: data.len(),
            classes,
            lengths: [at(0.5), at(0.99)],
            short,
            questions,
        })
    }
}

/// What to say where the text or the target was not named: with the fields that there are.
fn missing(args: &OwnArgs, path: &Path, name: &str) -> CliError {
    let (flag, what) = match args.text {
        None => ("--text", "which field holds the texts"),
        Some(_) => ("--target", "which field holds the classes"),
    };
    let facts = match table_facts(path, &TableWishes::default()) {
        Ok(facts) => facts,
        Err(error) => return error,
    };
    let field = |column: &ColumnFacts| {
        let example: String =
            column.examples.first().into_iter().flat_map(|text| text.chars()).take(40).collect();
        format!("\n  {flag} {}  {example:?}", quoted(&column.name))
    };
    let fields: String = facts.columns.iter().map(field).collect();
    CliError::Usage(format!("{flag} is missing: {what} of {name}?{fields}"))
}

impl Own for OwnText {
    fn recipe(&self, args: &OwnArgs) -> Result<String> {
        let effort = args.effort.unwrap_or_default();
        let mut text = Toml::default();
        text.line(format_args!(
            "# {}: {} texts of {} classes. Edit what is wrong here; every key is in the guide.",
            one_line(&self.name),
            self.rows,
            self.classes.len()
        ));
        text.questions(&self.questions);
        let target = self.config.target.clone().unwrap_or_default();
        text.entry("description", format!("{target} from {}", self.name));
        text.line(format_args!("\n[data.text]"));
        let length = self.lengths[1].div_ceil(8).max(1) * 8;
        let files = self.test.as_ref().map(|test| {
            TextFiles::Splits(SplitFiles { train: self.name.clone(), valid: None, test: Some(test.clone()) })
        });
        let config = TextConfig {
            file: self.config.file.clone().filter(|_| files.is_none()),
            files,
            length: Some(length.min(LONGEST)),
            ..self.config.clone()
        };
        let comment = |key: &str| match key {
            "row" => "  # words in a row that are a token, too",
            "parts" => "  # parts of words that are tokens, too: characters of the shortest and the longest",
            "min_count" => "  # tokens that are rarer are left out",
            "length" => "  # tokens of a text; one text of a hundred is cut",
            _ => "",
        };
        let data = toml::Table::try_from(&config);
        for (key, value) in data.into_iter().flatten() {
            text.line(format_args!("{}{}", inline(&key, &value), comment(&key)));
        }
        let smallest = smallest(&self.classes);
        match &self.test {
            Some(_) => text.given_split("texts"),
            None => text.dealt_split(kind_of_split(false, smallest)),
        }
        let training = (self.rows as f64 * (1.0 - VALID)) as usize;
        let (samples, most, bag) = match effort {
            Effort::Quick => (70_000, 10, 1),
            Effort::Normal if self.short => (130_000, 32, 5),
            Effort::Normal => (200_000, 48, 5),
            Effort::Best => (300_000, 60, 10),
        };
        let bag = bag.min(self.rows / ROWS_OF_A_PART);
        let (dims, lr) = if self.short { (96, "1e-2") } else { (128, "5e-3") };
        text.line(format_args!(
            "\n[model]\nkind = \"text-mlp\"  # layers over the mean of the vectors of a text's tokens\nhidden = [256]\n\
             dropout = [0.5]\nword_dropout = 0.5  # each text is learnt from by another half of its tokens\n\n\
             [embedding]\nkind = \"random\"\ndims = {dims}\ndeviation = 0.1\n\n[loss]\nlabel_smoothing = 0.1\n\n\
             [optimizer]\nkind = \"adamw\"\nlr = {lr}\nweight_decay = 1e-2\n\
             lazy = true  # vectors of tokens that a batch does not have stay as they are\n\n[schedule]\nkind = \"one-cycle\"\n\n\
             [training]\nepochs = {}\nbatch_size = {}\nmonitor = \"loss\"",
            epochs(samples, training, [3, most]),
            if training < 2_000 { 16 } else { 64 }
        ));
        text.time_limit(args.time);
        if text.bag(bag, "texts") && self.short {
            text.blend("text-cnn");
            text.line(format_args!(
                "filter_sizes = [1, 2, 3]  # words that a filter sees: of the text's words, in their order\nfilters = 64\ndropout = [0.3]\n\
                 word_dropout = 0.1\nrate = 0.5  # of that of [optimizer]"
            ));
        }
        Ok(text.finish())
    }

    fn show(&self, screen: Screen) {
        let [middle, most] = self.lengths;
        screen.say(format!(
            "{}: {} texts; the middle one has {middle} tokens, one of a hundred more than {most} (words, two or three words in a row, and parts of words)\n",
            self.name, self.rows
        ));
        show_classes(&self.classes, "texts", screen);
        show_questions(&self.questions, screen);
        screen.say("");
    }

    fn facts(&self) -> Value {
        json!({ "texts": self.rows, "classes": self.classes, "middle_length": self.lengths[0], "length": self.lengths[1] })
    }

    fn questions(&self) -> &[String] {
        &self.questions
    }
}

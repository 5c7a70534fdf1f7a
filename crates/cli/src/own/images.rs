//! Images of a person's own: a folder for each class.

use std::io::Read;
use std::path::Path;

use brasa_data::{Files, ImagesConfig, ImagesFacts, Role, TableFacts, TableWishes, TaskKind};
use serde_json::{Value, json};

use super::args::{beside, place, quoted, reading, table_facts};
use super::toml_text::{Toml, one_line};
use super::{
    Own, ROWS_OF_A_PART, TEST, VALID, epochs, imbalance, kind_of_split, show_classes, show_questions,
    smallest,
};
use crate::args::{Effort, OwnArgs};
use crate::context;
use crate::error::{CliError, Result};
use crate::output::Screen;

/// The longer side of an image that a network looks at, at most; of a quick training.
const SIDE: usize = 64;
const QUICK_SIDE: usize = 32;

/// Images, looked at.
pub(super) struct OwnImages {
    name: String,
    config: ImagesConfig,
    facts: ImagesFacts,
    questions: Vec<String>,
}

impl OwnImages {
    /// A folder or an archive with a folder for each class, or with images that the table of `--labels` names.
    pub(super) fn look(args: &OwnArgs, path: &Path) -> Result<Self> {
        let (name, _) = place(path);
        let config = ImagesConfig::at(&name, path.is_dir());
        let Some(labels) = &args.labels else {
            let typed = [("--target", args.target.is_some()), ("--group", args.group.is_some())];
            if let Some((flag, _)) = typed.iter().find(|(_, typed)| *typed) {
                return Err(CliError::Usage(format!(
                    "{flag} does not go with images in a folder per class; where a table beside names their classes, give it by --labels"
                )));
            }
            return Self::of(config, path);
        };
        let labels_name = beside(labels, path, "--labels")?;
        let facts = table_of(labels, args)?;
        match named_by(config, labels, &labels_name, &facts, args)? {
            Some(config) => Self::of(config, path),
            None => {
                let problem =
                    "no column holds the paths of the images, below their folder or in their archive";
                Err(CliError::Input { path: labels.clone(), problem: problem.into() })
            }
        }
    }

    /// A table one of whose columns holds the paths of images that lie beside it, where their class is asked for; `None` for any other table, and where
    /// something is asked for that goes with tables alone.
    pub(super) fn named_in(args: &OwnArgs, path: &Path) -> Result<Option<Self>> {
        let as_table = args.task.is_some()
            || args.order.is_some()
            || args.test.is_some()
            || !(args.drop.is_empty() && args.missing.is_empty());
        if args.target.is_none() || as_table || !mentions_images(path) {
            return Ok(None);
        }
        let facts = table_of(path, args)?;
        if facts.task == Some(TaskKind::Regression) {
            return Ok(None);
        }
        let (_, name) = context::parts(path);
        let beside = ImagesConfig { folder: Some(".".into()), ..ImagesConfig::default() };
        let config = named_by(beside, path, &name, &facts, args)?;
        config.map(|config| Self::of(config, path)).transpose()
    }

    fn of(config: ImagesConfig, path: &Path) -> Result<Self> {
        let (name, files) = place(path);
        let facts = ImagesFacts::of(&config, &files).map_err(reading(path))?;
        let mut questions = vec![
            "Is a mirrored image still one of its class? Then add { kind = \"horizontal-flip\", p = 0.5 } to the steps of \
             [augment]: letters and left hands are not"
                .to_owned(),
        ];
        questions.extend(imbalance(&facts.classes));
        if config.labels.is_some() && config.group.is_none() {
            questions.push(
                "Do several images show one patient, animal or place, or come from one camera? Name its column by --group, or images of one \
                 are dealt to all splits"
                    .to_owned(),
            );
        }
        if let Some(first) = &facts.first_bad {
            let words = if facts.bad == 1 {
                "1 image cannot be read and is".into()
            } else {
                format!("{} images cannot be read and are", facts.bad)
            };
            questions.push(format!("{words} passed over: is that right? {first}"));
        }
        Ok(Self { name, config, facts, questions })
    }

    /// Height and width that the network is given.
    fn size(&self, effort: Effort) -> [usize; 2] {
        let most = if effort == Effort::Quick { QUICK_SIDE } else { SIDE };
        let [height, width] = [self.facts.heights[1], self.facts.widths[1]];
        let longer = height.max(width);
        if longer <= most {
            return [height, width];
        }
        // Images of one ratio keep it; of others, the middle square is looked at.
        match self.facts.one_ratio {
            true => [height, width].map(|side| (side * most).div_ceil(longer).max(8)),
            false => [most, most],
        }
    }

    fn splits(&self) -> Option<&[(Role, usize)]> {
        self.facts.splits.as_deref()
    }
}

impl Own for OwnImages {
    fn recipe(&self, args: &OwnArgs) -> Result<String> {
        let (facts, effort) = (&self.facts, args.effort.unwrap_or_default());
        let (mut text, [height, width]) = (Toml::default(), self.size(effort));
        text.line(format_args!(
            "# {}: {} images of {} classes. Edit what is wrong here; every key is in the guide.",
            one_line(&self.name),
            facts.images,
            facts.classes.len()
        ));
        text.questions(&self.questions);
        let what = if self.config.labels.is_some() { "the images of" } else { "the folders of" };
        text.entry("description", format!("{what} {}", self.name));
        text.line(format_args!(
            "\n[data]\nscaling = \"pixels\"  # each channel by its mean and deviation\n\n[data.images]"
        ));
        let ImagesConfig { folder, archive, labels, path, target, group, .. } = &self.config;
        for (key, value) in [
            ("folder", folder),
            ("archive", archive),
            ("labels", labels),
            ("path", path),
            ("target", target),
            ("group", group),
        ] {
            value.iter().for_each(|value| text.entry(key, value.as_str()));
        }
        let channels = if facts.grey { "1  # all are grey" } else { "3  # red, green, blue" };
        let [least, _, most] = [0, 1, 2].map(|place| (facts.heights[place], facts.widths[place]));
        text.line(format_args!(
            "channels = {channels}\nsize = [{height}, {width}]  # height and width; the files have {} x {} to {} x {}",
            least.0, least.1, most.0, most.1
        ));
        if !facts.one_ratio {
            text.line(format_args!("crop = \"center\"  # their proportions differ"));
        }
        if facts.bad > 0 {
            text.line(format_args!("skip_bad = {}", facts.bad));
        }
        let smallest = smallest(&facts.classes);
        match self.splits() {
            Some(splits) if splits.iter().any(|(role, _)| *role == Role::Valid) => {
                text.line(format_args!("\n[data.split]\nkind = \"given\"  # by the folders"));
            }
            Some(_) => text.given_split("images"),
            None => text.dealt_split(kind_of_split(group.is_some(), smallest)),
        }
        text.line(format_args!(
            "\n[augment]\nsteps = [\n    {{ kind = \"affine\", degrees = 10, shift = 0.1, scale = 0.1, border = \"reflect\", p = 0.9 }},\n    \
             {{ kind = \"contrast\", factor = 0.2, p = 0.5 }},\n]"
        ));
        // Each halving leaves maps of at least four pixels.
        let halvings = (height.min(width) / 4).max(1).ilog2().min(3) as usize;
        let blocks = [64, 128, 256].into_iter().take(halvings.max(1));
        text.line(format_args!("\n[model]\nkind = \"sequential\"  # a small residual network\nlayers = [\n    \"conv 32 3x3 padding=1\", \"batch-norm\", \"relu\","));
        for (place, channels) in blocks.enumerate() {
            let pool = if place < halvings { "\"max-pool 2\", " } else { "" };
            text.line(format_args!("    {pool}\"residual {channels}\","));
        }
        text.line(format_args!("    \"global-avg-pool\", \"dropout 0.3\",\n]"));
        text.line(format_args!("\n[loss]\nlabel_smoothing = 0.1"));
        text.line(format_args!("\n[optimizer]\nkind = \"adamw\"\nlr = 3e-3\nweight_decay = 2e-2\n\n[schedule]\nkind = \"one-cycle\""));
        let rows = match self.splits() {
            Some(splits) => {
                splits.iter().find(|(role, _)| *role == Role::Train).map_or(0, |(_, count)| *count)
            }
            None => (facts.images as f64 * (1.0 - VALID - TEST)) as usize,
        };
        // As many samples as a small network needs, by their size.
        let pixels = (height * width).max(1);
        let (samples, most) = match effort {
            Effort::Quick => (60_000 * 1024 / pixels.max(256), 20),
            Effort::Normal | Effort::Best => (240_000 * 1024 / pixels.max(256), 80),
        };
        text.line(format_args!(
            "\n[training]\nepochs = {}\nbatch_size = {}\nmonitor = \"loss\"",
            epochs(samples, rows, [4, most]),
            if rows < 5_000 { 32 } else { 128 }
        ));
        text.time_limit(args.time);
        if effort == Effort::Best {
            text.bag(5.min(rows / ROWS_OF_A_PART), "images");
        }
        Ok(text.finish())
    }

    fn show(&self, screen: Screen) {
        let facts = &self.facts;
        let [least, middle, most] =
            [0, 1, 2].map(|place| format!("{} x {}", facts.heights[place], facts.widths[place]));
        screen.say(format!(
            "{}: {} images, {}; height x width {}\n",
            self.name,
            facts.images,
            if facts.grey { "grey" } else { "in colours" },
            if least == most { least } else { format!("from {least} to {most}, the middle one {middle}") }
        ));
        show_classes(&facts.classes, "images", screen);
        if let Some(splits) = self.splits() {
            let words: Vec<_> = splits.iter().map(|(role, count)| format!("{count} {role}")).collect();
            screen.say(format!("\nsplits are given by the folders: {}", words.join(", ")));
        }
        show_questions(&self.questions, screen);
        screen.say("");
    }

    fn facts(&self) -> Value {
        json!(self.facts)
    }

    fn questions(&self) -> &[String] {
        &self.questions
    }
}

/// Whether the beginning of a file speaks of image files.
fn mentions_images(path: &Path) -> bool {
    let mut head = Vec::new();
    let is_file = path.metadata().is_ok_and(|found| found.is_file());
    let mut read = || std::fs::File::open(path).and_then(|file| file.take(1 << 16).read_to_end(&mut head));
    if !is_file || read().is_err() {
        return false;
    }
    let text = String::from_utf8_lossy(&head).to_lowercase();
    [".png", ".jpg", ".jpeg"].iter().any(|ending| text.contains(ending))
}

/// What is in a table that names images.
fn table_of(table: &Path, args: &OwnArgs) -> Result<TableFacts> {
    let wishes = TableWishes { target: args.target.clone(), ..TableWishes::default() };
    table_facts(table, &wishes)
}

/// The configuration with the table `name` that names the images; `None` where no column of it does.
fn named_by(
    config: ImagesConfig,
    table: &Path,
    name: &str,
    facts: &TableFacts,
    args: &OwnArgs,
) -> Result<Option<ImagesConfig>> {
    let (folder, _) = context::parts(table);
    let Some(path) = config.path_column(&Files::directory(folder), facts)? else { return Ok(None) };
    let others = facts.columns.iter().map(|column| column.name.as_str()).filter(|column| *column != path);
    let others: Vec<&str> = others.collect();
    match &args.target {
        Some(target) if others.contains(&target.as_str()) => {
            if let Some(group) =
                args.group.as_ref().filter(|group| !others.contains(&group.as_str()) || *group == target)
            {
                let others =
                    others.iter().copied().filter(|column| column != target).collect::<Vec<_>>().join(", ");
                let problem = format!(
                    "--group {group}: the groups are in another column than the paths and the classes; there are {others}"
                );
                return Err(CliError::Input { path: table.into(), problem });
            }
            let (labels, target) = (Some(name.to_owned()), Some(target.clone()));
            Ok(Some(ImagesConfig { labels, path: Some(path), target, group: args.group.clone(), ..config }))
        }
        Some(target) => {
            let problem = format!(
                "--target {target}: the classes are in another column than the paths; there are {}",
                others.join(", ")
            );
            Err(CliError::Input { path: table.into(), problem })
        }
        None => {
            let lines: String =
                others.iter().map(|column| format!("\n  --target {}", quoted(column))).collect();
            let words = format!(
                "--target is missing: which column of {name} holds the classes of the images in `{path}`?{lines}"
            );
            Err(CliError::Usage(words))
        }
    }
}

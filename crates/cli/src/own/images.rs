//! Images of a person's own: a folder for each class.

use std::path::Path;

use brasa_data::{ImagesConfig, ImagesFacts, Role};
use serde_json::{Value, json};

use super::args::{place, reading};
use super::toml_text::{Toml, one_line};
use super::{Own, TEST, VALID, epochs, imbalance, kind_of_split, show_classes, show_questions};
use crate::args::{Effort, OwnArgs};
use crate::error::Result;
use crate::output::Screen;

/// The longer side of an image that a network looks at, at most; of a quick training.
const SIDE: usize = 64;
const QUICK_SIDE: usize = 32;

/// Images, looked at.
pub(super) struct OwnImages {
    name: String,
    is_folder: bool,
    facts: ImagesFacts,
    questions: Vec<String>,
}

impl OwnImages {
    pub(super) fn look(path: &Path) -> Result<Self> {
        let (name, files) = place(path);
        let is_folder = path.is_dir();
        let facts = ImagesFacts::of(&ImagesConfig::at(&name, is_folder), &files).map_err(reading(path))?;
        let mut questions = vec![
            "Is a mirrored image still one of its class? Then add { kind = \"horizontal-flip\", p = 0.5 } to the steps of \
             [augment]: letters and left hands are not"
                .to_owned(),
        ];
        questions.extend(imbalance(&facts.classes));
        if let Some(first) = &facts.first_bad {
            let words = if facts.bad == 1 {
                "1 image cannot be read and is".into()
            } else {
                format!("{} images cannot be read and are", facts.bad)
            };
            questions.push(format!("{words} passed over: is that right? {first}"));
        }
        Ok(Self { name, is_folder, facts, questions })
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
        text.entry("description", format!("the folders of {}", self.name));
        text.line(format_args!(
            "\n[data]\nscaling = \"pixels\"  # each channel by its mean and deviation\n\n[data.images]"
        ));
        text.entry(if self.is_folder { "folder" } else { "archive" }, self.name.as_str());
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
        let smallest = facts.classes.iter().map(|(_, count)| *count).min().unwrap_or(0);
        match self.splits() {
            Some(splits) if splits.iter().any(|(role, _)| *role == Role::Valid) => {
                text.line(format_args!("\n[data.split]\nkind = \"given\"  # by the folders"));
            }
            Some(_) => text.given_split("images"),
            None => text.dealt_split(kind_of_split(false, smallest)),
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
            text.bag(5, rows, "images");
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

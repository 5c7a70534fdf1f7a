use super::{Average, ClassDetails, ClassScores, Confusion};

/// Widest line of a table, in characters.
const TERMINAL_COLUMNS: usize = 100;
/// Mistakes listed where the matrix is too wide to print.
const LISTED_MISTAKES: usize = 20;
/// Width of a name in that list.
const LISTED_NAME: usize = 42;
/// More classes than this are not listed one by one.
const MOST_CLASSES: usize = 40;
/// How many of them are: those with the lowest F1.
const WEAKEST: usize = 20;
/// Fewer characters than this do not tell class names apart.
const SHORTEST_NAME: usize = 5;
const LONGEST_ROW_NAME: usize = 20;
const CORNER: &str = "true \\ predicted";

impl Confusion {
    /// The table for a terminal, at most 100 columns wide: true classes down, predicted classes across, `.` for 0.
    ///
    /// Long names are shortened; names that would then look alike give way to class numbers. A table that does
    /// not fit at all becomes the list of the most frequent mistakes. A class without a name is shown by number.
    pub fn to_table(&self, class_names: &[String]) -> String {
        let names: Vec<String> = (0..self.classes()).map(|class| name_of(class_names, class)).collect();
        let digits = self.to_rows().iter().flatten().max().map_or(1, |largest| largest.to_string().len());
        let longest = names.iter().map(|name| width(name)).max().unwrap_or(1);
        let row_names = longest.min(LONGEST_ROW_NAME);
        let available = |row_names: usize| (TERMINAL_COLUMNS - row_names.max(width(CORNER))) / self.classes();

        // Each column is preceded by a space.
        let column = longest.min(available(row_names).saturating_sub(1)).max(digits);
        let heads: Vec<String> = names.iter().map(|name| shorten(name, column)).collect();
        let fits = column < available(row_names);
        if fits && all_differ(&heads) && (column >= SHORTEST_NAME || column >= longest) {
            let rows: Vec<String> = names.iter().map(|name| shorten(name, row_names)).collect();
            return self.grid(&rows, &heads, column);
        }

        let numbers: Vec<String> = (0..self.classes()).map(|class| class.to_string()).collect();
        let number_width = numbers.last().map_or(1, |last| width(last));
        let column = digits.max(number_width);
        if column < available(row_names + number_width + 1) {
            let numbered = numbers.iter().zip(&names);
            let rows: Vec<String> = numbered
                .map(|(number, name)| format!("{number:>number_width$} {}", shorten(name, row_names)))
                .collect();
            return self.grid(&rows, &numbers, column);
        }
        self.mistakes_list(&names)
    }

    fn grid(&self, rows: &[String], heads: &[String], column: usize) -> String {
        let row_width = rows.iter().map(|row| width(row)).max().unwrap_or(0).max(width(CORNER));
        let mut table = format!("{CORNER:<row_width$}");
        heads.iter().for_each(|head| table.push_str(&format!(" {head:>column$}")));
        table.push('\n');
        for (target, row) in rows.iter().enumerate() {
            table.push_str(&format!("{row:<row_width$}"));
            for predicted in 0..self.classes() {
                let cell = match self.count(target, predicted) {
                    0 => ".".to_owned(),
                    count => count.to_string(),
                };
                table.push_str(&format!(" {cell:>column$}"));
            }
            table.push('\n');
        }
        table
    }

    fn mistakes_list(&self, names: &[String]) -> String {
        let mistakes = self.most_confused(LISTED_MISTAKES);
        let name = |class: usize| names.get(class).map(|name| shorten(name, LISTED_NAME)).unwrap_or_default();
        let mut list = format!(
            "{} of {} rows right; {} classes do not fit across, most frequent mistakes:\n",
            self.hits(),
            self.total(),
            self.classes()
        );
        list.push_str(&format!("{:<LISTED_NAME$} {:<LISTED_NAME$} {:>10}\n", "true", "predicted", "rows"));
        for (target, predicted, rows) in mistakes {
            list.push_str(&format!(
                "{:<LISTED_NAME$} {:<LISTED_NAME$} {rows:>10}\n",
                name(target),
                name(predicted)
            ));
        }
        list
    }
}

impl ClassDetails {
    /// The table of scores per class for a terminal, with the averages below; at most 80 columns wide. Of more than 40
    /// classes it lists the 20 with rows and the lowest F1.
    pub fn to_table(&self) -> String {
        let listed = self.listed();
        let names: Vec<String> = listed.iter().map(|class| shorten(&printable(&class.name), 40)).collect();
        let longest = names.iter().map(|name| width(name)).max().unwrap_or(0).max(width("weighted average"));
        let line = |name: &str, precision: f64, recall: f64, f1: f64, support: u64| {
            format!("{name:<longest$} {precision:>9.4} {recall:>9.4} {f1:>9.4} {support:>9}\n")
        };
        let mut table = format!(
            "{:<longest$} {:>9} {:>9} {:>9} {:>9}\n",
            "class", "precision", "recall", "f1", "support"
        );
        for (name, class) in names.iter().zip(&listed) {
            table.push_str(&line(name, class.precision, class.recall, class.f1, class.support));
        }
        if listed.len() < self.per_class.len() {
            let more = self.per_class.len() - listed.len();
            table.push_str(&format!("... and {more} more classes; these have rows and the lowest F1\n"));
        }
        let Ok(confusion) = Confusion::try_from(self.confusion.clone()) else { return table };
        let rows = confusion.total();
        for (name, average) in [("macro average", Average::Macro), ("weighted average", Average::Weighted)] {
            let average = confusion.averaged(average);
            table.push_str(&line(name, average.precision, average.recall, average.f1, rows));
        }
        table.push_str(&format!("{:<longest$} {:>29.4} {:>9}\n", "accuracy", confusion.accuracy(), rows));
        table
    }
}

impl ClassDetails {
    /// All classes, or of many the weakest of those with rows.
    fn listed(&self) -> Vec<&ClassScores> {
        if self.per_class.len() <= MOST_CLASSES {
            return self.per_class.iter().collect();
        }
        let mut weakest: Vec<&ClassScores> =
            self.per_class.iter().filter(|class| class.support > 0).collect();
        // Stable, so that equals stay in the order of the classes.
        weakest.sort_by(|a, b| a.f1.total_cmp(&b.f1));
        weakest.truncate(WEAKEST);
        weakest
    }
}

fn name_of(class_names: &[String], class: usize) -> String {
    class_names.get(class).map_or_else(|| class.to_string(), |name| printable(name))
}

/// Class names come from files: a line break or an escape sequence must not reach the terminal.
fn printable(name: &str) -> String {
    name.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// Cut in the middle: names of one kind often begin alike and differ at their end.
fn shorten(name: &str, columns: usize) -> String {
    let long = width(name);
    if long <= columns {
        return name.to_owned();
    }
    let kept = columns.saturating_sub(1);
    let end = kept / 2;
    let start: String = name.chars().take(kept - end).collect();
    let end: String = name.chars().skip(long - end).collect();
    format!("{}…{}", start.trim_end(), end.trim_start())
}

fn all_differ(names: &[String]) -> bool {
    let distinct: std::collections::BTreeSet<&String> = names.iter().collect();
    distinct.len() == names.len()
}

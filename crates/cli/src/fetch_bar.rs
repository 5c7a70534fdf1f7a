//! How far a download is, on stderr.

use std::io::IsTerminal;

use brasa_data::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::note;

/// A bar on a terminal; elsewhere a line for each file.
#[derive(Debug)]
pub(crate) struct FetchBar {
    bar: ProgressBar,
    file: Option<usize>,
}

impl FetchBar {
    pub(crate) fn new() -> Self {
        let bar = match std::io::stderr().is_terminal() {
            true => ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10)),
            false => ProgressBar::hidden(),
        };
        if let Ok(style) = ProgressStyle::with_template(
            "{bar:30.cyan/blue} {bytes:>10} of {total_bytes}  {bytes_per_sec}  {msg}",
        ) {
            bar.set_style(style);
        }
        Self { bar, file: None }
    }

    pub(crate) fn show(&mut self, progress: Progress<'_>) {
        if self.file != Some(progress.file) {
            self.file = Some(progress.file);
            self.bar.set_message(progress.name.to_string());
            if !std::io::stderr().is_terminal() {
                note(format!("{} of {}: {}", progress.file + 1, progress.files, progress.name));
            }
        }
        self.bar.set_length(progress.total);
        self.bar.set_position(progress.done);
    }

    pub(crate) fn finish(self) {
        self.bar.finish_and_clear();
    }
}

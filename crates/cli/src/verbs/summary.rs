//! `summary`: a recipe's network layer by layer, and as a picture.

use std::path::{Path, PathBuf};

use brasa_models::Diagram;
use brasa_run::write_atomic;
use clap::Args;
use serde_json::json;

use super::Verb;
use crate::app::App;
use crate::args::{ChangeArgs, Common, DataArgs, RecipeArgs};
use crate::context;
use crate::error::{CliError, Result};
use crate::output::Screen;

/// Show a recipe's network layer by layer
#[derive(Debug, Args)]
pub(crate) struct Summary {
    #[command(flatten)]
    recipe: RecipeArgs,
    #[command(flatten)]
    data: DataArgs,
    /// Draw the network, too, into FILE.svg, or as a Mermaid flowchart into FILE.mmd or FILE.md
    #[arg(long, value_name = "FILE")]
    graph: Option<PathBuf>,
}

/// What a picture is written as, by its file's ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Svg,
    Mermaid,
    /// Mermaid in a page of Markdown.
    Markdown,
}

impl Format {
    fn of(path: &Path) -> Result<Self> {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        match ending.as_deref() {
            Some("svg") => Ok(Self::Svg),
            Some("mmd") => Ok(Self::Mermaid),
            Some("md") => Ok(Self::Markdown),
            _ => Err(CliError::Usage(format!(
                "--graph {}: the file's name ends in .svg, or in .mmd or .md for a Mermaid flowchart",
                path.display()
            ))),
        }
    }

    fn write(self, diagram: &Diagram, title: &str) -> String {
        match self {
            Self::Svg => diagram.to_svg(title),
            Self::Mermaid => diagram.to_mermaid(title),
            Self::Markdown => format!("```mermaid\n{}```\n", diagram.to_mermaid(title)),
        }
    }
}

impl Verb for Summary {
    fn changes(&mut self) -> Option<&mut ChangeArgs> {
        Some(&mut self.recipe.changes)
    }

    fn run(&self, app: &App, _: &Common, screen: Screen) -> Result<()> {
        // A name that is refused is refused before data are read.
        let format = self.graph.as_deref().map(Format::of).transpose()?;
        let (named, network) = context::network(app, &self.recipe, &self.data)?;
        let summary = network.summary()?;
        let mut answer = json!({
            "input": summary.input,
            "layers": summary.layers,
            "parameters": summary.parameters(),
            "flops": summary.flops(),
        });
        let mut said = summary.to_string();
        if let (Some(path), Some(format)) = (&self.graph, format) {
            let title = format!("{} {}", app.name, named.name);
            write_atomic(path, format.write(&network.diagram()?, &title).as_bytes())?;
            answer["graph"] = json!(path.display().to_string());
            said.push_str(&format!("\n\nthe network as a picture: {}", path.display()));
        }
        screen.object(&answer)?;
        screen.say(said);
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_says_what_is_written() {
        let of = |name: &str| Format::of(Path::new(name));
        assert_eq!(of("a/net.svg").unwrap(), Format::Svg);
        assert_eq!(of("net.SVG").unwrap(), Format::Svg);
        assert_eq!([of("net.mmd").unwrap(), of("net.md").unwrap()], [Format::Mermaid, Format::Markdown]);
        for name in ["net.png", "net", ".svg", "svg"] {
            let message = of(name).unwrap_err().to_string();
            assert!(
                message.contains(".svg") && message.contains(".mmd") && message.contains(name),
                "{message}"
            );
        }
    }
}

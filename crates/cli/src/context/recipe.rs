//! From arguments to recipes.

use std::path::{Path, PathBuf};

use brasa_data::Files;
use brasa_run::{RunFolder, RunRecord};
use brasa_train::{CheckedRecipe, Recipe};

use super::files;
use crate::app::{App, DataSource};
use crate::args::{DataArgs, RecipeArgs};
use crate::error::{CliError, Result};
use crate::output::note;
use crate::own::Own;

/// A recipe and its name.
pub(crate) struct NamedRecipe {
    pub(crate) name: String,
    pub(crate) recipe: CheckedRecipe,
    label: String,
    text: String,
    /// The tables of the source that it was put on.
    source: Option<&'static str>,
    overrides: Vec<String>,
    /// The data of one's own that it was written for.
    pub(crate) own: Option<Box<dyn Own>>,
}

/// The recipe that the arguments ask for.
pub(crate) fn recipe(app: &App, args: &RecipeArgs) -> Result<NamedRecipe> {
    let source = args.changes.source.as_deref().map(|wanted| source(app, wanted)).transpose()?;
    on(app, args, source)
}

/// The source of the app's data that is called `wanted`.
pub(super) fn source<'a>(app: &'a App, wanted: &str) -> Result<&'a DataSource> {
    app.sources.iter().find(|source| source.name == wanted).ok_or_else(|| {
        let known: Vec<&str> = app.sources.iter().map(|source| source.name).collect();
        CliError::Usage(match known.is_empty() {
            true => format!("--source {wanted}: {} has one source of data", app.name),
            false => format!("--source {wanted}: choose one of {}", known.join(", ")),
        })
    })
}

/// The recipe that the arguments ask for, and its data. Where its own files are nowhere, but those of another source
/// of the app are, it is put on that source.
pub(crate) fn recipe_and_files(
    app: &App,
    args: &RecipeArgs,
    data: &DataArgs,
) -> Result<(NamedRecipe, Files)> {
    let named = recipe(app, args)?;
    let data = &beside_recipe(app, args, data, &named.recipe);
    let found = files::find(app, data, &named.recipe);
    if let (None, None) = (&found, &args.changes.source) {
        for source in app.sources {
            let other = on(app, args, Some(source))?;
            if let Some(files) = files::find(app, data, &other.recipe) {
                note(format!("training on the source {}: {}", source.name, source.about));
                return Ok((other, files));
            }
        }
    }
    let files = match found {
        Some(files) => files,
        None => files::files(app, data, &named.recipe)?,
    };
    Ok((named, files))
}

/// The recipe for data of one's own: its name, what it is called in messages, its text; and the data.
fn own_recipe(args: &RecipeArgs, path: &Path) -> Result<(String, String, String, Box<dyn Own>)> {
    if let Some(recipe) = &args.recipe {
        let problem = format!(
            "--recipe {recipe}: {} are data, for which a recipe is written; give one of them",
            path.display()
        );
        return Err(CliError::Usage(problem));
    }
    let own = args.changes.own.look(path)?;
    let text = own.recipe(&args.changes.own)?;
    let (_, name) = super::parts(path);
    let stem = Path::new(&name)
        .file_stem()
        .map_or_else(|| "data".into(), |stem| stem.to_string_lossy().into_owned());
    Ok((stem, format!("the recipe for {}", path.display()), text, own))
}

/// Where the data are: what `--data` says, or else the folder of the recipe's file, where they lie beside it.
fn beside_recipe(app: &App, args: &RecipeArgs, data: &DataArgs, recipe: &CheckedRecipe) -> DataArgs {
    let own = args.changes.own.file.as_deref();
    let recipe_file = args.recipe.as_deref().map(Path::new).or(own);
    let file = Some(recipe_file.unwrap_or(Path::new(app.default_recipe))).filter(|file| file.exists());
    // As data of one's own are named: `.` is a folder in another one.
    let file = file.map(|file| super::parts(file).0.join("_"));
    let file = file.as_deref();
    let folder = file.and_then(Path::parent).filter(|_| data.data.is_none());
    let folder = folder.map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    let holds_all = |folder: &&Path| {
        let names = recipe.file_names();
        !names.is_empty() && names.iter().all(|name| folder.join(name).exists())
    };
    match folder.filter(holds_all) {
        Some(folder) => DataArgs { data: Some(folder.to_owned()) },
        None => data.clone(),
    }
}

fn on(app: &App, args: &RecipeArgs, source: Option<&DataSource>) -> Result<NamedRecipe> {
    args.changes.own.check(args.recipe.as_deref())?;
    let own = args.changes.own.recipe().map(|path| path.display().to_string());
    let wanted = args.recipe.as_deref().or(own.as_deref()).unwrap_or(app.default_recipe);
    let shipped = app.recipe(wanted);
    let mut own_data = None;
    let (name, label, text) = match shipped {
        _ if let Some(path) = args.changes.own.data() => {
            let (name, label, text, own) = own_recipe(args, path)?;
            own_data = Some(own);
            (name, label, text)
        }
        Some(recipe) => (recipe.name.to_string(), format!("recipe {}", recipe.name), recipe.text.to_string()),
        None if wanted.ends_with(".toml") => {
            let path = PathBuf::from(wanted);
            let text = std::fs::read_to_string(&path)
                .map_err(|source| CliError::ReadRecipe { path: path.clone(), source })?;
            let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
            (stem.unwrap_or_else(|| "recipe".into()), wanted.to_string(), text)
        }
        None => {
            let known = app.recipes.iter().map(|recipe| recipe.name).collect();
            return Err(CliError::NoRecipe { name: wanted.into(), known });
        }
    };
    let overrides = overrides(args);
    let source = source.map(|source| source.table);
    let recipe = parsed(&label, &text, source, &overrides)?.check()?;
    Ok(NamedRecipe { name, recipe, label, text, source, overrides, own: own_data })
}

/// The recipe of a run, with what is to be changed of it.
pub(super) fn of_run(run: &RunFolder, record: &RunRecord, args: &RecipeArgs) -> Result<NamedRecipe> {
    if let Some(file) = &args.changes.own.file {
        let problem = format!("--resume goes on with a run and takes no file, found {}", file.display());
        return Err(CliError::Usage(problem));
    }
    let path = run.path().join("recipe.toml");
    let text = run.recipe_text()?;
    let overrides = overrides(args);
    let label = path.display().to_string();
    let recipe = parsed(&label, &text, None, &overrides)?.check()?;
    Ok(NamedRecipe { name: record.recipe.clone(), recipe, label, text, source: None, overrides, own: None })
}

/// What is put in the place of a recipe's values.
fn overrides(args: &RecipeArgs) -> Vec<String> {
    let seed = args.changes.seed.map(|seed| format!("training.seed={seed}"));
    args.changes.overrides.iter().cloned().chain(seed).collect()
}

fn parsed(label: &str, text: &str, source: Option<&str>, overrides: &[String]) -> Result<Recipe> {
    Ok(match source {
        Some(source) => Recipe::parse_on(label, text, source, overrides)?,
        None => Recipe::parse(label, text, overrides)?,
    })
}

impl NamedRecipe {
    /// The same recipe with further overrides, from the text that was read: its file may be another one by now.
    pub(crate) fn with(&self, further: Vec<String>) -> Result<Recipe> {
        let overrides = [self.overrides.clone(), further].concat();
        parsed(&self.label, &self.text, self.source, &overrides)
    }
}

//! `lesson`: trainings of several recipes side by side, on one page.

use std::path::{Path, PathBuf};

use brasa_data::ColumnSpread;
use brasa_run::lesson::{FinishedLesson, LessonFigures, LessonRecipe};
use brasa_run::write_atomic;
use brasa_run::{GoingOn, KeptRun, RunFolder, RunObserver};
use brasa_train::Prepared;
use serde_json::json;

use super::Verb;
use crate::app::{self, App};
use crate::args::{ChangeArgs, Common, DataArgs, DeviceArgs, RecipeArgs, TrackArgs};
use crate::context::{self, Training};
use crate::error::{CliError, Result};
use crate::interrupt::Interrupt;
use crate::lesson_runs::LessonRuns;
use crate::output::{Screen, note};
use crate::progress::Progress;
use crate::table::{figure, table};
use crate::tracking::{Ending, Tracking, tell, tracked_line};
use clap::Args;

/// Train the recipes of a lesson and compare them on one page
#[derive(Debug, Args)]
pub(crate) struct Lesson {
    /// The lesson; without it, all are listed
    pub name: Option<String>,
    #[command(flatten)]
    pub changes: ChangeArgs,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub device: DeviceArgs,
    #[command(flatten)]
    pub track: TrackArgs,
    /// Go on with the lesson that was begun last: what is trained is not trained again
    #[arg(long, requires = "name", conflicts_with_all = ["source", "overrides", "seed", "data"])]
    pub resume: bool,
    /// Go on although a recipe, the data, the version or the device has changed; the runs remember it
    #[arg(long, requires = "resume")]
    pub force: bool,
}

impl Verb for Lesson {
    fn belongs_to(app: &App) -> bool {
        !app.lessons.is_empty()
    }

    fn changes(&mut self) -> Option<&mut ChangeArgs> {
        Some(&mut self.changes)
    }

    fn run(&self, app: &App, common: &Common, screen: Screen) -> Result<()> {
        let Some(name) = &self.name else { return list(app, screen) };
        let Some(lesson) = app.lessons.iter().find(|lesson| lesson.name == name) else {
            let known: Vec<&str> = app.lessons.iter().map(|lesson| lesson.name).collect();
            return Err(CliError::Usage(format!("no lesson `{name}`: choose one of {}", known.join(", "))));
        };
        let (recipes, trained) = train(app, &common.runs, lesson, self)?;
        let finished = brasa_run::lesson::Lesson {
            app: app.name.into(),
            name: lesson.name.into(),
            title: lesson.title.into(),
            kind: lesson.kind,
            recipes,
        }
        .check()?;
        let page = write_page(&folder(app, &common.runs), lesson, &finished)?;
        show(app, lesson, &finished, &trained, &page, screen)
    }
}

fn list(app: &App, screen: Screen) -> Result<()> {
    let lessons: Vec<_> = app
        .lessons
        .iter()
        .map(|lesson| json!({ "name": lesson.name, "title": lesson.title, "kind": lesson.kind.name, "recipes": lesson.recipes }))
        .collect();
    screen.object(&json!({ "app": app.name, "lessons": lessons }))?;
    let width = app.lessons.iter().map(|lesson| lesson.name.len()).max().unwrap_or(0);
    for lesson in app.lessons {
        screen.say(format!("{:<width$}  {} ({})", lesson.name, lesson.title, lesson.recipes.join(", ")));
    }
    Ok(())
}

/// Where a training of the lesson is found.
struct TrainedRun {
    folder: PathBuf,
    tracked: Option<Ending>,
}

/// Where the pages of lessons are, and what they have begun.
fn folder(app: &App, runs: &Path) -> PathBuf {
    runs.join(app.name).join("lessons")
}

/// A training of the lesson before it starts.
struct Begins<'a> {
    training: Training<'a>,
    going_on: Option<GoingOn>,
    /// What it came to, where it is over.
    kept: Option<KeptRun>,
}

impl<'a> Begins<'a> {
    /// The training of a recipe, from where an earlier one got to.
    fn of(
        recipe: &str,
        (app, runs): (&'a App, &'a Path),
        (data, device): &'a (DataArgs, DeviceArgs),
        (begun, force): (&LessonRuns, bool),
    ) -> Result<Self> {
        if let Some(run) = begun.run_of(recipe) {
            let asked = context::Resume { run, force };
            let recipe_args = RecipeArgs::default();
            let (training, going_on) = context::resumed(app, runs, asked, &recipe_args, data, device)?;
            let kept = going_on.finished(&training.experiment())?;
            return Ok(Self { training, going_on: Some(going_on), kept });
        }
        let recipe_args = RecipeArgs { recipe: Some(recipe.into()), changes: begun.changes() };
        let training = context::training(app, runs, &recipe_args, data, device)?;
        Ok(Self { training, going_on: None, kept: None })
    }

    /// What it came to; one that is finished is not trained again.
    fn run(self, observers: &mut [&mut dyn RunObserver]) -> Result<(LessonRecipe, RunFolder)> {
        let experiment = self.training.experiment();
        let named = &self.training.named;
        let of = |prepared: &Prepared, history, scores| LessonRecipe {
            name: named.name.clone(),
            description: named.recipe.recipe().description.clone(),
            updates_per_epoch: named.recipe.steps(prepared.split.train.len()),
            history,
            scores,
            overlap: prepared.group_overlap(),
            columns: ColumnSpread::of(&prepared.data),
        };
        let finished = match (self.going_on, self.kept) {
            (Some(going_on), Some(run)) => {
                note(format!("{} {}: is trained already", experiment.app, named.name));
                return Ok((of(&run.prepared, run.history, run.scores), going_on.folder().clone()));
            }
            (going_on, _) => {
                note(format!("{} {}: training on {}", experiment.app, named.name, experiment.device_name));
                match going_on {
                    Some(going_on) => experiment.resume(going_on, observers)?,
                    None => experiment.run(observers)?,
                }
            }
        };
        Ok((of(&finished.prepared, finished.outcome.history, finished.scores), finished.folder))
    }
}

/// The trainings and where they are found. All recipes and their data are checked before the first training starts.
fn train(
    app: &App,
    runs: &Path,
    lesson: &app::Lesson,
    args: &Lesson,
) -> Result<(Vec<LessonRecipe>, Vec<TrainedRun>)> {
    let target = args.track.target()?;
    let folder = folder(app, runs);
    let mut begun = match args.resume {
        true => LessonRuns::read(&folder, lesson.name)?,
        false => LessonRuns::new(&folder, lesson.name, &args.changes, &args.data, &args.device),
    };
    let given = begun.given();
    let prepare = |recipe: &&str| Begins::of(recipe, (app, runs), &given, (&begun, args.force));
    let trainings = lesson.recipes.iter().map(prepare).collect::<Result<Vec<_>>>()?;
    let mut interrupt = Interrupt::new();
    let (mut recipes, mut trained) = (Vec::new(), Vec::new());
    for begins in trainings {
        let name = begins.training.named.name.clone();
        let mut progress = Progress::new();
        let mut tracking = Tracking::new(target.as_ref(), progress.teller());
        let mut callbacks: Vec<&mut dyn RunObserver> = vec![&mut interrupt, &mut begun, &mut progress];
        callbacks.extend(tracking.callback());
        let outcome = begins.run(&mut callbacks);
        let ((recipe, folder), tracked) = tracking.finish(app, outcome)?;
        if Interrupt::asked() {
            tracked.iter().for_each(|ending| note(tracked_line(app, ending)));
            let left = format!(
                "the lesson needs all of its trainings, and {} keeps what {name} reached: `{} lesson {} --resume` goes on",
                folder.path().display(),
                app.name,
                lesson.name
            );
            return Err(CliError::Stopped { reason: "stopped".into(), left: Some(left) });
        }
        recipes.push(recipe);
        trained.push(TrainedRun { folder: folder.path().into(), tracked });
    }
    Ok((recipes, trained))
}

fn write_page(folder: &Path, lesson: &app::Lesson, finished: &FinishedLesson) -> Result<PathBuf> {
    std::fs::create_dir_all(folder).map_err(|source| CliError::Write { path: folder.to_owned(), source })?;
    let page = folder.join(format!("{}.html", lesson.name));
    write_atomic(&page, finished.to_html()?.as_bytes())?;
    Ok(page)
}

fn show(
    app: &App,
    lesson: &app::Lesson,
    finished: &FinishedLesson,
    trained: &[TrainedRun],
    page: &Path,
    screen: Screen,
) -> Result<()> {
    let reading = finished.reading();
    let runs: Vec<String> = trained.iter().map(|run| run.folder.display().to_string()).collect();
    let tracked: Vec<&Ending> = trained.iter().filter_map(|run| run.tracked.as_ref()).collect();
    screen.object(&json!({
        "app": app.name,
        "lesson": lesson.name,
        "kind": lesson.kind.name,
        "page": page.display().to_string(),
        "runs": runs,
        "tracked": tracked,
        "recipes": finished.figures(),
        "reading": reading,
    }))?;
    screen.say("train, valid and gap after the last epoch; test with the weights that were kept\n");
    screen.say(figures_table(finished.figures()));
    for sentence in &reading {
        screen.say(format!("\n{sentence}"));
    }
    screen.say("");
    for run in &runs {
        screen.say(format!("run      {run}"));
    }
    for ending in tracked {
        tell(app, ending, screen);
    }
    screen.say(format!("lesson   {}", page.display()));
    Ok(())
}

fn figures_table(figures: &[LessonFigures]) -> String {
    let names: Vec<&str> = figures
        .first()
        .into_iter()
        .flat_map(|figures| figures.last_valid.iter())
        .map(|(name, _)| name)
        .collect();
    let mut header = ["recipe", "epochs", "updates", "seconds", "gap"].map(String::from).to_vec();
    for split in ["train", "valid", "test"] {
        header.extend(names.iter().map(|name| format!("{split} {name}")));
    }
    let row = |figures: &LessonFigures| {
        let mut cells = vec![
            figures.recipe.clone(),
            figures.epochs.to_string(),
            figures.updates.to_string(),
            format!("{:.2}", figures.train_seconds),
            figure(Some(figures.last_gap)),
        ];
        for of_split in [Some(&figures.last_train), Some(&figures.last_valid), figures.kept.test.as_ref()] {
            cells.extend(names.iter().map(|name| figure(of_split.and_then(|figures| figures.get(name)))));
        }
        cells
    };
    table(
        &header.iter().map(String::as_str).collect::<Vec<_>>(),
        &figures.iter().map(row).collect::<Vec<_>>(),
    )
}

//! `lesson`: trainings of several recipes side by side, on one page.

use std::path::{Path, PathBuf};

use brasa_data::ColumnSpread;
use brasa_run::RunObserver;
use brasa_run::lesson::{FinishedLesson, LessonFigures, LessonRecipe};
use brasa_run::write_atomic;
use serde_json::json;

use super::Verb;
use crate::app::{self, App};
use crate::args::{ChangeArgs, Common, DataArgs, DeviceArgs, RecipeArgs, TrackArgs};
use crate::context;
use crate::error::{CliError, Result};
use crate::interrupt::Interrupt;
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
        let page = write_page(app, &common.runs, lesson, &finished)?;
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

/// The trainings and where they are found. All recipes and their data are checked before the first training starts.
fn train(
    app: &App,
    runs: &Path,
    lesson: &app::Lesson,
    args: &Lesson,
) -> Result<(Vec<LessonRecipe>, Vec<TrainedRun>)> {
    let target = args.track.target()?;
    let prepare = |recipe: &&str| {
        let recipe_args = RecipeArgs { recipe: Some((*recipe).into()), changes: args.changes.clone() };
        context::training(app, runs, &recipe_args, &args.data, &args.device)
    };
    let trainings = lesson.recipes.iter().map(prepare).collect::<Result<Vec<_>>>()?;
    let mut interrupt = Interrupt::new();
    let (mut recipes, mut trained) = (Vec::new(), Vec::new());
    for training in &trainings {
        let name = &training.named.name;
        note(format!("{} {name}: training on {}", app.name, args.device.device));
        let mut progress = Progress::new();
        let mut tracking = Tracking::new(target.as_ref(), progress.teller());
        let mut callbacks: Vec<&mut dyn RunObserver> = vec![&mut interrupt, &mut progress];
        callbacks.extend(tracking.callback());
        let outcome = training.experiment().run(&mut callbacks).map_err(CliError::from);
        let (finished, tracked) = tracking.finish(app, outcome)?;
        if Interrupt::asked() {
            tracked.iter().for_each(|ending| note(tracked_line(app, ending)));
            let left = format!(
                "the lesson needs all of its trainings, and {} keeps what {name} reached",
                finished.folder.path().display()
            );
            return Err(CliError::Stopped { reason: "stopped".into(), left: Some(left) });
        }
        recipes.push(LessonRecipe {
            name: name.clone(),
            description: training.named.recipe.recipe().description.clone(),
            updates_per_epoch: training.named.recipe.steps(finished.prepared.split.train.len()),
            history: finished.outcome.history,
            scores: finished.scores,
            overlap: finished.prepared.group_overlap(),
            columns: ColumnSpread::of(&finished.prepared.data),
        });
        trained.push(TrainedRun { folder: finished.folder.path().into(), tracked });
    }
    Ok((recipes, trained))
}

fn write_page(app: &App, runs: &Path, lesson: &app::Lesson, finished: &FinishedLesson) -> Result<PathBuf> {
    let folder = runs.join(app.name).join("lessons");
    std::fs::create_dir_all(&folder).map_err(|source| CliError::Write { path: folder.clone(), source })?;
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

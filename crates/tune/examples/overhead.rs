//! What a study in a file costs: 1,000 trials that do nothing, of 1 and of 50 epochs, in threads; and the time to open it
//! again.

use std::ops::ControlFlow;
use std::time::Instant;

use brasa_tune::executor::{Threads, drive};
use brasa_tune::scheduler::Verdict;
use brasa_tune::study::{End, Header, Study};
use brasa_tune::{Direction, Metric, Space};
use serde_json::json;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let table = json!({ "lr": { "loguniform": [1e-4, 1] }, "layers": { "randint": [1, 9] } });
    let space = Space::from_json(table.as_object().ok_or("a table")?)?;
    let path = std::env::temp_dir().join(format!("brasa-tune-overhead-{}.jsonl", std::process::id()));
    for epochs in [1, 50] {
        let metric = Metric { name: "loss".into(), direction: Direction::Minimize };
        let header = Header { trials: 1000, max_epochs: epochs, ..Header::new(space.clone(), metric) };
        let mut executor = Threads::new(move |job, trial| {
            for epoch in job.from_epoch + 1..=epochs {
                if trial.report(epoch, 1.0 / (job.trial + epoch) as f64, false) != Verdict::Continue {
                    break;
                }
            }
            End::Completed
        });
        let start = Instant::now();
        let mut study = Study::create(&path, header)?;
        drive(&mut study, &mut executor, 2, |_, _| ControlFlow::Continue(()))?;
        let run = start.elapsed().as_secs_f64();
        drop(study);
        let start = Instant::now();
        let (study, recovery) = Study::open(&path)?;
        let open = start.elapsed().as_secs_f64();
        let bytes = std::fs::metadata(&path)?.len();
        println!(
            "{}",
            json!({ "trials": study.trials().len(), "epochs": epochs, "run_s": run, "lines": recovery.lines, "bytes": bytes, "open_s": open })
        );
        drop(study);
        std::fs::remove_file(&path)?;
    }
    Ok(())
}

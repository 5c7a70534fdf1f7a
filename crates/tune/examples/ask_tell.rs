//! A study that another program runs: JSON lines in, one answer each.
//!
//!     {"study": {..}}                  starts a study in memory, from its header         -> {"trials": 100}
//!     "next"                           asks for work                                     -> {"run": {..}}, "wait" or "finished"
//!     {"report": [trial, epoch, value]}                                                  -> "continue", "pause" or "stop"
//!     {"ended": [trial, "completed"]}  or "diverged", or {"failed": "message"}           -> "ended"
//!     "best"                                                                             -> the trial, or null
//!
//! `benches/tune_yahpo.py` speaks it.

use std::io::{BufRead, Write};

use brasa_tune::scheduler::Verdict;
use brasa_tune::study::{End, Header, Next, Study};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Request {
    Study(Box<Header>),
    Next,
    Report(usize, usize, f64),
    Ended(usize, End),
    Best,
}

fn answer(study: &mut Option<Study>, request: Request) -> Result<Value, Box<dyn std::error::Error>> {
    if let Request::Study(header) = request {
        let new = Study::in_memory(*header)?;
        let trials = new.total();
        *study = Some(new);
        return Ok(json!({ "trials": trials }));
    }
    let study = study.as_mut().ok_or("the first request is a study")?;
    Ok(match request {
        Request::Study(_) => Value::Null,
        Request::Next => match study.next_job()? {
            Next::Run(job) => json!({ "run": {
                "trial": job.trial, "values": job.values, "from": job.from_epoch, "until": job.until_epoch,
            }}),
            Next::Wait => json!("wait"),
            Next::Finished => json!("finished"),
        },
        Request::Report(trial, epoch, value) => match study.report(trial, epoch, value)? {
            Verdict::Continue => json!("continue"),
            Verdict::Pause => {
                study.checkpoint(trial, epoch)?;
                json!("pause")
            }
            Verdict::Stop => json!("stop"),
        },
        Request::Ended(trial, end) => {
            study.ended(trial, end)?;
            json!("ended")
        }
        Request::Best => json!(study.best()),
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut study = None;
    let mut output = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let reply = answer(&mut study, serde_json::from_str(&line?)?)?;
        writeln!(output, "{reply}")?;
        output.flush()?;
    }
    Ok(())
}

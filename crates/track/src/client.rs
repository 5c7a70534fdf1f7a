//! MLflow's REST API, as much of it as a run needs.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ureq::http::Response;
use ureq::http::header::{AUTHORIZATION, CONTENT_TYPE};
use ureq::{Agent, Body};

use crate::entry::{
    DATASETS_PER_CALL, Dataset, ENTRIES_PER_CALL, METRICS_PER_CALL, Metric, PARAMS_PER_CALL, Pair,
    TAGS_PER_CALL,
};
use crate::folder::KEY_TAG;
use crate::{Result, Target, TrackError};

const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(15);
const STORED: Duration = Duration::from_secs(120);
/// All of a call, its answer read to the end.
const WHOLE: Duration = Duration::from_secs(30);
/// All of a file, beside a second for each of so many bytes.
const WHOLE_FILE: Duration = Duration::from_secs(180);
const SLOWEST: u64 = 100_000;
/// Answers are small; a page of another server may not be.
const ANSWER_BYTES: u64 = 1 << 20;
/// All that has a meaning of its own in a URL; the path of an artifact is split at slashes before.
const RESERVED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'\\')
    .add(b'^')
    .add(b'[')
    .add(b']')
    .add(b'|');

/// A run as the server knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RemoteRun {
    pub(crate) run_id: String,
    pub(crate) experiment_id: String,
    pub(crate) artifact_uri: String,
}

/// How a run ended, in MLflow's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RemoteStatus {
    Finished,
    Failed,
    Killed,
}

impl RemoteStatus {
    fn name(self) -> &'static str {
        match self {
            Self::Finished => "FINISHED",
            Self::Failed => "FAILED",
            Self::Killed => "KILLED",
        }
    }
}

/// Speaks to one server.
#[derive(Debug)]
pub(crate) struct Client {
    agent: Agent,
    target: Target,
}

impl Client {
    pub(crate) fn new(target: Target) -> Self {
        let agent = Agent::config_builder()
            .timeout_resolve(Some(CONNECT))
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(ANSWER))
            .timeout_per_read(Some(ANSWER))
            .timeout_per_write(Some(ANSWER))
            // A server that sends a byte now and then is not waited for, either.
            .timeout_global(Some(WHOLE))
            .http_status_as_error(false)
            .build()
            .new_agent();
        Self { agent, target }
    }

    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    /// The page that shows a run, in the view for trainings: MLflow 3 has another one for language models.
    pub(crate) fn page(&self, run: &RemoteRun) -> String {
        let RemoteRun { run_id, experiment_id, .. } = run;
        let view = "workflowType=machine_learning";
        format!("{}/#/experiments/{experiment_id}/runs/{run_id}?{view}", self.target.url())
    }

    /// The number of the experiment, which is made where it does not exist.
    pub(crate) fn experiment_id(&self, name: &str) -> Result<String> {
        let action = "look up the experiment";
        match self.get(action, "experiments/get-by-name", &[("experiment_name", name)]) {
            Ok(found) => self.text(action, &found, "/experiment/experiment_id"),
            Err(TrackError::Refused { code: Some(code), .. }) if code == "RESOURCE_DOES_NOT_EXIST" => {
                let action = "create the experiment";
                // As in the page's address.
                let kind = Pair::tag("mlflow.experimentKind", "custom_model_development");
                match self.post(action, "experiments/create", &json!({ "name": name, "tags": [kind] })) {
                    // Another run may just have made it.
                    Err(TrackError::Refused { code: Some(code), .. })
                        if code == "RESOURCE_ALREADY_EXISTS" =>
                    {
                        let found =
                            self.get(action, "experiments/get-by-name", &[("experiment_name", name)])?;
                        self.text(action, &found, "/experiment/experiment_id")
                    }
                    made => self.text(action, &made?, "/experiment_id"),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// The run that carries a tag.
    fn find_run(&self, experiment_id: &str, tag: &Pair) -> Result<Option<RemoteRun>> {
        let action = "look for the run";
        let filter = format!("tags.\"{}\" = '{}'", tag.key, tag.value);
        let body = json!({ "experiment_ids": [experiment_id], "filter": filter, "max_results": 1 });
        let found = self.post(action, "runs/search", &body)?;
        match found.pointer("/runs/0/info") {
            Some(info) => self.run(action, info).map(Some),
            None => Ok(None),
        }
    }

    /// Makes a run; where it is `doubtful` whether that was done already, the one with its [`KEY_TAG`] is taken.
    pub(crate) fn make_run(
        &self,
        experiment_id: &str,
        name: &str,
        start_time: u64,
        tags: &[Pair],
        doubtful: bool,
    ) -> Result<RemoteRun> {
        let key = tags.iter().find(|tag| doubtful && tag.key == KEY_TAG);
        let known = key.map(|key| self.find_run(experiment_id, key)).transpose()?.flatten();
        known.map_or_else(|| self.create_run(experiment_id, name, start_time, tags), Ok)
    }

    fn create_run(
        &self,
        experiment_id: &str,
        name: &str,
        start_time: u64,
        tags: &[Pair],
    ) -> Result<RemoteRun> {
        let action = "create the run";
        let user = tags.iter().find(|tag| tag.key == "mlflow.user").map(|tag| tag.value.as_str());
        let body = json!({
            "experiment_id": experiment_id,
            "run_name": name,
            "user_id": user,
            "start_time": start_time,
            "tags": tags,
        });
        let made = self.post(action, "runs/create", &body)?;
        let info = made.pointer("/run/info").unwrap_or(&Value::Null);
        self.run(action, info)
    }

    /// Adds metrics, at most [`METRICS_PER_CALL`] of them.
    pub(crate) fn log_metrics(&self, run_id: &str, metrics: &[Metric]) -> Result<()> {
        debug_assert!(metrics.len() <= METRICS_PER_CALL);
        self.log_batch("send metrics", &json!({ "run_id": run_id, "metrics": metrics }))
    }

    /// Adds parameters, at most [`PARAMS_PER_CALL`] of them.
    pub(crate) fn log_params(&self, run_id: &str, params: &[Pair]) -> Result<()> {
        debug_assert!(params.len() <= PARAMS_PER_CALL);
        self.log_batch("send parameters", &json!({ "run_id": run_id, "params": params }))
    }

    /// Sets tags, at most [`TAGS_PER_CALL`] of them.
    pub(crate) fn set_tags(&self, run_id: &str, tags: &[Pair]) -> Result<()> {
        debug_assert!(tags.len() <= TAGS_PER_CALL);
        self.log_batch("send tags", &json!({ "run_id": run_id, "tags": tags }))
    }

    /// Says what the run was made from, at most [`DATASETS_PER_CALL`] files.
    pub(crate) fn log_datasets(&self, run_id: &str, datasets: &[Dataset]) -> Result<()> {
        debug_assert!(datasets.len() <= DATASETS_PER_CALL);
        let inputs: Vec<Value> =
            datasets.iter().map(|dataset| json!({ "dataset": dataset, "tags": [] })).collect();
        let body = json!({ "run_id": run_id, "datasets": inputs });
        self.post("name the data", "runs/log-inputs", &body).map(drop)
    }

    /// Adds the parameters, metrics and tags of a small run in one call, within the limits of each.
    pub(crate) fn log_all(
        &self,
        run_id: &str,
        params: &[Pair],
        metrics: &[Metric],
        tags: &[Pair],
    ) -> Result<()> {
        debug_assert!(params.len() <= PARAMS_PER_CALL && tags.len() <= TAGS_PER_CALL);
        debug_assert!(params.len() + metrics.len() + tags.len() <= ENTRIES_PER_CALL);
        let body = json!({ "run_id": run_id, "params": params, "metrics": metrics, "tags": tags });
        self.log_batch("send a trial", &body)
    }

    fn log_batch(&self, action: &'static str, body: &Value) -> Result<()> {
        self.post(action, "runs/log-batch", body).map(drop)
    }

    pub(crate) fn end_run(&self, run_id: &str, status: RemoteStatus, end_time: u64) -> Result<()> {
        let body = json!({ "run_id": run_id, "status": status.name(), "end_time": end_time });
        self.post("end the run", "runs/update", &body).map(drop)
    }

    /// A run that had ended goes on.
    pub(crate) fn reopen_run(&self, run_id: &str) -> Result<()> {
        let body = json!({ "run_id": run_id, "status": "RUNNING" });
        self.post("go on with the run", "runs/update", &body).map(drop)
    }

    /// Puts a file under `name` (with slashes) among the run's artifacts, through the server's proxy.
    pub(crate) fn upload(&self, run: &RemoteRun, name: &str, path: &Path) -> Result<()> {
        let action = "send a file";
        let root = proxied_path(&run.artifact_uri)
            .ok_or_else(|| TrackError::NoProxy { uri: run.artifact_uri.clone() })?;
        let file = File::open(path).map_err(|source| TrackError::File {
            action: "read",
            path: path.into(),
            source,
        })?;
        let place = utf8_percent_encode(root, RESERVED).to_string();
        let url = format!(
            "{}/api/2.0/mlflow-artifacts/artifacts/{place}/{}",
            self.target.url(),
            utf8_percent_encode(name, RESERVED)
        );
        let mut request = self.agent.put(&url).header(CONTENT_TYPE, "application/octet-stream");
        if let Some(words) = self.target.authorization() {
            request = request.header(AUTHORIZATION, words);
        }
        // The server may hand the file on to a store of its own before it answers.
        let bytes = file.metadata().map_or(0, |file| file.len());
        let whole = WHOLE_FILE + Duration::from_secs(bytes / SLOWEST);
        let request =
            request.config().timeout_recv_response(Some(STORED)).timeout_global(Some(whole)).build();
        self.read(action, request.send(&file)).map(drop)
    }

    fn get(&self, action: &'static str, path: &str, query: &[(&str, &str)]) -> Result<Value> {
        let mut request = self.agent.get(self.address(path)).query_pairs(query.iter().copied());
        if let Some(words) = self.target.authorization() {
            request = request.header(AUTHORIZATION, words);
        }
        self.read_json(action, request.call())
    }

    fn post(&self, action: &'static str, path: &str, body: &Value) -> Result<Value> {
        let mut request = self.agent.post(self.address(path)).header(CONTENT_TYPE, "application/json");
        if let Some(words) = self.target.authorization() {
            request = request.header(AUTHORIZATION, words);
        }
        self.read_json(action, request.send(body.to_string()))
    }

    fn address(&self, path: &str) -> String {
        format!("{}/api/2.0/mlflow/{path}", self.target.url())
    }

    fn read_json(&self, action: &'static str, answer: Result<Response<Body>, ureq::Error>) -> Result<Value> {
        let text = self.read(action, answer)?;
        serde_json::from_str(&text).map_err(|_| self.foreign(action, "a JSON object", &text))
    }

    fn read(&self, action: &'static str, answer: Result<Response<Body>, ureq::Error>) -> Result<String> {
        let away = |reason: String| TrackError::Away { url: self.target.url().into(), action, reason };
        let mut answer = answer.map_err(|error| away(error.to_string()))?;
        let status = answer.status();
        let text = answer.body_mut().with_config().limit(ANSWER_BYTES).lossy_utf8(true).read_to_string();
        let text = text.map_err(|error| away(error.to_string()))?;
        if status.is_success() {
            return Ok(text);
        }
        if status.is_server_error() || matches!(status.as_u16(), 408 | 429) {
            return Err(away(format!("answered {status}")));
        }
        let body: Value = serde_json::from_str(&text).unwrap_or_default();
        let word = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_string);
        Err(TrackError::Refused {
            url: self.target.url().into(),
            action,
            status: status.as_u16(),
            code: word("error_code"),
            message: word("message").unwrap_or_else(|| start(&text)),
        })
    }

    fn run(&self, action: &'static str, info: &Value) -> Result<RemoteRun> {
        Ok(RemoteRun {
            run_id: self.text(action, info, "/run_id")?,
            experiment_id: self.text(action, info, "/experiment_id")?,
            artifact_uri: self.text(action, info, "/artifact_uri")?,
        })
    }

    fn text(&self, action: &'static str, value: &Value, pointer: &'static str) -> Result<String> {
        let found = value.pointer(pointer).and_then(Value::as_str).map(str::to_string);
        found.ok_or_else(|| self.foreign(action, pointer.trim_start_matches('/'), &value.to_string()))
    }

    fn foreign(&self, action: &'static str, expected: &'static str, found: &str) -> TrackError {
        TrackError::Answer {
            url: self.target.url().into(),
            action,
            expected,
            found: format!("`{}`", start(found)),
        }
    }
}

fn start(text: &str) -> String {
    text.trim().chars().take(200).collect()
}

/// The path behind the server's own artifact proxy: `mlflow-artifacts:/1/abc/artifacts`, or with the server's name,
/// `mlflow-artifacts://host:5000/1/abc/artifacts`.
fn proxied_path(uri: &str) -> Option<&str> {
    let rest = uri.strip_prefix("mlflow-artifacts:")?;
    let path = match rest.strip_prefix("//") {
        Some(named) => named.split_once('/').map_or("", |(_, path)| path),
        None => rest,
    };
    let path = path.trim_matches('/');
    // A server that answers for others may not lead out of its folder.
    let plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains('\\');
    path.split('/').all(plain).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::proxied_path;

    #[test]
    fn artifacts_go_behind_the_proxy_or_nowhere() {
        for uri in [
            "mlflow-artifacts:/1/a/artifacts",
            "mlflow-artifacts://host:5000/1/a/artifacts",
            "mlflow-artifacts:///1/a/artifacts/",
        ] {
            assert_eq!(proxied_path(uri), Some("1/a/artifacts"), "{uri}");
        }
        assert_eq!(proxied_path("s3://bucket/1/a/artifacts"), None);
        for uri in [
            "mlflow-artifacts:/1/../2/a",
            "mlflow-artifacts:/..",
            "mlflow-artifacts:/1//a",
            "mlflow-artifacts:/1/..\\a",
        ] {
            assert_eq!(proxied_path(uri), None, "{uri}");
        }
        assert_eq!(proxied_path("/tmp/mlruns/1/a"), None);
    }
}

//! A server that answers as MLflow does, as far as the tests need it, and remembers what it was told.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// What it does instead of answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Mood {
    #[default]
    Well,
    /// It answers 503 to everything.
    Away,
    /// It makes a run, and hangs up before it says so.
    ForgetsToAnswer,
    /// It wants a token.
    Guarded,
    /// It has no data sets, as MLflow before 2.4.
    Old,
    /// It takes no parameter of this name.
    Refuses(&'static str),
}

/// What it was told.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) mood: Mood,
    pub(crate) experiments: Vec<String>,
    /// The bodies of `runs/create`.
    pub(crate) runs: Vec<Value>,
    /// The bodies of `runs/log-batch`.
    pub(crate) batches: Vec<Value>,
    /// The bodies of `runs/log-inputs`.
    pub(crate) inputs: Vec<Value>,
    /// The bodies of `runs/update`.
    pub(crate) updates: Vec<Value>,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) authorization: Option<String>,
}

impl Memory {
    /// Key, step and value of all metrics.
    pub(crate) fn metrics(&self) -> Vec<(String, u64, f64)> {
        let all = self.batches.iter().filter_map(|batch| batch.get("metrics")?.as_array()).flatten();
        all.map(|metric| {
            let number = |name: &str| metric[name].as_f64().unwrap();
            assert!(number("timestamp") > 1.6e12, "milliseconds");
            (metric["key"].as_str().unwrap().into(), number("step") as u64, number("value"))
        })
        .collect()
    }

    /// All parameters, and all tags.
    pub(crate) fn pairs(&self, of: &str) -> BTreeMap<String, String> {
        let bodies = self.runs.iter().chain(&self.batches);
        let all = bodies.filter_map(|body| body.get(of)?.as_array()).flatten();
        let word = |pair: &Value, name: &str| pair[name].as_str().unwrap().to_string();
        all.map(|pair| (word(pair, "key"), word(pair, "value"))).collect()
    }
}

/// The server; it serves until the process ends.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) memory: Arc<Mutex<Memory>>,
}

impl Server {
    pub(crate) fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let memory = Arc::new(Mutex::new(Memory { mood, ..Memory::default() }));
        let served = memory.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // The client may hang up first.
                let _ = serve(stream, &served);
            }
        });
        Self { url, memory }
    }

    pub(crate) fn set(&self, mood: Mood) {
        self.memory.lock().unwrap().mood = mood;
    }
}

/// The address of a server that is not there: one that is only free at the moment may be another test's soon.
pub(crate) fn nowhere() -> String {
    "http://127.0.0.1:1".into()
}

fn serve(mut stream: TcpStream, memory: &Mutex<Memory>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_string()),
        }
    }
    let header = |name: &str| {
        lines.iter().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then(|| value.to_string())
        })
    };
    let length = header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut memory = memory.lock().unwrap();
    memory.authorization = header("authorization");
    let (status, answer) = answer(&mut memory, lines.first().map_or("", String::as_str), &body);
    if status == 0 {
        return Ok(());
    }
    let answer = answer.to_string();
    write!(
        stream,
        "HTTP/1.1 {status} -\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{answer}",
        answer.len()
    )?;
    stream.flush()
}

fn answer(memory: &mut Memory, request: &str, body: &[u8]) -> (u16, Value) {
    let error = |status, code: &str| {
        (status, json!({ "error_code": code, "message": format!("{code}, says the test") }))
    };
    match memory.mood {
        Mood::Away => return (503, Value::Null),
        Mood::Guarded if memory.authorization.is_none() => return error(401, "UNAUTHENTICATED"),
        _ => {}
    }
    let path = request.split(' ').nth(1).unwrap_or_default();
    let path = path.strip_prefix("/api/2.0/").unwrap_or_default();
    if let Some(name) = path.strip_prefix("mlflow-artifacts/artifacts/") {
        memory.files.insert(name.into(), body.into());
        return (200, json!({}));
    }
    let json: Value = serde_json::from_slice(body).unwrap_or_default();
    let info = |number: usize| {
        let uri = format!("mlflow-artifacts:/3/r{number}/artifacts");
        json!({ "run_id": format!("r{number}"), "experiment_id": "3", "artifact_uri": uri })
    };
    let path = path.strip_prefix("mlflow/").unwrap_or_default();
    match path.split('?').next().unwrap_or_default() {
        "experiments/get-by-name" if memory.experiments.is_empty() => error(404, "RESOURCE_DOES_NOT_EXIST"),
        "experiments/get-by-name" => (200, json!({ "experiment": { "experiment_id": "3" } })),
        "experiments/create" => {
            memory.experiments.push(json["name"].as_str().unwrap().into());
            (200, json!({ "experiment_id": "3" }))
        }
        "runs/create" => {
            memory.runs.push(json);
            match memory.mood {
                Mood::ForgetsToAnswer => (0, Value::Null),
                _ => (200, json!({ "run": { "info": info(memory.runs.len()) } })),
            }
        }
        "runs/search" => {
            let filter = json["filter"].as_str().unwrap();
            let has = |run: &Value| {
                let tags = run["tags"].as_array().into_iter().flatten();
                tags.filter_map(|tag| tag["value"].as_str())
                    .any(|value| filter.ends_with(&format!("'{value}'")))
            };
            let found = memory.runs.iter().position(has);
            (200, found.map_or(json!({}), |place| json!({ "runs": [{ "info": info(place + 1) }] })))
        }
        "runs/log-batch" => {
            if let Mood::Refuses(name) = memory.mood
                && json["params"].as_array().is_some_and(|all| all.iter().any(|pair| pair["key"] == name))
            {
                return error(400, "INVALID_PARAMETER_VALUE");
            }
            memory.batches.push(json);
            (200, json!({}))
        }
        "runs/log-inputs" if memory.mood != Mood::Old => {
            memory.inputs.push(json);
            (200, json!({}))
        }
        "runs/update" => {
            memory.updates.push(json);
            (200, json!({}))
        }
        _ => error(404, "ENDPOINT_NOT_FOUND"),
    }
}

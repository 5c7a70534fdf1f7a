//! A real MLflow server.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Home;
use crate::python::python_with;

/// The version that is installed.
const MLFLOW: &str = "3.17.2";
/// How long it may take to start.
const LIMIT: Duration = Duration::from_secs(300);

/// `mlflow server` on the loopback interface, with a database and files of its own; it ends with this, or with the test
/// program.
#[derive(Debug)]
pub struct MlflowServer {
    /// Its address, without a slash at the end.
    pub url: String,
    launcher: Child,
}

impl MlflowServer {
    /// One for all tests.
    ///
    /// # Panics
    /// As [`start_at`](Self::start_at).
    pub fn shared() -> &'static Self {
        static SERVER: OnceLock<MlflowServer> = OnceLock::new();
        SERVER.get_or_init(|| Self::start_at(Self::free_port()))
    }

    /// A port of the loopback interface that nobody listens on.
    ///
    /// # Panics
    /// Where the system has none.
    #[must_use]
    pub fn free_port() -> u16 {
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
    }

    /// Installs MLflow where it is not yet installed, and starts a server.
    ///
    /// # Panics
    /// Where either fails.
    #[must_use]
    pub fn start_at(port: u16) -> Self {
        let mut command = Command::new(python());
        command.arg(script("mlflow_server.py")).arg(port.to_string());
        let mut launcher = command.stdin(Stdio::piped()).spawn().unwrap();
        let started = Instant::now();
        while !answers(port) {
            assert!(launcher.try_wait().unwrap().is_none(), "the server has ended");
            assert!(started.elapsed() < LIMIT, "the server does not answer");
            std::thread::sleep(Duration::from_millis(100));
        }
        Self { url: format!("http://127.0.0.1:{port}"), launcher }
    }

    /// What MLflow's own client reads of a run: `status`, `params`, `tags`, `metrics` as lists of step and value,
    /// `datasets`, `page`; the artifacts are then in the folder `artifacts` of `home`.
    ///
    /// # Panics
    /// Where the experiment has no run of that name, or several.
    #[must_use]
    pub fn read(&self, home: &Home, experiment: &str, name: &str) -> Value {
        let artifacts = home.path("artifacts");
        let _ = std::fs::remove_dir_all(&artifacts);
        std::fs::create_dir(&artifacts).unwrap();
        let mut command = Command::new(python());
        command.arg(script("mlflow_run.py")).args([&self.url, experiment, name]).arg(artifacts);
        let output = command.stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "no run {name} in {experiment}");
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

impl Drop for MlflowServer {
    fn drop(&mut self) {
        // That ends it.
        drop(self.launcher.stdin.take());
        let _ = self.launcher.wait();
    }
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("python").join(name)
}

fn answers(port: u16) -> bool {
    let ask = || {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.write_all(b"GET /health HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        std::io::Result::Ok(answer)
    };
    ask().is_ok_and(|answer| answer.split(' ').nth(1) == Some("200"))
}

fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| python_with("mlflow", MLFLOW))
}

//! Starting a binary with a time limit.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::Finished;

/// How long a command may take before the test gives it up; far more than any should need.
const LIMIT: Duration = Duration::from_secs(120);

/// Kilobytes of address space that a refusal may take: threads and their stacks are most of it.
const LITTLE: u64 = 2_000_000;

/// Bytes of memory that it may take.
const LITTLE_MEMORY: u64 = 512 << 20;

/// What the user of the tests may have set for themselves.
const UNSET: [&str; 11] = [
    "BRASA_LIMITS",
    "BRASA_DATA",
    "BRASA_RUNS",
    "BRASA_DEVICE",
    "BRASA_PYTHON",
    "RUST_BACKTRACE",
    "MLFLOW_TRACKING_URI",
    "MLFLOW_TRACKING_TOKEN",
    "MLFLOW_TRACKING_USERNAME",
    "MLFLOW_TRACKING_PASSWORD",
    "MLFLOW_EXPERIMENT_NAME",
];

/// A command that is not yet started.
#[derive(Debug)]
pub struct Invocation {
    binary: PathBuf,
    folder: PathBuf,
    args: Vec<String>,
    env: Vec<(String, String)>,
    stdin: Vec<u8>,
    setup: Option<String>,
}

impl Invocation {
    pub(crate) fn new(binary: &Path, folder: &Path) -> Self {
        let (binary, folder) = (binary.into(), folder.into());
        Self { binary, folder, args: Vec::new(), env: Vec::new(), stdin: Vec::new(), setup: None }
    }

    /// More arguments.
    #[must_use]
    pub fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_string_lossy().into_owned()));
        self
    }

    /// `--set KEY=VALUE`.
    #[must_use]
    pub fn set(self, key: &str, value: impl ToString) -> Self {
        self.args(["--set".to_string(), format!("{key}={}", value.to_string())])
    }

    /// An environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.env.push((name.into(), value.as_ref().to_string_lossy().into_owned()));
        self
    }

    /// What it reads on stdin.
    #[must_use]
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// Shell commands that run first, in the same process.
    #[must_use]
    pub fn after(mut self, setup: &str) -> Self {
        self.setup = Some(setup.into());
        self
    }

    /// Files can grow to this size, as on a disk that is then full.
    #[must_use]
    pub fn with_file_size_limit(self, bytes: usize) -> Self {
        // POSIX counts blocks of 512 bytes. Without its signal, the limit is a failed write.
        self.after(&format!("trap '' XFSZ; ulimit -f {}", bytes / 512))
    }

    /// Runs it to its end.
    ///
    /// # Panics
    /// Where it does not start, or not end within two minutes.
    #[must_use]
    pub fn run(self) -> Finished {
        self.start().wait()
    }

    /// Runs it with little memory, after shell commands; it is to end soon and without a panic.
    ///
    /// # Panics
    /// Where it does not.
    #[must_use]
    pub fn run_small(self, setup: &str) -> Finished {
        let started = Instant::now();
        let limited = self.env("RAYON_NUM_THREADS", "2").after(&format!("{setup}; ulimit -v {LITTLE}"));
        let (finished, memory) = limited.start().wait_and_weigh();
        finished.assert_no_panic();
        assert!(memory < LITTLE_MEMORY, "{memory} bytes\n{finished}");
        assert!(started.elapsed() < Duration::from_secs(15), "{finished}");
        finished
    }

    /// Starts it.
    ///
    /// # Panics
    /// Where it does not start.
    #[must_use]
    pub fn start(self) -> Running {
        let mut command = match &self.setup {
            None => Command::new(&self.binary),
            Some(setup) => {
                let mut shell = Command::new("sh");
                shell.arg("-c").arg(format!("{setup}; exec \"$0\" \"$@\"")).arg(&self.binary);
                shell
            }
        };
        command.args(&self.args).current_dir(&self.folder).envs(self.env.iter().map(|(k, v)| (k, v)));
        for name in UNSET {
            if !self.env.iter().any(|(given, _)| given == name) {
                command.env_remove(name);
            }
        }
        command.env("HOME", &self.folder).env("XDG_DATA_HOME", self.folder.join("share"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", self.binary.display()));
        let mut stdin = child.stdin.take().unwrap();
        let bytes = self.stdin;
        // It may end without reading all of it.
        std::thread::spawn(move || drop(stdin.write_all(&bytes)));
        let stdout = Collector::start(child.stdout.take().unwrap());
        let stderr = Collector::start(child.stderr.take().unwrap());
        let name = self.binary.file_name().unwrap().to_string_lossy().into_owned();
        Running { command: format!("{name} {}", self.args.join(" ")), child, stdout, stderr }
    }
}

/// A stream that a thread reads to its end.
#[derive(Debug)]
struct Collector {
    bytes: Arc<Mutex<Vec<u8>>>,
    thread: Option<JoinHandle<()>>,
}

impl Collector {
    fn start(mut stream: impl Read + Send + 'static) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let target = bytes.clone();
        let thread = std::thread::spawn(move || {
            let mut chunk = [0; 1 << 12];
            // What came before an error counts.
            while let Ok(read @ 1..) = stream.read(&mut chunk) {
                target.lock().unwrap().extend(&chunk[..read]);
            }
        });
        Self { bytes, thread: Some(thread) }
    }

    fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().unwrap()).into_owned()
    }

    fn all(&mut self) -> String {
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
        self.so_far()
    }
}

/// A command that runs; it is killed when it is dropped.
#[derive(Debug)]
pub struct Running {
    command: String,
    child: Child,
    stdout: Collector,
    stderr: Collector,
}

impl Running {
    /// Sends a signal by its name, such as `INT`.
    ///
    /// # Panics
    /// Where it has already ended.
    pub fn signal(&self, name: &str) {
        let status = Command::new("sh").arg("-c").arg(format!("kill -{name} {}", self.child.id())).status();
        assert!(status.unwrap().success(), "{} had already ended", self.command);
    }

    /// Kills it, where it still runs.
    #[must_use]
    pub fn kill(mut self) -> Finished {
        let _ = self.child.kill();
        self.finish()
    }

    /// Waits until `condition` holds.
    ///
    /// # Panics
    /// Where it ends before, or two minutes have passed.
    pub fn wait_until(&mut self, what: &str, condition: impl Fn(&Self) -> bool) {
        let started = Instant::now();
        while !condition(self) {
            if self.child.try_wait().unwrap().is_some() {
                panic!("ended before {what}:\n{}", self.finish());
            }
            assert!(started.elapsed() < LIMIT, "{}: waited in vain until {what}", self.command);
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Whether it has put handlers on the signals that ask a process to end, as far as the system tells.
    #[must_use]
    pub fn listens(&self) -> bool {
        let Ok(status) = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())) else {
            // No such file system: it has had its time when this much has passed.
            std::thread::sleep(Duration::from_secs(1));
            return true;
        };
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap_or_default();
        let mask = u64::from_str_radix(caught.trim(), 16).unwrap_or_default();
        // SIGHUP is signal 1, SIGINT 2, SIGTERM 15.
        [1, 2, 15].iter().all(|signal| mask & (1 << (signal - 1)) != 0)
    }

    /// What it has said on stderr so far.
    #[must_use]
    pub fn stderr(&self) -> String {
        self.stderr.so_far()
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// Where two minutes have passed.
    #[must_use]
    pub fn wait(self) -> Finished {
        self.wait_and_weigh().0
    }

    /// As [`wait`](Self::wait), with the most bytes of memory that it has held, as far as a look every other millisecond tells; 0
    /// where the system does not.
    fn wait_and_weigh(mut self) -> (Finished, u64) {
        let (started, mut most) = (Instant::now(), 0);
        while self.child.try_wait().unwrap().is_none() {
            assert!(started.elapsed() < LIMIT, "{}: did not end", self.command);
            most = most.max(self.memory().unwrap_or(0));
            std::thread::sleep(Duration::from_millis(2));
        }
        (self.finish(), most)
    }

    /// Bytes of memory that it has held at most so far.
    fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
    }

    fn finish(&mut self) -> Finished {
        let code = self.child.wait().unwrap().code();
        Finished { command: self.command.clone(), code, stdout: self.stdout.all(), stderr: self.stderr.all() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

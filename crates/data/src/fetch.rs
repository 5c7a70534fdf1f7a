//! Downloading files: those of a manifest, or one.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ureq::http::StatusCode;
use ureq::http::header::{CONTENT_RANGE, RANGE};

use crate::manifest::is_plain_name;
use crate::{DataError, Expected, Manifest, ManifestFile, Result};

/// Bytes a second; a mirror that sends fewer is as good as one that sends none.
const SLOWEST: f64 = 1024.0;

/// How long to wait, and how often to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FetchOptions {
    /// For a connection.
    pub connect_timeout: Duration,
    /// For the next bytes of an answer, and for those of a mirror that sends a kilobyte a second at the least.
    pub stall_timeout: Duration,
    /// At each mirror. A later attempt goes on where an interrupted one ended.
    pub attempts: usize,
}

impl Default for FetchOptions {
    fn default() -> Self {
        Self { connect_timeout: Duration::from_secs(15), stall_timeout: Duration::from_secs(30), attempts: 3 }
    }
}

/// How far a download is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The file.
    pub name: &'a str,
    /// Its place among the files, from 0.
    pub file: usize,
    /// How many files there are.
    pub files: usize,
    /// Bytes that are on disk.
    pub done: u64,
    /// Bytes of the whole file, at most.
    pub total: u64,
}

/// A file that can be downloaded.
#[derive(Debug, Clone, Copy)]
pub struct RemoteFile<'a> {
    /// Its name in the folder.
    pub name: &'a str,
    /// Where it is, best first.
    pub urls: &'a [String],
    /// What it must be.
    pub expected: &'a Expected,
}

/// What came of fetching a data set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fetched {
    /// The files that are in the folder now, whole and unchanged.
    pub paths: Vec<PathBuf>,
    /// The files that are not there and that the manifest has no address for.
    pub without_address: Vec<ManifestFile>,
}

/// [`fetch_with`] the default options.
///
/// # Errors
/// As [`fetch_with`].
pub fn fetch(
    manifest: &Manifest,
    dir: impl AsRef<Path>,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Fetched> {
    fetch_with(manifest, dir, FetchOptions::default(), progress)
}

/// Brings all files of the manifest that have an address into the folder, which is made if need be.
///
/// A file that is there and right is left alone. Others are downloaded to `NAME.part`, going on
/// with one that is there, checked, and renamed; so a file of the right name is always whole. The
/// mirrors are tried in order. A file without an address is passed over and named in the answer.
///
/// # Errors
/// [`DataError::Download`] with the answer of each attempt, or when nothing is there and nothing
/// can be fetched, or [`DataError::Io`] when the folder cannot be written to.
pub fn fetch_with(
    manifest: &Manifest,
    dir: impl AsRef<Path>,
    options: FetchOptions,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Fetched> {
    manifest.check()?;
    let dir = dir.as_ref();
    std::fs::create_dir_all(dir).map_err(io("create", dir))?;
    let agent = agent(options);
    let files = manifest.files.len();
    let mut fetched = Fetched::default();
    for (place, file) in manifest.files.iter().enumerate() {
        let path = dir.join(&file.name);
        let mut report = |done| {
            progress(Progress { name: &file.name, file: place, files, done, total: file.bytes });
        };
        match file.verify(&path) {
            Ok(()) => report(file.bytes),
            Err(error) if path.is_dir() => return Err(error),
            Err(_) if file.urls.is_empty() => {
                fetched.without_address.push(file.clone());
                continue;
            }
            Err(_) => {
                let expected = file.expected();
                let remote = RemoteFile { name: &file.name, urls: &file.urls, expected: &expected };
                bring(&agent, remote, dir, options, &mut report)?;
            }
        }
        fetched.paths.push(path);
    }
    if fetched.paths.is_empty() && !fetched.without_address.is_empty() {
        let names = fetched.without_address.into_iter().map(|file| file.name).collect::<Vec<_>>();
        let what = format!("no address is known to fetch {} from", names.join(", "));
        let advice = format!("get it from {} and give its folder with --data", manifest.source);
        return Err(DataError::Download { what, answers: vec![advice] });
    }
    Ok(fetched)
}

/// Brings one file into the folder, as [`fetch_with`] does those of a manifest; answers with its path.
///
/// # Errors
/// [`DataError::Download`] with the answer of each attempt, [`DataError::Io`] when the folder cannot be written to, or
/// [`DataError::Refused`] for a name that leads out of the folder.
pub fn fetch_file(
    file: RemoteFile<'_>,
    dir: impl AsRef<Path>,
    options: FetchOptions,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<PathBuf> {
    let dir = dir.as_ref();
    if !is_plain_name(file.name) {
        return Err(DataError::refused("fetch a file", format!("`{}` is not a plain file name", file.name)));
    }
    std::fs::create_dir_all(dir).map_err(io("create", dir))?;
    let total = *file.expected.bytes().end();
    let mut report = |done| progress(Progress { name: file.name, file: 0, files: 1, done, total });
    let path = dir.join(file.name);
    match file.expected.verify(file.name, &path) {
        Ok(()) => report(total),
        Err(error) if path.is_dir() => return Err(error),
        Err(_) => bring(&agent(options), file, dir, options, &mut report)?,
    }
    Ok(path)
}

fn agent(options: FetchOptions) -> ureq::Agent {
    ureq::Agent::config_builder()
        .timeout_resolve(Some(options.connect_timeout))
        .timeout_connect(Some(options.connect_timeout))
        .timeout_recv_response(Some(options.stall_timeout))
        .timeout_per_read(Some(options.stall_timeout))
        .http_status_as_error(false)
        .build()
        .new_agent()
}

/// Downloads a file that is not there, unless another process is at it: then its file is waited for.
fn bring(
    agent: &ureq::Agent,
    file: RemoteFile<'_>,
    dir: &Path,
    options: FetchOptions,
    report: &mut dyn FnMut(u64),
) -> Result<()> {
    let path = dir.join(file.name);
    let _lock = lock(dir);
    match file.expected.verify(file.name, &path) {
        Ok(()) => report(*file.expected.bytes().end()),
        Err(_) => download(agent, file, &path, options, report)?,
    }
    Ok(())
}

fn io<'a>(action: &'static str, path: &'a Path) -> impl Fn(std::io::Error) -> DataError + 'a {
    move |source| DataError::Io { action, path: path.to_owned(), source }
}

fn download(
    agent: &ureq::Agent,
    file: RemoteFile<'_>,
    path: &Path,
    options: FetchOptions,
    report: &mut dyn FnMut(u64),
) -> Result<()> {
    let part = path.with_file_name(format!("{}.part", file.name));
    let mut answers = Vec::new();
    for url in file.urls {
        for _ in 0..options.attempts.max(1) {
            match attempt(agent, file, url, &part, options, report)? {
                Answer::Whole => {
                    std::fs::rename(&part, path).map_err(io("rename", &part))?;
                    return Ok(());
                }
                Answer::Interrupted(problem) => answers.push(format!("{url}: {problem}")),
                Answer::Refused(problem) => {
                    answers.push(format!("{url}: {problem}"));
                    break;
                }
            }
        }
    }
    Err(DataError::Download { what: format!("`{}` could not be downloaded", file.name), answers })
}

enum Answer {
    /// The part file is complete and right.
    Whole,
    /// Trying again may help.
    Interrupted(String),
    /// Trying again will not help.
    Refused(String),
}

/// One request. Errors are those of this machine; those of the mirror are answers.
fn attempt(
    agent: &ureq::Agent,
    file: RemoteFile<'_>,
    url: &str,
    part: &Path,
    options: FetchOptions,
    report: &mut dyn FnMut(u64),
) -> Result<Answer> {
    let (least, most) = (*file.expected.bytes().start(), *file.expected.bytes().end());
    let mut done = match std::fs::symlink_metadata(part) {
        Ok(found) if found.is_file() => found.len(),
        // A link leads to somebody else's file.
        Ok(_) => {
            remove(part)?;
            0
        }
        Err(_) => 0,
    };
    if done > most {
        done = 0;
    }
    if done < least || least == 0 {
        let mut request = agent.get(url);
        if done > 0 {
            request = request.header(RANGE, format!("bytes={done}-"));
        }
        let mut response = match request.call() {
            Ok(response) => response,
            Err(error) => return Ok(Answer::Interrupted(error.to_string())),
        };
        match response.status() {
            StatusCode::PARTIAL_CONTENT => {
                let range = response.headers().get(CONTENT_RANGE).and_then(|v| v.to_str().ok());
                if !range.is_some_and(|range| range.starts_with(&format!("bytes {done}-"))) {
                    remove(part)?;
                    let problem = format!("sent the range {range:?} instead of {done} and on");
                    return Ok(Answer::Interrupted(problem));
                }
            }
            // The mirror sends the whole file although only the rest was asked for.
            StatusCode::OK => done = 0,
            StatusCode::RANGE_NOT_SATISFIABLE => {
                remove(part)?;
                return Ok(Answer::Interrupted("its file ends before ours".into()));
            }
            status if status.is_server_error() => {
                return Ok(Answer::Interrupted(format!("answered {status}")));
            }
            status => return Ok(Answer::Refused(format!("answered {status}"))),
        }
        let mut target = open(part, done)?;
        // One byte more than expected shows that the mirror has another file.
        let mut body = response.body_mut().as_reader().take(most - done + 1);
        let mut chunk = vec![0; 1 << 16];
        report(done);
        let mut since = (Instant::now(), done);
        loop {
            let waited = since.0.elapsed();
            if waited >= options.stall_timeout {
                if ((done - since.1) as f64) < SLOWEST * waited.as_secs_f64() {
                    let problem = format!("too slow: {} bytes in {} s", done - since.1, waited.as_secs());
                    return Ok(Answer::Interrupted(problem));
                }
                since = (Instant::now(), done);
            }
            match body.read(&mut chunk) {
                Ok(0) => break,
                Ok(read) => {
                    let bytes = chunk.get(..read).unwrap_or_default();
                    target.write_all(bytes).map_err(io("write", part))?;
                    done += read as u64;
                    report(done.min(most));
                }
                Err(error) => {
                    let problem = format!("broke off after {done} of {most} bytes: {error}");
                    return Ok(Answer::Interrupted(problem));
                }
            }
        }
        target.sync_all().map_err(io("write", part))?;
        if done < least {
            let problem = format!("ended after {done} of {least} bytes");
            return Ok(Answer::Interrupted(problem));
        }
    }
    match file.expected.verify(file.name, part) {
        Ok(()) => Ok(Answer::Whole),
        Err(DataError::Damaged { expected, found, .. }) => {
            remove(part)?;
            Ok(Answer::Interrupted(format!("sent another file: expected {expected}, found {found}")))
        }
        Err(error) => Err(error),
    }
}

fn open(part: &Path, done: u64) -> Result<File> {
    let mut options = OpenOptions::new();
    match done {
        0 => {
            remove(part)?;
            options.write(true).create_new(true)
        }
        _ => options.append(true),
    };
    options.open(part).map_err(io("write", part))
}

/// Keeps other processes from fetching into the same folder; the system lets go of it when we end. Not every system has folders that
/// can be opened and locked: there, two of them may hinder each other.
fn lock(dir: &Path) -> Option<File> {
    let folder = File::open(dir).ok()?;
    folder.lock().ok()?;
    Some(folder)
}

fn remove(part: &Path) -> Result<()> {
    match std::fs::remove_file(part) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(io("remove", part)(error)),
        _ => Ok(()),
    }
}

//! Downloads from a server in this process that misbehaves on command.
#![cfg(feature = "fetch")]

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use brasa_data::{
    DataError, Expected, FetchOptions, Fetched, Manifest, RemoteFile, Result, SourceFile, fetch_file,
    fetch_with,
};

/// How one request is answered.
#[derive(Clone, Copy)]
enum Reply {
    /// As it should be, ranges included.
    Serve,
    /// As it should be, but broken off after so many bytes of the body.
    Cut(usize),
    /// With this byte of the body changed.
    Corrupt(usize),
    /// With so many bytes of the body, then silence.
    Stall(usize),
    /// With the whole file, whatever range was asked for.
    WholeFile,
    /// With a range that was not asked for.
    WrongRange,
    /// With more than the file.
    Longer,
    /// With this status.
    Status(&'static str),
}

struct Server {
    url: String,
    requests: Receiver<String>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Answers one request per reply, in order, then is gone.
    fn start(replies: &[Reply]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/file", listener.local_addr().unwrap());
        let (sender, requests) = channel();
        let replies = replies.to_vec();
        let thread = std::thread::spawn(move || {
            let mut stalled = Vec::new();
            for reply in replies {
                let (mut stream, _) = listener.accept().unwrap();
                let request = read_request(&stream);
                let range = range_of(&request);
                sender.send(request).unwrap();
                // The client may hang up first, as it does on a stall.
                let _ = answer(&mut stream, reply, range);
                if matches!(reply, Reply::Stall(_)) {
                    stalled.push(stream);
                }
            }
        });
        Self { url, requests, thread: Some(thread) }
    }

    /// The `Range` header of each request.
    fn ranges(&mut self) -> Vec<Option<usize>> {
        self.thread.take().unwrap().join().unwrap();
        self.requests.try_iter().map(|request| range_of(&request)).collect()
    }
}

fn read_request(stream: &TcpStream) -> String {
    let lines = BufReader::new(stream).lines().map_while(std::result::Result::ok);
    lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join("\n").to_lowercase()
}

fn range_of(request: &str) -> Option<usize> {
    let line = request.lines().find_map(|line| line.strip_prefix("range: bytes="))?;
    line.trim_end_matches('-').parse().ok()
}

fn answer(stream: &mut TcpStream, reply: Reply, range: Option<usize>) -> std::io::Result<()> {
    let mut content = content();
    if let Reply::Corrupt(at) = reply {
        content[at] ^= 1;
    }
    if let Reply::Longer = reply {
        content.extend([0; 100]);
    }
    let (status, range) = match reply {
        Reply::Status(status) => (status, String::new()),
        Reply::WholeFile => ("200 OK", String::new()),
        _ => match range {
            Some(start) => {
                let sent = if matches!(reply, Reply::WrongRange) { 0 } else { start };
                let total = content.len();
                content.drain(..sent);
                ("206 Partial Content", format!("Content-Range: bytes {sent}-{}/{total}\r\n", total - 1))
            }
            None => ("200 OK", String::new()),
        },
    };
    let length = content.len();
    write!(stream, "HTTP/1.1 {status}\r\n{range}Content-Length: {length}\r\nConnection: close\r\n\r\n")?;
    let sent = match reply {
        Reply::Cut(sent) | Reply::Stall(sent) => sent,
        _ => length,
    };
    stream.write_all(&content[..sent])?;
    stream.flush()
}

fn content() -> Vec<u8> {
    (0..200_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

fn manifest(urls: &[&str]) -> Manifest {
    let file = SourceFile::of("file.bin", &content());
    Manifest::parse(&format!(
        "name = 'a'\ntitle = 'A'\nsource = 's'\nlicence = 'l'\ndescription = 'd'\n[[files]]\n\
         name = '{}'\nbytes = {}\nsha256 = '{}'\nurls = {urls:?}\n",
        file.name, file.bytes, file.sha256
    ))
    .unwrap()
}

fn fetch_into(folder: &Path, urls: &[&str], attempts: usize) -> Result<Fetched> {
    let options = FetchOptions {
        connect_timeout: Duration::from_secs(5),
        stall_timeout: Duration::from_millis(300),
        attempts,
    };
    fetch_with(&manifest(urls), folder, options, &mut |_| {})
}

fn assert_whole(folder: &Path) {
    assert_eq!(std::fs::read(folder.join("file.bin")).unwrap(), content());
    assert!(!folder.join("file.bin.part").exists());
}

fn answers(error: DataError) -> Vec<String> {
    match error {
        DataError::Download { answers, .. } => answers,
        other => panic!("{other}"),
    }
}

#[test]
fn a_file_is_downloaded_once_and_progress_ends_at_its_size() {
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("new/folder");
    let mut server = Server::start(&[Reply::Serve]);
    let mut seen = Vec::new();
    let manifest = manifest(&[&server.url]);
    let options = FetchOptions::default();
    let fetched = fetch_with(&manifest, &into, options, &mut |p| seen.push((p.done, p.total))).unwrap();
    assert_eq!(fetched.paths, [into.join("file.bin")]);
    assert!(fetched.without_address.is_empty());
    assert_whole(&into);
    assert_eq!(seen.last(), Some(&(200_000, 200_000)));
    assert!(seen.windows(2).all(|pair| pair[0].0 <= pair[1].0));
    assert_eq!(server.ranges(), [None]);
    // The server is gone: a second call must not ask it.
    fetch_with(&manifest, &into, options, &mut |_| {}).unwrap();
}

#[test]
fn a_broken_download_goes_on_where_it_ended() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&[Reply::Cut(70_000), Reply::Cut(50_000), Reply::Serve]);
    fetch_into(folder.path(), &[&server.url], 3).unwrap();
    assert_whole(folder.path());
    assert_eq!(server.ranges(), [None, Some(70_000), Some(120_000)]);
}

#[test]
fn a_part_of_an_earlier_run_is_used() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file.bin.part"), &content()[..123_456]).unwrap();
    let mut server = Server::start(&[Reply::Serve]);
    fetch_into(folder.path(), &[&server.url], 1).unwrap();
    assert_whole(folder.path());
    assert_eq!(server.ranges(), [Some(123_456)]);
}

#[test]
fn a_part_that_is_already_whole_needs_no_request() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file.bin.part"), content()).unwrap();
    fetch_into(folder.path(), &["http://127.0.0.1:1/"], 1).unwrap();
    assert_whole(folder.path());
}

#[test]
fn a_stalled_download_is_given_up_and_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&[Reply::Stall(70_000), Reply::Serve]);
    fetch_into(folder.path(), &[&server.url], 2).unwrap();
    assert_whole(folder.path());
    assert_eq!(server.ranges(), [None, Some(70_000)]);
}

#[test]
fn a_server_that_ignores_ranges_is_read_from_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&[Reply::Cut(70_000), Reply::WholeFile]);
    fetch_into(folder.path(), &[&server.url], 2).unwrap();
    assert_whole(folder.path());
    assert_eq!(server.ranges(), [None, Some(70_000)]);
}

#[test]
fn a_wrong_range_or_a_wrong_part_starts_again() {
    for (part, reply) in [
        (content()[..9].to_vec(), Reply::WrongRange),
        (content()[..9].to_vec(), Reply::Status("416 Range Not Satisfiable")),
        (vec![0; 9], Reply::Serve),
    ] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file.bin.part"), part).unwrap();
        let mut server = Server::start(&[reply, Reply::Serve]);
        fetch_into(folder.path(), &[&server.url], 2).unwrap();
        assert_whole(folder.path());
        assert_eq!(server.ranges(), [Some(9), None]);
    }
}

#[test]
fn a_corrupt_download_leaves_nothing_and_the_next_mirror_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let bad = Server::start(&[Reply::Corrupt(150_000)]);
    let answers_of_bad = answers(fetch_into(folder.path(), &[&bad.url], 1).unwrap_err());
    assert!(answers_of_bad[0].contains("sent another file: expected sha256 "), "{answers_of_bad:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);

    let bad = Server::start(&[Reply::Corrupt(150_000)]);
    let mut good = Server::start(&[Reply::Serve]);
    fetch_into(folder.path(), &[&bad.url, &good.url], 1).unwrap();
    assert_whole(folder.path());
    assert_eq!(good.ranges(), [None]);
}

#[test]
fn a_longer_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&[Reply::Longer]);
    let answers = answers(fetch_into(folder.path(), &[&server.url], 1).unwrap_err());
    assert!(answers[0].contains("sent another file: expected 200000 bytes, found 20"), "{answers:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn the_error_lists_what_each_mirror_answered() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Server::start(&[Reply::Status("404 Not Found")]);
    let broken = Server::start(&[Reply::Status("500 Internal Server Error"), Reply::Cut(10)]);
    let error = fetch_into(folder.path(), &[&missing.url, &broken.url], 2).unwrap_err();
    let message = error.to_string();
    let answers = answers(error);
    // A file that is not there is not asked for again; a server in trouble is.
    assert_eq!(answers.len(), 3, "{answers:?}");
    assert_eq!(answers[0], format!("{}: answered 404 Not Found", missing.url));
    assert_eq!(answers[1], format!("{}: answered 500 Internal Server Error", broken.url));
    assert!(answers[2].contains("after 10 of 200000 bytes"), "{answers:?}");
    assert!(message.starts_with("`file.bin` could not be downloaded: http://127.0.0.1"), "{message}");
}

#[test]
fn a_dead_mirror_and_a_wrong_file_on_disk_are_no_obstacle() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file.bin"), "something else").unwrap();
    let mut server = Server::start(&[Reply::Serve]);
    fetch_into(folder.path(), &["http://127.0.0.1:1/file", &server.url], 1).unwrap();
    assert_whole(folder.path());
    assert_eq!(server.ranges(), [None]);
}

#[test]
fn a_file_without_an_address_is_passed_over_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&[Reply::Serve]);
    let mut manifest = manifest(&[&server.url]);
    let mut second = manifest.files[0].clone();
    second.name = "nowhere.bin".into();
    second.urls.clear();
    manifest.files.push(second);
    let options = FetchOptions::default();
    let fetched = fetch_with(&manifest, folder.path(), options, &mut |_| {}).unwrap();
    assert_eq!(fetched.paths, [folder.path().join("file.bin")]);
    assert_eq!(fetched.without_address, manifest.files[1..]);
    assert_whole(folder.path());

    std::fs::write(folder.path().join("nowhere.bin"), content()).unwrap();
    let fetched = fetch_with(&manifest, folder.path(), options, &mut |_| {}).unwrap();
    assert_eq!((fetched.paths.len(), fetched.without_address.len()), (2, 0), "it is there now");
}

#[test]
fn nothing_to_fetch_at_all_is_an_error_that_says_where_to_look() {
    let folder = tempfile::tempdir().unwrap();
    let message = fetch_into(folder.path(), &[], 1).unwrap_err().to_string();
    assert_eq!(
        message,
        "no address is known to fetch file.bin from: get it from s and give its folder with --data"
    );
}

#[test]
fn two_that_fetch_into_one_folder_do_not_hinder_each_other() {
    // One request is answered: whoever comes second finds the file.
    let server = Server::start(&[Reply::Serve]);
    let folder = tempfile::tempdir().unwrap();
    let outcomes = std::thread::scope(|scope| {
        let both = [(); 2].map(|()| scope.spawn(|| fetch_into(folder.path(), &[&server.url], 1)));
        both.map(|one| one.join().unwrap())
    });
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_whole(folder.path());
}

#[test]
fn a_file_of_which_only_bounds_and_first_digits_are_known_is_fetched_resumed_and_checked() {
    let sha256 = SourceFile::of("file.bin", &content()).sha256;
    let fetch = |folder: &Path, url: &str, digits: &str| {
        let expected = Expected::new(199_500..=200_500, digits).unwrap();
        let urls = [url.to_string()];
        let file = RemoteFile { name: "file.bin", urls: &urls, expected: &expected };
        fetch_file(file, folder, FetchOptions { attempts: 2, ..FetchOptions::default() }, &mut |_| {})
    };
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&[Reply::Cut(70_000), Reply::Serve]);
    let path = fetch(folder.path(), &server.url, &sha256[..8]).unwrap();
    assert_eq!(path, folder.path().join("file.bin"));
    assert_whole(folder.path());
    assert_eq!(server.ranges(), [None, Some(70_000)]);
    // It is there: nobody is asked.
    fetch(folder.path(), "http://127.0.0.1:1/file", &sha256[..8]).unwrap();

    // A part within the bounds is not taken for the whole.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file.bin.part"), &content()[..199_900]).unwrap();
    let mut server = Server::start(&[Reply::Serve]);
    fetch(folder.path(), &server.url, &sha256[..8]).unwrap();
    assert_whole(folder.path());
    assert_eq!(server.ranges(), [None]);

    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&[Reply::Serve, Reply::Serve]);
    let answers = answers(fetch(folder.path(), &server.url, "00000000").unwrap_err());
    assert!(answers[0].contains("expected a sha256 that begins with 00000000, found"), "{answers:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn a_link_in_the_place_of_a_part_is_not_followed() {
    let server = Server::start(&[Reply::Serve]);
    let folder = tempfile::tempdir().unwrap();
    let victim = folder.path().join("victim");
    std::fs::write(&victim, "mine").unwrap();
    std::os::unix::fs::symlink(&victim, folder.path().join("file.bin.part")).unwrap();
    fetch_into(folder.path(), &[&server.url], 1).unwrap();
    assert_eq!(std::fs::read_to_string(victim).unwrap(), "mine");
    assert!(!folder.path().join("file.bin").is_symlink());
}

//! A mirror of a data set on this machine.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Answers one request: the path without its slash and the first byte wanted, to the status line and the body;
/// the number of bytes after which it hangs up, where it does.
pub type Answer = dyn Fn(&str, usize) -> (&'static str, Vec<u8>, Option<usize>) + Send + Sync;

/// An HTTP server on the loopback interface; it serves until the process ends.
#[derive(Debug)]
pub struct Mirror {
    /// Its address, without a slash at the end.
    pub url: String,
    requests: Arc<Mutex<Vec<(String, usize)>>>,
}

impl Mirror {
    /// Starts one.
    ///
    /// # Panics
    /// Where the system gives no port.
    #[must_use]
    pub fn start(answer: Box<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = requests.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // The client may hang up first.
                let _ = serve(stream, &answer, &log);
            }
        });
        Self { url, requests }
    }

    /// One that says the same to every request.
    #[must_use]
    pub fn always(status: &'static str, body: Vec<u8>) -> Self {
        Self::start(Box::new(move |_, _| (status, body.clone(), None)))
    }

    /// The requests so far: path, and first byte wanted.
    ///
    /// # Panics
    /// Where the server did.
    #[must_use]
    pub fn requests(&self) -> Vec<(String, usize)> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, answer: &Answer, log: &Mutex<Vec<(String, usize)>>) -> std::io::Result<()> {
    let lines = BufReader::new(&stream).lines().map_while(Result::ok);
    let request: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let path = request.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
    let path = path.trim_start_matches('/').to_string();
    let range =
        request.iter().find_map(|line| line.to_lowercase().strip_prefix("range: bytes=").map(str::to_string));
    let start = range.and_then(|range| range.trim_end_matches('-').parse().ok()).unwrap_or(0);
    log.lock().unwrap().push((path.clone(), start));
    let (status, body, cut) = answer(&path, start);
    let rest = body.get(start..).unwrap_or_default();
    let (status, range) = match start {
        0 => (status, String::new()),
        _ => (
            "206 Partial Content",
            format!("Content-Range: bytes {start}-{}/{}\r\n", body.len() - 1, body.len()),
        ),
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\n{range}Content-Length: {}\r\nConnection: close\r\n\r\n",
        rest.len()
    )?;
    stream.write_all(rest.get(..cut.unwrap_or(rest.len())).unwrap_or(rest))?;
    stream.flush()
}

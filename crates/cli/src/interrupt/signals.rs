//! What the system sends.

use std::fmt;

/// A wish that the process end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Typed at the terminal.
    CtrlC,
    /// From `kill`, a scheduler, or a system that shuts down.
    #[cfg(unix)]
    Terminate,
    /// The terminal is gone.
    #[cfg(unix)]
    HangUp,
}

impl Signal {
    /// The signal of an exit code.
    pub(super) fn of_exit_code(code: u8) -> Option<Self> {
        let all = [
            Self::CtrlC,
            #[cfg(unix)]
            Self::Terminate,
            #[cfg(unix)]
            Self::HangUp,
        ];
        all.into_iter().find(|signal| signal.exit_code() == code)
    }

    /// As a shell reports a process that the signal ended: 128 and its number.
    pub(super) fn exit_code(self) -> u8 {
        match self {
            Self::CtrlC => 130,
            #[cfg(unix)]
            Self::Terminate => 143,
            #[cfg(unix)]
            Self::HangUp => 129,
        }
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CtrlC => "Ctrl-C (SIGINT)",
            #[cfg(unix)]
            Self::Terminate => "SIGTERM",
            #[cfg(unix)]
            Self::HangUp => "SIGHUP",
        })
    }
}

/// Calls `act` for every signal, on a thread of its own. Where the system does not allow it, signals end the process as
/// they do by default.
pub(super) fn on_signal(act: impl Fn(Signal) + Clone + Send + 'static) {
    #[cfg(unix)]
    on_unix_signal(act.clone());
    #[cfg(unix)]
    if is_ignored(signal_hook::consts::SIGINT) {
        return;
    }
    let _ = ctrlc::set_handler(move || act(Signal::CtrlC));
}

#[cfg(unix)]
fn on_unix_signal(act: impl Fn(Signal) + Send + 'static) {
    use signal_hook::consts::{SIGHUP, SIGTERM};
    let wanted = [SIGTERM, SIGHUP].into_iter().filter(|signal| !is_ignored(*signal));
    let Ok(mut signals) = signal_hook::iterator::Signals::new(wanted) else { return };
    let listen = move || {
        for signal in signals.forever() {
            act(if signal == SIGHUP { Signal::HangUp } else { Signal::Terminate });
        }
    };
    // Without the thread, nothing listens: the system allows too few of them for anything else, too.
    let _ = std::thread::Builder::new().name("signals".into()).spawn(listen);
}

/// Whether the process was started to ignore a signal, as by `nohup` or behind a script, as far as the system tells: a handler
/// would undo that.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return false };
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

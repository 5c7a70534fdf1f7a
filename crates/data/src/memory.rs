//! Memory that is at hand.

use std::path::{Path, PathBuf};

use crate::Limit;

/// Bytes that the process can still get, as far as the system tells: the least of what is free, what its group of processes may
/// have, and what itself may have, by the system or by [`Limit::Memory`].
pub fn available_memory() -> Option<f64> {
    let read = |path: &str| std::fs::read_to_string(path).ok();
    let kilobytes = |text: &str, key: &str| -> Option<f64> {
        let line = text.lines().find_map(|line| line.strip_prefix(key))?;
        Some(line.split_whitespace().next()?.parse::<f64>().ok()? * 1024.0)
    };
    let free = read("/proc/meminfo").and_then(|text| {
        Some(kilobytes(&text, "MemAvailable:")? + kilobytes(&text, "SwapFree:").unwrap_or(0.0))
    });
    let own = read("/proc/self/limits").and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("Max address space"))?.to_owned();
        let most = line.split_whitespace().next()?.parse::<f64>().ok()?;
        Some(most - kilobytes(&read("/proc/self/status")?, "VmSize:")?)
    });
    let set = Some(Limit::Memory.most()).filter(|most| *most < u64::MAX).map(|most| {
        let taken = read("/proc/self/status").and_then(|text| kilobytes(&text, "VmRSS:"));
        (most as f64 - taken.unwrap_or(0.0)).max(0.0)
    });
    [free, of_groups(), own, set].into_iter().flatten().min_by(f64::total_cmp)
}

/// What the groups of processes that this one is in may still have, the least of them.
fn of_groups() -> Option<f64> {
    let number = |path: PathBuf| std::fs::read_to_string(path).ok()?.trim().parse::<f64>().ok();
    let own = std::fs::read_to_string("/proc/self/cgroup").ok()?;
    let left =
        |folder: PathBuf, most: &str, now: &str| Some(number(folder.join(most))? - number(folder.join(now))?);
    let each = own.lines().flat_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        let (kinds, path) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let (root, most, now) = match kinds {
            "" => ("/sys/fs/cgroup", "memory.max", "memory.current"),
            "memory" => ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
            _ => ("", "", ""),
        };
        // Those around it have limits, too; within a container, its own is the root.
        let around: Vec<PathBuf> = Path::new(path.trim_start_matches('/'))
            .ancestors()
            .map(|part| Path::new(root).join(part))
            .collect();
        around.into_iter().filter(|_| !root.is_empty()).filter_map(move |folder| left(folder, most, now))
    });
    each.min_by(f64::total_cmp)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_system_tells_what_is_at_hand() {
        if cfg!(target_os = "linux") {
            assert!(available_memory().unwrap() > 1e6);
        }
    }
}

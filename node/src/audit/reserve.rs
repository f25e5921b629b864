//! Space that is kept for the last records: a file that is let go when the disk is full, so that what
//! is refused from then on can still be put on record.

use std::fs::File;
use std::io::{Error, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Clone)]
pub(super) struct Reserve(Arc<Inner>);

struct Inner {
    path: PathBuf,
    bytes: u64,
    /// Whether it was let go and not taken back.
    out: AtomicBool,
}

/// Written at once.
const BLOCK: usize = 64 * 1024;

impl Reserve {
    /// Takes the space, in a service's folder. Where there is none, the service begins without.
    pub(super) fn hold(folder: &Path, bytes: u64) -> Self {
        let path = folder.join("audit.reserve");
        let reserve = Self(Arc::new(Inner { path, bytes, out: AtomicBool::new(false) }));
        if let Err(error) = reserve.take() {
            tracing::error!(%error, "no space can be reserved for audit records");
            reserve.let_go();
        }
        reserve
    }

    pub(super) fn is_out(&self) -> bool {
        self.0.out.load(Ordering::Acquire)
    }

    /// Gives the space to whoever writes next; true for the first to ask.
    pub(super) fn let_go(&self) -> bool {
        let first = !self.0.out.swap(true, Ordering::AcqRel);
        let _ = std::fs::remove_file(&self.0.path);
        first
    }

    /// Takes the space back, where there is room again.
    pub(super) fn restore(&self) -> bool {
        if self.is_out() && self.take().is_ok() {
            self.0.out.store(false, Ordering::Release);
            return true;
        }
        false
    }

    fn take(&self) -> Result<(), Error> {
        let there = std::fs::metadata(&self.0.path).map_or(0, |found| found.len());
        if there == self.0.bytes {
            return Ok(());
        }
        let next = self.0.path.with_extension("next");
        let taken = fill(&next, self.0.bytes).and_then(|()| std::fs::rename(&next, &self.0.path));
        if taken.is_err() {
            let _ = std::fs::remove_file(&next);
        }
        taken
    }
}

/// Writes what no file system can make smaller.
fn fill(path: &Path, bytes: u64) -> Result<(), Error> {
    let mut file = File::create(path)?;
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut left = bytes;
    let mut block = vec![0; BLOCK];
    while left > 0 {
        for eight in block.chunks_exact_mut(8) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            eight.copy_from_slice(&state.to_le_bytes());
        }
        let count = left.min(BLOCK as u64);
        file.write_all(&block[..usize::try_from(count).unwrap_or(BLOCK)])?;
        left -= count;
    }
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn space_is_held_let_go_once_and_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let reserve = Reserve::hold(folder.path(), 100_000);
        let held = || std::fs::metadata(folder.path().join("audit.reserve")).map(|m| m.len()).ok();
        assert_eq!((held(), reserve.is_out()), (Some(100_000), false));
        assert!(reserve.let_go() && !reserve.let_go(), "once");
        assert_eq!((held(), reserve.is_out()), (None, true));
        assert!(reserve.restore());
        assert_eq!((held(), reserve.is_out()), (Some(100_000), false));
    }
}

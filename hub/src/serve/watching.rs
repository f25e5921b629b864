//! Watched folders, each on a thread of its own: they read files, and wait for disks.

use super::roles::Ready;
use tokio::runtime::{Handle, Runtime};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The folders that are watched, until they are stopped.
pub(super) struct Watched {
    stop: watch::Sender<bool>,
    threads: Vec<JoinHandle<()>>,
}

pub(super) fn begin(ready: &mut [Ready], runtime: &Handle) -> Watched {
    let (stop, stopped) = watch::channel(false);
    let folders = ready.iter_mut().flat_map(|role| role.folders.drain(..));
    let begin = |folder: repository::senders::folder::Watch| {
        let (handle, stopped) = (runtime.clone(), stopped.clone());
        runtime.spawn_blocking(move || handle.block_on(folder.run(stopped)))
    };
    let threads = folders.map(begin).collect();
    Watched { stop, threads }
}

impl Watched {
    /// Finishes the documents that are under way, and takes no more.
    pub(super) fn stop(&mut self, runtime: &Runtime) {
        let _ = self.stop.send(true);
        for thread in self.threads.drain(..) {
            let _ = runtime.block_on(thread);
        }
    }
}

//! Messages that are about the same document, set or tracking id are taken in one after the other:
//! two identical ones at once are one document.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use tokio::sync::{Mutex, OwnedMutexGuard};

const LANES: usize = 256;

/// Who is being served; names share a lane by chance, which costs a wait and nothing else.
pub struct Turns(Vec<Arc<Mutex<()>>>);

impl Default for Turns {
    fn default() -> Self {
        Self((0..LANES).map(|_| Arc::default()).collect())
    }
}

impl Turns {
    /// Waits for every name; lanes are taken in ascending order, so that nobody waits in a circle.
    pub(super) async fn of(&self, names: Vec<String>) -> Vec<OwnedMutexGuard<()>> {
        let lanes: BTreeSet<usize> = names.iter().map(|name| lane(name)).collect();
        let mut held = Vec::with_capacity(lanes.len());
        for lane in lanes {
            held.push(self.0[lane].clone().lock_owned().await);
        }
        held
    }
}

fn lane(name: &str) -> usize {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    (hasher.finish() % LANES as u64) as usize
}

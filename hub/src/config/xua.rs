//! `[xua]`: whose assertions about people are believed (ITI-40); `[[caller]]`: whose certificates are
//! known by fingerprint.

use super::Config;
use node::caller::PinnedCallers;
use node::clock::Clock;
use node::xua::{ReplayStore, TrustStore, Xua};
use std::path::Path;

/// The uses of assertions, in the data folder.
pub const DATABASE: &str = "xua.db";

/// What is wrong with both; every file of `[xua]` is read.
pub fn problems(config: &Config) -> Vec<String> {
    let mut problems: Vec<String> = PinnedCallers::new(&config.caller).err().into_iter().collect();
    if let Some(settings) = &config.xua {
        problems.extend(settings.problems());
        problems.extend(TrustStore::load(settings).err());
    }
    problems
}

/// The verifier of a process, where the configuration trusts an issuer.
pub fn open(config: &Config, data: &Path, clock: &Clock) -> Result<Option<Xua>, String> {
    let Some(settings) = &config.xua else { return Ok(None) };
    if let Some(problem) = settings.problems().into_iter().next() {
        return Err(problem);
    }
    let trust = TrustStore::load(settings)?;
    let path = settings.store.clone().unwrap_or_else(|| data.join(DATABASE));
    let replay = ReplayStore::open(&path)?;
    Ok(Some(Xua::new(settings.clone(), trust, replay, clock.clone())))
}

//! Is every record there, and as it was written? The chain is walked, and held against the signed
//! checkpoints and whatever else is known of it outside the log.

mod damage;
mod piece;
mod walk;

pub use damage::{Damage, DamageKind};
pub use piece::{Piece, piece_of, verify_piece};

use super::checkpoint::{self, Checkpoint, Checkpoints};
use super::signer::Trust;
use super::store::{head_path, hex, open_read_only};
use crate::sqlite::SqliteError;
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use walk::{Row, Settled, Walk};

/// Damages that are listed; where there are more, the log is not what it was anyhow.
const DAMAGE_MAX: usize = 100;
/// Records between two looks at the clock for whoever waits.
const PROGRESS_EVERY: i64 = 4_096;

/// By what a log is proved.
#[derive(Clone, Copy, Default)]
pub struct Proof<'a> {
    /// Whose signatures are believed; without it checkpoints prove nothing.
    pub trust: Option<&'a Trust>,
    /// The service's name, which each checkpoint names.
    pub service: &'a str,
    /// A copy of `audit.checkpoints` that was kept on another machine.
    pub elsewhere: Option<&'a Path>,
    /// After how many records the service signs, by its configuration.
    pub every: Option<u32>,
}

/// What a walk found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    pub records: i64,
    /// The newest digest.
    pub head: String,
    pub damage: Vec<Damage>,
    /// More damages than are listed.
    pub more: usize,
    /// Good checkpoints that the log agrees with.
    pub checkpoints: usize,
    pub last_checkpoint: Option<i64>,
    /// Records whose content has expired.
    pub expired: i64,
}

impl Verification {
    pub fn is_whole(&self) -> bool {
        self.damage.is_empty()
    }
}

/// Walks the chain of a service's folder, without checkpoints.
pub fn verify(folder: &Path) -> Result<Verification, SqliteError> {
    verify_by(folder, &Proof::default(), &mut |_, _| ())
}

/// Walks the chain of a service's folder; `progress` hears of records walked and of all.
pub fn verify_by(
    folder: &Path,
    proof: &Proof<'_>,
    progress: &mut dyn FnMut(i64, i64),
) -> Result<Verification, SqliteError> {
    let connection = open_read_only(folder)?;
    // One state of the database for all of it, while the service goes on.
    connection.execute_batch("BEGIN")?;
    let total: i64 =
        connection.query_row("SELECT coalesce(max(seq), 0) FROM record", [], |row| row.get(0))?;
    let mut ledger = Ledger::new(folder, &connection, proof)?;
    let mut walk = Walk::behind(0, Vec::new());
    let mut statement = connection
        .prepare("SELECT seq, at, event, content_digest, digest FROM record ORDER BY seq")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let row = Row {
            seq: row.get(0)?,
            at: row.get(1)?,
            event: row.get(2)?,
            content: row.get(3)?,
            digest: row.get(4)?,
        };
        if row.seq % PROGRESS_EVERY == 0 {
            progress(row.seq, total);
        }
        if let Some(settled) = walk.push(row) {
            ledger.see(&settled);
        }
    }
    while let Some(settled) = walk.finish() {
        ledger.see(&settled);
    }
    progress(total, total);
    let records = walk.next - 1;
    ledger.found.append(&mut walk.found);
    Ok(ledger.close(records, hex(&walk.previous), proof))
}

/// What is known of the log from signatures and from outside, and what the walk showed of it.
struct Ledger {
    /// Digest of each signed place.
    signed: BTreeMap<i64, Vec<u8>>,
    anchor: Option<(i64, String)>,
    agreed: BTreeSet<i64>,
    /// The newest place that was signed with another digest; once is said once.
    anew: bool,
    every: i64,
    empty: Vec<i64>,
    expired: i64,
    expired_up_to: i64,
    found: Vec<(i64, DamageKind)>,
}

/// Where checkpoints were found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    Log,
    /// Beside the log, or kept elsewhere.
    Copy,
    /// A piece of a log, which need not begin with the first.
    Piece,
}

impl Ledger {
    fn empty(proof: &Proof<'_>) -> Self {
        Self {
            signed: BTreeMap::new(),
            anchor: None,
            agreed: BTreeSet::new(),
            anew: false,
            every: proof.every.map_or(i64::MAX, i64::from),
            empty: Vec::new(),
            expired: 0,
            expired_up_to: 0,
            found: Vec::new(),
        }
    }

    fn new(folder: &Path, connection: &Connection, proof: &Proof<'_>) -> Result<Self, SqliteError> {
        let mut ledger = Self { anchor: anchor(folder), ..Self::empty(proof) };
        if let Some(trust) = proof.trust {
            let stored = Checkpoints::stored(connection, 0)?;
            ledger.know(&stored.judged(proof.service, trust), Source::Log);
            let beside = checkpoint::path(folder);
            for path in [Some(beside.as_path()), proof.elsewhere].into_iter().flatten() {
                let copied = Checkpoints::written(path);
                ledger.know(&copied.judged(proof.service, trust), Source::Copy);
            }
        }
        Ok(ledger)
    }

    /// Takes checkpoints of one source, the log's own first.
    fn know(&mut self, judged: &[(&Checkpoint, bool)], source: Source) {
        let mut before = match (source, judged.first()) {
            (Source::Piece, Some((first, _))) => first.previous,
            _ => 0,
        };
        for (one, good) in judged {
            if !good {
                self.found.push((one.seq, DamageKind::ForgedCheckpoint));
                continue;
            }
            if source != Source::Copy && one.previous != before {
                self.found.push((one.previous, DamageKind::MissingCheckpoint));
            }
            before = one.seq;
            if source == Source::Log {
                self.every = one.every;
            }
            let is_new = self.signed.insert(one.seq, one.digest.clone()).is_none();
            if is_new && source == Source::Copy {
                self.found.push((one.seq, DamageKind::MissingCheckpoint));
            }
        }
    }

    fn see(&mut self, settled: &Settled) {
        let seq = settled.seq;
        if let Some((_, anchored)) = self.anchor.as_ref().filter(|(at, _)| *at == seq)
            && *anchored != hex(&settled.digest)
        {
            self.found.push((seq, DamageKind::DiffersFromAnchor));
        }
        match self.signed.get(&seq) {
            Some(digest) if *digest == settled.digest => {
                self.agreed.insert(seq);
                self.anew = false;
            }
            Some(_) if !self.anew => {
                self.anew = true;
                self.found.push((seq, DamageKind::ComputedAnew));
            }
            _ => {}
        }
        match &settled.event {
            None => {
                self.expired += 1;
                self.empty.push(seq);
            }
            Some(event) if event.contains("\"expiredUpTo\":") => {
                let event: Option<super::AuditEvent> = serde_json::from_str(event).ok();
                let up_to = event.and_then(|event| event.expired_up_to).unwrap_or_default();
                self.expired_up_to = self.expired_up_to.max(up_to);
            }
            Some(_) => {}
        }
    }

    fn close(mut self, records: i64, head: String, proof: &Proof<'_>) -> Verification {
        let emptied = self.empty.iter().filter(|seq| **seq > self.expired_up_to);
        self.found.extend(emptied.map(|seq| (*seq, DamageKind::Emptied)));
        let known =
            self.signed.keys().next_back().copied().max(self.anchor.as_ref().map(|(seq, _)| *seq));
        if let Some(known) = known.filter(|known| *known > records) {
            self.found.push((records + 1, DamageKind::Cut { known }));
        }
        let last = self.signed.keys().next_back().copied();
        let unsigned = records - last.unwrap_or(0);
        if proof.trust.is_some() && unsigned > self.every.saturating_mul(2) {
            let from = last.unwrap_or(0) + 1;
            self.found.push((from, DamageKind::Unsigned { records: unsigned }));
        }
        self.said(records, head)
    }

    /// Of a piece: what it claims to hold is there, and signed.
    fn close_piece(
        mut self,
        (from, until, last): (i64, i64, i64),
        head: String,
        proof: &Proof<'_>,
    ) -> Verification {
        if last < until {
            self.found.push((last + 1, DamageKind::Cut { known: until }));
        }
        let signed = self.agreed.last().copied().unwrap_or(from - 1);
        if proof.trust.is_some() && signed < until {
            let unsigned = DamageKind::Unsigned { records: until - signed };
            self.found.push((signed + 1, unsigned));
        }
        self.expired = self.empty.iter().filter(|seq| **seq <= until).count() as i64;
        self.said(last.min(until) - from + 1, head)
    }

    fn said(mut self, records: i64, head: String) -> Verification {
        self.found.sort_by_key(|(seq, _)| *seq);
        let more = self.found.len().saturating_sub(DAMAGE_MAX);
        let damage = self.found.into_iter().take(DAMAGE_MAX).map(|(seq, kind)| Damage {
            seq,
            kind,
            last_good_checkpoint: self.agreed.range(..seq).next_back().copied(),
        });
        Verification {
            records,
            head,
            damage: damage.collect(),
            more,
            checkpoints: self.agreed.len(),
            last_checkpoint: self.agreed.last().copied(),
            expired: self.expired,
        }
    }
}

fn anchor(folder: &Path) -> Option<(i64, String)> {
    let text = std::fs::read_to_string(head_path(folder)).ok()?;
    let (seq, digest) = text.trim().split_once(' ')?;
    Some((seq.parse().ok()?, digest.to_owned()))
}

#[cfg(test)]
mod tests;

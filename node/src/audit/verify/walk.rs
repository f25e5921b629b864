//! The walk itself: which row is which record of the chain, told by the digests and not by the
//! numbers that stand beside them.
//!
//! A window of rows is looked at together, so that a record that was moved is found where it stands, a
//! foreign one is told from its neighbours, and the walk goes on behind each damage.

use super::damage::DamageKind;
use crate::audit::store::{content_digest, link};
use std::collections::VecDeque;

/// Rows that are looked at together; a record that was moved further shows as dropped and inserted.
pub(super) const WINDOW: usize = 64;
/// Records that may be missing where the rest was numbered anew.
const GAP_MAX: i64 = 10_000;

/// A row as it stands.
pub(super) struct Row {
    pub seq: i64,
    pub at: String,
    pub event: Option<String>,
    pub content: Vec<u8>,
    pub digest: Vec<u8>,
}

impl Row {
    /// Whether it is the record of a place, behind the record with this digest.
    fn is(&self, place: i64, previous: &[u8]) -> bool {
        link(previous, place, &self.content)[..] == self.digest[..]
    }

    /// Whether its words are those that its digest was made of.
    fn is_as_written(&self) -> bool {
        let Some(event) = &self.event else { return true };
        // The column is for looking up; what counts is the moment inside the content.
        let at = format!("\"at\":\"{}\"", self.at);
        content_digest(event)[..] == self.content[..] && event.contains(&at)
    }
}

pub(super) struct Walk {
    window: VecDeque<Row>,
    /// Rows that were passed over, with the number of records found since.
    strays: Vec<(Row, usize)>,
    /// Place of the record that comes next, and the digest before it.
    pub next: i64,
    pub previous: Vec<u8>,
    /// The places just behind, each with the digest before it.
    behind: VecDeque<(i64, Vec<u8>)>,
    /// How far numbers are off since the last insertion or loss.
    offset: i64,
    pub found: Vec<(i64, DamageKind)>,
}

impl Walk {
    /// Begins behind a record.
    pub(super) fn behind(seq: i64, digest: Vec<u8>) -> Self {
        Self {
            window: VecDeque::with_capacity(WINDOW),
            strays: Vec::new(),
            next: seq + 1,
            previous: digest,
            behind: VecDeque::with_capacity(WINDOW),
            offset: 0,
            found: Vec::new(),
        }
    }

    /// Takes a row; tells the record that was settled, once the window is full.
    pub(super) fn push(&mut self, row: Row) -> Option<Settled> {
        self.window.push_back(row);
        if self.window.len() < WINDOW { None } else { self.settle() }
    }

    /// The records that are left, one at a time, until nothing comes.
    pub(super) fn finish(&mut self) -> Option<Settled> {
        let settled = self.settle();
        if settled.is_none() {
            for (row, _) in std::mem::take(&mut self.strays) {
                self.found.push((row.seq, DamageKind::Inserted));
            }
        }
        settled
    }

    fn settle(&mut self) -> Option<Settled> {
        let front = self.window.front()?;
        if front.is(self.next, &self.previous) {
            let row = self.window.pop_front()?;
            return Some(self.take(row));
        }
        if let Some(at) = self.strays.iter().position(|(row, _)| row.is(self.next, &self.previous))
        {
            let (row, _) = self.strays.swap_remove(at);
            self.note_place(&row);
            return Some(self.accept(row));
        }
        if let Some(at) = self.window.iter().position(|row| row.is(self.next, &self.previous)) {
            let passed: Vec<Row> = self.window.drain(..at).collect();
            self.strays.extend(passed.into_iter().map(|row| (row, 0)));
            let row = self.window.pop_front()?;
            // Where the next record follows it, it is not this one that was moved.
            let in_order =
                self.window.front().is_none_or(|next| next.is(self.next + 1, &row.digest));
            if in_order {
                self.offset = row.seq - self.next;
            }
            self.note_place(&row);
            return Some(self.accept(row));
        }
        self.broken()
    }

    fn note_place(&mut self, row: &Row) {
        if row.seq != self.next + self.offset {
            self.found.push((self.next, DamageKind::Reordered { stands_at: row.seq }));
        }
    }

    /// A record in its place, whose number and words are still to be looked at.
    fn take(&mut self, row: Row) -> Settled {
        if row.seq != self.next + self.offset {
            self.found.push((self.next, DamageKind::Renumbered { stands_at: row.seq }));
            // One number that is off alone is no shift of all that follow.
            let shifts = self.window.front().is_some_and(|next| next.seq == row.seq + 1);
            if shifts {
                self.offset = row.seq - self.next;
            }
        }
        self.accept(row)
    }

    fn accept(&mut self, row: Row) -> Settled {
        if !row.is_as_written() {
            let kind = self.displaced_content(&row).unwrap_or(DamageKind::Altered);
            self.found.push((self.next, kind));
        }
        self.step(row)
    }

    /// Words that were exchanged with those of another record.
    fn displaced_content(&self, row: &Row) -> Option<DamageKind> {
        let other = self.window.iter().find(|other| {
            other.event.as_ref().is_some_and(|event| content_digest(event)[..] == row.content[..])
        })?;
        Some(DamageKind::Reordered { stands_at: other.seq })
    }

    fn step(&mut self, row: Row) -> Settled {
        let previous = std::mem::replace(&mut self.previous, row.digest.clone());
        self.behind.push_back((self.next, previous));
        if self.behind.len() > WINDOW {
            self.behind.pop_front();
        }
        let settled = Settled { seq: self.next, digest: row.digest, event: row.event };
        self.next += 1;
        self.strays.iter_mut().for_each(|(_, age)| *age += 1);
        let old = |(_, age): &(Row, usize)| *age > 2 * WINDOW;
        for (row, _) in self.strays.extract_if(.., |stray| old(stray)) {
            self.found.push((row.seq, DamageKind::Inserted));
        }
        settled
    }

    /// No row is the next record: what was done to it?
    fn broken(&mut self) -> Option<Settled> {
        if let Some(settled) = self.inserted_before() {
            return Some(settled);
        }
        let row = self.window.pop_front()?;
        let follows = |place: i64| self.window.front().is_some_and(|r| r.is(place, &row.digest));
        let place = row.seq - self.offset;
        let is_last = self.window.is_empty();
        if place > self.next && (is_last || follows(place + 1)) {
            self.found.push((self.next, DamageKind::Dropped { until: place - 1 }));
            self.next = place;
            return Some(self.accept(row));
        }
        if !follows(self.next + 1) {
            let gap = (1..=GAP_MAX).find(|gap| follows(self.next + gap + 1));
            if let Some(gap) = gap {
                let until = self.next + gap - 1;
                self.found.push((self.next, DamageKind::Dropped { until }));
                self.next += gap;
                self.offset = row.seq - self.next;
                return Some(self.accept(row));
            }
        }
        // Where only its digest was altered, the next record still follows what it was.
        let digest = link(&self.previous, self.next, &row.content).to_vec();
        let healed = self.window.front().is_some_and(|next| next.is(self.next + 1, &digest));
        let is_altered = healed || !row.is_as_written();
        let kind = if is_altered { DamageKind::Altered } else { DamageKind::Rewritten };
        self.found.push((self.next, kind));
        Some(self.step(if healed { Row { digest, ..row } } else { row }))
    }

    /// Whether the front row is the record of a place just behind: then what stands there was put in,
    /// with links of its own.
    fn inserted_before(&mut self) -> Option<Settled> {
        let front = self.window.front()?;
        let at = self.behind.iter().rposition(|(place, previous)| front.is(*place, previous))?;
        let (place, previous) = self.behind[at].clone();
        for inserted in place..self.next {
            self.found.push((inserted, DamageKind::Inserted));
        }
        let row = self.window.pop_front()?;
        self.behind.truncate(at);
        self.next = place;
        self.previous = previous;
        self.offset = row.seq - place;
        Some(self.accept(row))
    }
}

/// A record that has its place.
pub(super) struct Settled {
    pub seq: i64,
    pub digest: Vec<u8>,
    pub event: Option<String>,
}

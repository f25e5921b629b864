//! What news of a patient does to the relationships that are kept. Pure.

#[cfg(test)]
mod tests;

use crate::region::{Policy, RelationshipKind};
use jiff::ToSpan;
use jiff::civil::Date;
use schemas::dtm::Dtm;
use schemas::hl7::PatientId;
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use schemas::pix::{Encounter, EncounterStep, Vital};
use schemas::relationship::{Addressed, News, Told};
use std::collections::HashSet;

/// Why a relationship was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Because {
    /// The practice's list has the patient no more, or another practice's has.
    Left,
    Discharged,
    Died,
    /// It never was: a visit cancelled, a document taken back.
    Cancelled,
    ByHand,
}

impl Because {
    pub const ALL: [Self; 5] =
        [Self::Left, Self::Discharged, Self::Died, Self::Cancelled, Self::ByHand];

    pub fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Discharged => "discharged",
            Self::Died => "died",
            Self::Cancelled => "cancelled",
            Self::ByHand => "by-hand",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|because| because.name() == text)
    }
}

/// A relationship as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// [`NhsNumber::key`]; those of a merged patient keep their own.
    pub patient_key: i64,
    pub ods: OdsCode,
    pub kind: RelationshipKind,
    pub starts: Date,
    /// The visit's number or the document's uniqueId; empty where the kind has none.
    pub reference: String,
    /// The last day on which it opens anything, a tail included.
    pub ends: Option<Date>,
    /// The day on which it was over, a tail not included.
    pub over: Option<(Date, Because)>,
    pub ends_before: Option<Date>,
    pub source: String,
    /// RFC 3339.
    pub recorded_at: String,
    /// The day of the last word that it stands.
    pub evidence_on: Date,
}

/// What history says of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Started,
    Over(Because),
    StandsAgain,
}

impl What {
    pub fn text(self) -> String {
        match self {
            Self::Started => "started".to_owned(),
            Self::Over(because) => format!("over: {}", because.name()),
            Self::StandsAgain => "stands again".to_owned(),
        }
    }
}

/// A death, and the organisation whose word it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Death {
    pub on: Date,
    pub by: String,
}

/// What the region has decided, and what is known beside the patient.
#[derive(Clone, Debug)]
pub struct Terms {
    pub policy: Policy,
    pub today: Date,
    /// Codes that the news takes for practices and that are something else here.
    pub not_practices: HashSet<OdsCode>,
    /// uniqueIds of documents that are referrals.
    pub referrals: HashSet<String>,
}

/// What becomes of the record of who was merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merging {
    Into(NhsNumber),
    Parted,
}

/// A patient's relationships while news is worked in; what has changed is written back.
#[derive(Clone, Debug)]
pub struct Desk {
    patient_key: i64,
    before: Vec<Kept>,
    rows: Vec<Kept>,
    /// By index; a change without a word is evidence only.
    changed: Vec<(usize, Option<What>)>,
    pub death: Option<Death>,
    death_changed: bool,
    pub merging: Option<Merging>,
    source: String,
    by: String,
    recorded_at: String,
}

fn after(day: Date, days: u32) -> Date {
    day.checked_add(i64::from(days).days()).unwrap_or(Date::MAX)
}

/// The day that a sender names, never one that has not come.
fn named(at: Option<&Dtm>, today: Date) -> Date {
    let text = at.map(Dtm::as_str).unwrap_or_default();
    let part = |from: usize, to: usize| text.get(from..to);
    let day = || {
        let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
        Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
    };
    day().map_or(today, |day| day.min(today))
}

impl Kept {
    pub fn stands(&self) -> bool {
        self.over.is_none()
    }

    pub fn is_current(&self, today: Date) -> bool {
        self.starts <= today && self.ends.is_none_or(|ends| today <= ends)
    }

    /// One word for a person.
    pub fn state(&self, today: Date) -> &'static str {
        match self.over {
            Some((_, Because::Cancelled)) => "cancelled",
            Some(_) if self.is_current(today) => "tail",
            Some(_) => "over",
            None if self.starts > today => "not begun",
            None if self.is_current(today) => "stands",
            None => "ended",
        }
    }
}

impl Desk {
    /// `rows` are those of the patient and of everyone merged with it.
    pub fn new(patient: NhsNumber, rows: Vec<Kept>, death: Option<Death>) -> Self {
        Self {
            patient_key: patient.key(),
            before: rows.clone(),
            rows,
            changed: Vec::new(),
            death,
            death_changed: false,
            merging: None,
            source: String::new(),
            by: String::new(),
            recorded_at: String::new(),
        }
    }

    /// Whose word follows, and when it came (RFC 3339).
    pub fn hear(&mut self, source: &str, by: &str, recorded_at: &str) {
        self.source = source.to_owned();
        self.by = by.to_owned();
        self.recorded_at = recorded_at.to_owned();
    }

    pub fn source(&self) -> &str {
        &self.source
    }

    pub fn by(&self) -> &str {
        &self.by
    }

    pub fn recorded_at(&self) -> &str {
        &self.recorded_at
    }

    /// Rows that are to be written, with history's word where more than their age changed.
    pub fn written(&self) -> impl Iterator<Item = (&Kept, Option<What>)> {
        let same = |at: usize| {
            let (before, now) = (self.before.get(at), &self.rows[at]);
            before.is_some_and(|row| (row.ends, row.over) == (now.ends, now.over))
        };
        let changed = self.changed.iter();
        changed.map(move |(at, what)| (&self.rows[*at], what.filter(|_| !same(*at))))
    }

    pub fn rows(&self) -> &[Kept] {
        &self.rows
    }

    /// The new record of a death; `Some(None)`: it is forgotten.
    pub fn new_death(&self) -> Option<Option<&Death>> {
        self.death_changed.then_some(self.death.as_ref())
    }

    /// Works in what was told.
    pub fn take(&mut self, told: &Told, terms: &Terms) {
        for news in &told.news {
            match news {
                News::Registered(practice) if terms.not_practices.contains(practice) => {}
                News::Registered(practice) => self.registered(practice, None, None, terms),
                News::Encounter(encounter) => {
                    if let Some(ods) = &told.by {
                        self.encounter(ods, encounter, terms);
                    }
                }
                News::Vital(vital) => self.vital(vital, terms.today),
                News::MergedInto(into) => self.merging = merged_into(into),
                News::Parted => self.merging = Some(Merging::Parted),
                News::Addressed(addressed) => self.addressed(addressed, terms),
                News::TakenBack(unique_id) => self.taken_back(unique_id.as_str()),
            }
        }
    }

    /// The patient is on a practice's list since a day; without one, from today. The practice whose
    /// list had the patient before keeps it for the tail.
    pub fn registered(
        &mut self,
        practice: &OdsCode,
        since: Option<Date>,
        until: Option<Date>,
        terms: &Terms,
    ) {
        let Terms { policy, today, .. } = terms;
        let tail = policy.practice_tail_days;
        let starts = since.unwrap_or(*today);
        let mut newer: Option<Date> = None;
        for at in self.standing(RelationshipKind::Registration) {
            let row = &self.rows[at];
            if row.ods == *practice {
                continue;
            }
            if row.starts <= starts {
                // From when it is known to be elsewhere, not from a day long past.
                self.over(at, starts.min(*today), tail, Because::Left);
            } else {
                newer = newer.max(Some(row.starts));
            }
        }
        let open = self
            .standing(RelationshipKind::Registration)
            .into_iter()
            .find(|at| self.rows[*at].ods == *practice);
        let at = match open {
            Some(at) => {
                self.seen(at, None, *today);
                at
            }
            None => self.start(practice, RelationshipKind::Registration, starts, "", None, *today),
        };
        if let Some(left) = until.into_iter().chain(newer).min() {
            self.over(at, left, tail, Because::Left);
        }
    }

    /// The practice's list has the patient no more.
    pub fn left(&mut self, practice: &OdsCode, on: Date, tail: u32) {
        for at in self.standing(RelationshipKind::Registration) {
            if self.rows[at].ods == *practice {
                self.over(at, on, tail, Because::Left);
            }
        }
    }

    fn encounter(&mut self, ods: &OdsCode, encounter: &Encounter, terms: &Terms) {
        let Terms { policy, today, .. } = terms;
        let day = named(encounter.at.as_ref(), *today);
        let visit = encounter.visit.as_deref();
        let lasts = Some(after(*today, policy.encounter_days));
        let open = self.visit(ods, visit, |row| row.stands());
        match (encounter.step, open) {
            (EncounterStep::Begins | EncounterStep::GoesOn, Some(at)) => {
                self.seen(at, lasts, *today);
            }
            (EncounterStep::GoesOn, None) if self.has_just_ended(ods, visit, *today) => {}
            (EncounterStep::Begins | EncounterStep::GoesOn, None) => {
                let visit = visit.unwrap_or_default();
                self.start(ods, RelationshipKind::Encounter, day, visit, lasts, *today);
            }
            (EncounterStep::Ends, Some(at)) => {
                self.over(at, day, policy.encounter_tail_days, Because::Discharged);
            }
            (EncounterStep::Cancelled, _) => {
                if let Some(at) = self.visit(ods, visit, |row| !is_cancelled(row)) {
                    self.cancel(at);
                }
            }
            (EncounterStep::EndCancelled, None) => {
                let discharged =
                    |row: &Kept| row.over.is_some_and(|(_, why)| why == Because::Discharged);
                if let Some(at) = self.visit(ods, visit, discharged) {
                    self.again(at, lasts, *today);
                }
            }
            (EncounterStep::Ends, None) | (EncounterStep::EndCancelled, Some(_)) => {}
        }
    }

    /// The newest visit that fits, of this number where one is given.
    fn visit(
        &self,
        ods: &OdsCode,
        number: Option<&str>,
        fits: impl Fn(&Kept) -> bool,
    ) -> Option<usize> {
        let of_it = |row: &Kept| {
            row.kind == RelationshipKind::Encounter
                && row.ods == *ods
                && number.is_none_or(|number| of_number(row, number))
                && fits(row)
        };
        let found = self.rows.iter().enumerate().filter(|(_, row)| of_it(row));
        found.max_by_key(|(_, row)| row.starts).map(|(at, _)| at)
    }

    /// What changes after a discharge belongs to the visit that is over.
    fn has_just_ended(&self, ods: &OdsCode, number: Option<&str>, today: Date) -> bool {
        let ended = |row: &Kept| {
            row.over.is_some() && (number.is_some() || row.is_current(today) || is_cancelled(row))
        };
        self.visit(ods, number, ended).is_some()
    }

    fn addressed(&mut self, addressed: &Addressed, terms: &Terms) {
        let Terms { policy, today, .. } = terms;
        let id = addressed.unique_id.as_str();
        let referral = terms.referrals.contains(id);
        let (kind, days) = match referral {
            true => (RelationshipKind::Referral, policy.referral_days),
            false => (RelationshipKind::Recipient, policy.recipient_days),
        };
        if days == 0 {
            return;
        }
        for ods in &addressed.recipients {
            self.start(ods, kind, *today, id, Some(after(*today, days)), *today);
        }
    }

    fn taken_back(&mut self, unique_id: &str) {
        let by_document = [RelationshipKind::Referral, RelationshipKind::Recipient];
        for at in 0..self.rows.len() {
            let row = &self.rows[at];
            if by_document.contains(&row.kind) && row.reference == unique_id && row.stands() {
                self.cancel(at);
            }
        }
    }

    fn vital(&mut self, vital: &Vital, today: Date) {
        match vital {
            Vital::Died(at) => self.died(named(at.as_ref(), today)),
            // Many senders write that the patient lives for want of knowledge.
            Vital::Lives if self.death.as_ref().is_some_and(|death| death.by == self.by) => {
                self.death = None;
                self.death_changed = true;
                for at in 0..self.rows.len() {
                    let died = self.rows[at].over.is_some_and(|(_, why)| why == Because::Died);
                    if died {
                        let before = self.rows[at].ends_before;
                        self.again(at, before, today);
                    }
                }
            }
            Vital::Lives => {}
        }
    }

    fn died(&mut self, on: Date) {
        if self.death.as_ref().is_some_and(|death| death.on == on) {
            return;
        }
        self.death = Some(Death { on, by: self.by.clone() });
        self.death_changed = true;
        for at in 0..self.rows.len() {
            let row = &mut self.rows[at];
            if row.stands() && row.ends.is_none_or(|ends| ends > on) {
                self.over(at, on, 0, Because::Died);
            } else if row.ends.is_none_or(|ends| ends > on) {
                // A tail ends too.
                row.ends = Some(on);
                self.note(at, None);
            }
        }
    }

    fn standing(&self, kind: RelationshipKind) -> Vec<usize> {
        let standing = |row: &Kept| row.kind == kind && row.stands();
        let rows = self.rows.iter().enumerate();
        rows.filter(|(_, row)| standing(row)).map(|(at, _)| at).collect()
    }

    /// A new one, or the same again that was over.
    pub fn start(
        &mut self,
        ods: &OdsCode,
        kind: RelationshipKind,
        starts: Date,
        reference: &str,
        ends: Option<Date>,
        today: Date,
    ) -> usize {
        let same = |row: &Kept| {
            row.patient_key == self.patient_key
                && row.ods == *ods
                && row.kind == kind
                && row.starts == starts
                && row.reference == reference
        };
        if let Some(at) = self.rows.iter().position(same) {
            match self.rows[at].stands() {
                true => self.seen(at, ends, today),
                false => self.again(at, ends, today),
            }
            return at;
        }
        self.rows.push(Kept {
            patient_key: self.patient_key,
            ods: ods.clone(),
            kind,
            starts,
            reference: reference.to_owned(),
            ends,
            over: None,
            ends_before: None,
            source: self.source.clone(),
            recorded_at: self.recorded_at.clone(),
            evidence_on: today,
        });
        self.note(self.rows.len() - 1, Some(What::Started));
        self.rows.len() - 1
    }

    fn seen(&mut self, at: usize, ends: Option<Date>, today: Date) {
        let row = &mut self.rows[at];
        // What was said to end later goes on until then.
        let ends = if ends.is_none() { row.ends } else { ends.max(row.ends) };
        if row.evidence_on == today && row.ends == ends {
            return;
        }
        row.evidence_on = today;
        row.ends = ends;
        self.note(at, None);
    }

    pub fn over(&mut self, at: usize, on: Date, tail: u32, because: Because) {
        let row = &mut self.rows[at];
        if row.stands() {
            row.ends_before = row.ends;
        }
        let ends = after(on, tail);
        // It lasts no longer than it would have.
        row.ends = Some(row.ends.map_or(ends, |known| known.min(ends)));
        row.over = Some((on, because));
        self.note(at, Some(What::Over(because)));
    }

    fn cancel(&mut self, at: usize) {
        let row = &mut self.rows[at];
        row.ends_before = row.ends;
        row.ends = Some(row.starts.yesterday().unwrap_or(Date::MIN));
        row.over = Some((row.starts, Because::Cancelled));
        self.note(at, Some(What::Over(Because::Cancelled)));
    }

    fn again(&mut self, at: usize, ends: Option<Date>, today: Date) {
        let row = &mut self.rows[at];
        row.over = None;
        row.ends = ends;
        row.ends_before = None;
        row.evidence_on = today;
        self.note(at, Some(What::StandsAgain));
    }

    /// One row is written once, with the last word.
    fn note(&mut self, at: usize, what: Option<What>) {
        match self.changed.iter_mut().find(|(known, _)| *known == at) {
            Some((_, known)) => *known = what.or(*known),
            None => self.changed.push((at, what)),
        }
    }
}

/// A visit that came without a number may get one later.
fn of_number(row: &Kept, number: &str) -> bool {
    row.reference == number || (row.reference.is_empty() && row.stands())
}

fn is_cancelled(row: &Kept) -> bool {
    row.over.is_some_and(|(_, because)| because == Because::Cancelled)
}

fn merged_into(into: &PatientId) -> Option<Merging> {
    into.nhs_number().map(Merging::Into)
}

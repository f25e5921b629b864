//! What the comparison has counted, and the report of it.

use super::super::count::{Numbers, Tally};
use super::super::question::Recorded;
use super::super::report::{
    Aloud, Baseline, Change, Consumer, Counts, Direction, NotReproduced, Pair, Report, Unchanged,
};
use super::asking::Verdict;
use super::{Heard, Setting, Verdicts};
use crate::decision::Denial;
use schemas::nhs_number::NhsNumber;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Changes that are alike, in numbers of words.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Alike {
    direction: Direction,
    consumer: u32,
    publisher: u32,
    kind: u32,
    purpose: u32,
    role: u32,
    denial: Denial,
    agreement: u32,
}

/// The same, whatever the document type.
type Between = (Direction, u32, u32, Denial, u32);

/// Questions of one consumer that change between a refusal and an answer.
#[derive(Default)]
pub(super) struct AloudTally {
    pub tally: Tally,
    /// Who was refused, and about whom.
    pub pairs: HashSet<(u32, NhsNumber)>,
    /// Documents that would be shown; none where nobody has looked.
    pub shown: Option<HashSet<u64>>,
}

/// One decision to be counted.
pub(super) struct Decided<'q> {
    pub question: u64,
    pub opening: bool,
    pub patient: Option<NhsNumber>,
    pub document: u64,
    pub publisher: &'q str,
    pub recorded: &'q Recorded,
    pub heard: Heard,
    pub verdicts: Verdicts,
}

#[derive(Default)]
pub(super) struct Tallies {
    pub words: Numbers<String>,
    pub patients: Numbers<NhsNumber>,
    documents: Numbers<u64>,
    questions: u64,
    decisions: u64,
    pub baseline: Baseline,
    not_reproduced: BTreeMap<(bool, String), u64>,
    changes: HashMap<Alike, Tally>,
    pairs: HashMap<Between, (Tally, BTreeSet<u32>)>,
    of_consumer: HashMap<(u32, Direction), Tally>,
    total: HashMap<Direction, Tally>,
    pub aloud: HashMap<(u32, Direction, Denial), AloudTally>,
    unchanged: Unchanged,
}

impl Tallies {
    pub fn next_question(&mut self) -> u64 {
        self.questions += 1;
        self.questions
    }

    pub fn decided(&mut self, decided: Decided<'_>) {
        self.decisions += 1;
        self.repeated(&decided);
        let verdicts = decided.verdicts;
        let outdated = *decided.recorded == Recorded::Outdated;
        let change = match (verdicts.standing, verdicts.draft) {
            _ if outdated => {
                self.unchanged.outdated += 1;
                None
            }
            (Verdict::Permit(before), Verdict::Permit(after)) => {
                self.unchanged.permitted += 1;
                self.unchanged.under_another_agreement += u64::from(before != after);
                None
            }
            (Verdict::Denied(before), Verdict::Denied(after)) => {
                self.unchanged.withheld += 1;
                self.unchanged.for_another_reason += u64::from(before != after);
                None
            }
            (Verdict::Permit(agreement), Verdict::Denied(denial)) => {
                Some((Direction::NewlyWithheld, agreement, denial))
            }
            (Verdict::Denied(denial), Verdict::Permit(agreement)) => {
                Some((Direction::NewlyPermitted, agreement, denial))
            }
        };
        let patient = decided.patient.map(|patient| self.patients.of(&patient));
        let document = self.documents.of(&decided.document);
        let Some((direction, agreement, denial)) = change else { return };
        let Heard { consumer, purpose, role, .. } = decided.heard;
        let publisher = self.words.of(&decided.publisher.to_owned());
        let kind = verdicts.kind;
        let alike =
            Alike { direction, consumer, publisher, kind, purpose, role, denial, agreement };
        let between = (direction, consumer, publisher, denial, agreement);
        let (of_pair, kinds) = self.pairs.entry(between).or_default();
        kinds.insert(kind);
        let tallies = [
            of_pair,
            self.changes.entry(alike).or_default(),
            self.of_consumer.entry((consumer, direction)).or_default(),
            self.total.entry(direction).or_default(),
        ];
        for tally in tallies {
            tally.add(decided.question, document, patient, decided.opening);
        }
    }

    /// The recorded decision beside its repetition.
    fn repeated(&mut self, decided: &Decided<'_>) {
        let baseline = &mut self.baseline;
        baseline.decisions += 1;
        baseline.assumed += u64::from(decided.verdicts.assumed);
        let cause = match (decided.recorded, decided.verdicts.then) {
            (Recorded::Permit(before), Verdict::Permit(after)) => {
                let same = self.words.value(after) == Some(before);
                baseline.under_another_version += u64::from(!same);
                None
            }
            (Recorded::Outdated, Verdict::Permit(_)) => None,
            (Recorded::Outdated, Verdict::Denied(_)) => {
                baseline.for_another_reason += 1;
                None
            }
            (Recorded::Denied(before, _), Verdict::Denied(after)) => {
                baseline.for_another_reason += u64::from(before != after.code());
                None
            }
            (Recorded::Permit(_), Verdict::Denied(denial)) => {
                Some((true, denial.control().name().to_owned()))
            }
            (Recorded::Denied(_, control), Verdict::Permit(_)) => {
                Some((false, control.clone().unwrap_or_else(|| "not on record".to_owned())))
            }
        };
        match cause {
            None => baseline.reproduced += 1,
            Some(cause) => *self.not_reproduced.entry(cause).or_default() += 1,
        }
    }

    fn word(&self, number: u32) -> String {
        self.words.value(number).cloned().unwrap_or_default()
    }

    fn change(&self, setting: &Setting<'_>, alike: &Alike, tally: &Tally) -> Change {
        let document_type = self.word(alike.kind);
        let known = setting.code_sets.by_name(&document_type);
        Change {
            direction: alike.direction,
            consumer: self.word(alike.consumer),
            publisher: self.word(alike.publisher),
            label: known.map_or(&document_type, |known| &known.label).clone(),
            group: known.map(|known| known.group.clone()).unwrap_or_default(),
            safety_critical: setting.critical.contains(&document_type),
            document_type,
            purpose: self.word(alike.purpose),
            role: self.word(alike.role),
            control: alike.denial.control(),
            reason: alike.denial.code(),
            agreement: self.word(alike.agreement),
            counts: tally.counts(),
        }
    }

    fn pair(
        &self,
        setting: &Setting<'_>,
        (direction, consumer, publisher, denial, agreement): &Between,
        tally: &Tally,
        kinds: &BTreeSet<u32>,
    ) -> Pair {
        let label = |kind: &u32| {
            let name = self.word(*kind);
            setting.code_sets.by_name(&name).map_or(name, |known| known.label.clone())
        };
        let mut types: Vec<String> = kinds.iter().map(label).collect();
        types.sort();
        Pair {
            direction: *direction,
            consumer: self.word(*consumer),
            publisher: self.word(*publisher),
            control: denial.control(),
            reason: denial.code(),
            agreement: self.word(*agreement),
            types,
            counts: tally.counts(),
        }
    }

    pub fn report(&self, setting: &Setting<'_>) -> Report {
        let mut changes: Vec<Change> =
            self.changes.iter().map(|(alike, tally)| self.change(setting, alike, tally)).collect();
        changes.sort_by_cached_key(|change| {
            let Counts { patients, documents, questions, .. } = change.counts;
            let names =
                (change.consumer.clone(), change.publisher.clone(), change.document_type.clone());
            let critical = (!change.is_urgent_loss(), !change.is_loss());
            let more = (change.purpose.clone(), change.role.clone(), change.agreement.clone());
            let most = Reverse((patients, documents, questions));
            (critical, change.direction, most, names, more, change.reason)
        });
        let pairs = self.pairs.iter();
        let pairs =
            pairs.map(|(between, (tally, kinds))| self.pair(setting, between, tally, kinds));
        let mut pairs: Vec<Pair> = pairs.collect();
        pairs.sort_by_cached_key(|pair| {
            let Counts { patients, documents, questions, .. } = pair.counts;
            let names = (pair.consumer.clone(), pair.publisher.clone(), pair.agreement.clone());
            (pair.direction, Reverse((patients, documents, questions)), names, pair.reason)
        });
        let not = self.not_reproduced.iter().map(|((was_permitted, cause), decisions)| {
            let (was_permitted, decisions) = (*was_permitted, *decisions);
            NotReproduced { cause: cause.clone(), was_permitted, decisions }
        });
        let mut not_reproduced: Vec<NotReproduced> = not.collect();
        not_reproduced.sort_by_key(|not| Reverse(not.decisions));
        let total = |direction| self.total.get(&direction).map(Tally::counts).unwrap_or_default();
        Report {
            on: setting.on,
            questions: self.questions,
            decisions: self.decisions,
            documents: self.documents.len() as u64,
            patients: self.patients.len() as u64,
            baseline: Baseline { not_reproduced, ..self.baseline.clone() },
            newly_withheld: total(Direction::NewlyWithheld),
            newly_permitted: total(Direction::NewlyPermitted),
            changes,
            pairs,
            consumers: self.consumers(),
            aloud: self.spoken(),
            unchanged: self.unchanged,
        }
    }

    fn consumers(&self) -> Vec<Consumer> {
        let numbers: HashSet<u32> =
            self.of_consumer.keys().map(|(consumer, _)| *consumer).collect();
        let counts = |consumer: u32, direction| {
            self.of_consumer.get(&(consumer, direction)).map(Tally::counts).unwrap_or_default()
        };
        let mut consumers: Vec<Consumer> = numbers
            .into_iter()
            .map(|number| Consumer {
                consumer: self.word(number),
                newly_withheld: counts(number, Direction::NewlyWithheld),
                newly_permitted: counts(number, Direction::NewlyPermitted),
            })
            .collect();
        consumers.sort_by_cached_key(|one| {
            let most = one.newly_withheld.patients.max(one.newly_permitted.patients);
            (Reverse((most, one.newly_withheld.patients)), one.consumer.clone())
        });
        consumers
    }

    fn spoken(&self) -> Vec<Aloud> {
        let mut spoken: Vec<Aloud> = self
            .aloud
            .iter()
            .map(|((consumer, direction, denial), aloud)| Aloud {
                consumer: self.word(*consumer),
                direction: *direction,
                reason: denial.code(),
                questions: aloud.tally.counts().questions,
                patients: aloud.tally.counts().patients,
                documents: aloud.shown.as_ref().map(|shown| shown.len() as u64),
            })
            .collect();
        spoken.sort_by_cached_key(|one| {
            (one.direction, Reverse(one.questions), one.consumer.clone(), one.reason)
        });
        spoken
    }
}

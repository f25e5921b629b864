//! Asking again, and comparing.

mod asking;
mod tallies;

use super::facts::{carried, then};
use super::question::{Asked, Question, Questioner};
use super::report::{Direction, Report};
use crate::decision::{Denial, EntryView, Moment, PatientFacts};
use crate::region::Region;
use asking::{How, Verdict, stand, verdict};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use schemas::code_set::CodeSets;
use schemas::hl7::PatientId;
use schemas::metadata::EntryFacts;
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use std::collections::hash_map::RandomState;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::BuildHasher;
use tallies::Tallies;

/// What is compared.
pub struct Setting<'r> {
    pub standing: &'r Region,
    pub draft: &'r Region,
    /// Facts of the patients that the draft itself says something of.
    pub draft_facts: HashMap<NhsNumber, PatientFacts>,
    /// The day as on which both are asked.
    pub on: Date,
    /// Of the region's days.
    pub zone: TimeZone,
    pub code_sets: &'r CodeSets,
    /// Names of document types that hold resuscitation decisions or end-of-life plans.
    pub critical: BTreeSet<String>,
}

/// What of an entry is decided on, for records that do not hold it.
#[derive(Clone, Debug, Default)]
pub struct EntryKnown {
    pub practice_setting: String,
    pub confidentiality: Vec<String>,
    pub recipients: Vec<OdsCode>,
}

impl EntryKnown {
    pub fn of(facts: &EntryFacts) -> Self {
        Self {
            practice_setting: facts.practice_setting.clone(),
            confidentiality: facts.confidentiality.clone(),
            recipients: facts.recipients.clone(),
        }
    }
}

/// What must be known before questions are taken.
#[derive(Debug, Default)]
pub struct Wants {
    pub patients: Vec<NhsNumber>,
    /// uniqueIds of entries whose records are not whole.
    pub documents: Vec<String>,
}

/// One decision, three times.
#[derive(Clone, Copy)]
struct Verdicts {
    /// The region as it stands, on the day of the question.
    then: Verdict,
    standing: Verdict,
    draft: Verdict,
    /// The document type's number among the words.
    kind: u32,
    assumed: bool,
}

/// Whether a questioner is answered at all.
#[derive(Clone, Copy)]
struct Heard {
    standing: Option<Denial>,
    draft: Option<Denial>,
    consumer: u32,
    purpose: u32,
    role: u32,
}

/// The replay of a period: hand in what it wants, then its questions, in their order.
pub struct Replay<'r> {
    setting: Setting<'r>,
    facts: HashMap<NhsNumber, PatientFacts>,
    entries: HashMap<String, Option<EntryKnown>>,
    questioners: super::count::Numbers<Questioner>,
    heard: HashMap<u32, Heard>,
    /// By questioner, entry, day and whether it was to be opened. Entries go by a keyed digest of what is decided on.
    verdicts: HashMap<(u32, u64, Date, bool), Verdicts>,
    digests: RandomState,
    tallies: Tallies,
}

impl<'r> Replay<'r> {
    pub fn new(setting: Setting<'r>) -> Self {
        Self {
            setting,
            facts: HashMap::new(),
            entries: HashMap::new(),
            questioners: Default::default(),
            heard: HashMap::new(),
            verdicts: HashMap::new(),
            digests: RandomState::new(),
            tallies: Tallies::default(),
        }
    }

    /// What is not known yet of these questions.
    pub fn wants(&self, questions: &[Question]) -> Wants {
        let asked = || questions.iter().flat_map(|question| &question.asked);
        let patients: HashSet<NhsNumber> = asked().filter_map(|asked| asked.patient).collect();
        let documents: HashSet<&String> =
            asked().filter(|asked| !asked.is_whole()).map(|asked| &asked.unique_id).collect();
        let new = |patient: &NhsNumber| !self.facts.contains_key(patient);
        let not_known = |id: &&String| !self.entries.contains_key(*id);
        Wants {
            patients: patients.into_iter().filter(new).collect(),
            documents: documents.into_iter().filter(not_known).cloned().collect(),
        }
    }

    pub fn know_patient(&mut self, patient: NhsNumber, facts: PatientFacts) {
        self.facts.insert(patient, facts);
    }

    /// `None` where the registry has it no more.
    pub fn know_entry(&mut self, unique_id: String, entry: Option<EntryKnown>) {
        self.entries.insert(unique_id, entry);
    }

    pub fn expired(&mut self) {
        self.tallies.baseline.expired += 1;
    }

    pub fn unreadable(&mut self) {
        self.tallies.baseline.unreadable += 1;
    }

    /// Asks one question again.
    pub fn take(&mut self, question: &Question) {
        let number = self.tallies.next_question();
        let questioner = self.questioners.of(&question.questioner);
        let heard = self.hear(questioner, question);
        self.aloud(number, question, questioner, heard);
        let day = question.at.to_zoned(self.setting.zone.clone()).date();
        for asked in &question.asked {
            let digest = self.digest(asked);
            let key = (questioner, digest, day, question.opening);
            let verdicts = match self.verdicts.get(&key) {
                Some(known) => *known,
                None => {
                    let verdicts = self.decide(question, asked, day);
                    self.verdicts.insert(key, verdicts);
                    verdicts
                }
            };
            self.count(number, question, asked, heard, verdicts);
        }
    }

    fn digest(&self, asked: &Asked) -> u64 {
        let of = (&asked.unique_id, &asked.patient, &asked.publisher, &asked.type_code);
        let more = (&asked.practice_setting, &asked.confidentiality, &asked.recipients);
        self.digests.hash_one((of, more))
    }

    fn moment(&self, today: Date, question: &Question) -> Moment {
        Moment { today, now: question.at }
    }

    /// Whether the questioner would be answered at all.
    fn hear(&mut self, number: u32, question: &Question) -> Heard {
        if let Some(heard) = self.heard.get(&number) {
            return *heard;
        }
        let Setting { standing, draft, on, .. } = self.setting;
        let at = self.moment(on, question);
        let asker = &question.questioner;
        let now = stand(standing, at, asker);
        let then = stand(draft, at, asker);
        let words = &mut self.tallies.words;
        let mut word = |text: &str| words.of(&text.to_owned());
        let shown = then.as_ref().or(now.as_ref()).ok();
        let heard = Heard {
            consumer: word(asker.acting_for.as_str()),
            purpose: word(shown.map_or("", |asker| asker.purpose)),
            role: word(shown.map_or("", |asker| asker.role)),
            standing: now.err(),
            draft: then.err(),
        };
        self.heard.insert(number, heard);
        heard
    }

    fn aloud(&mut self, number: u64, question: &Question, questioner: u32, heard: Heard) {
        let (direction, denial) = match (heard.standing, heard.draft) {
            (None, Some(denial)) => (Direction::NewlyWithheld, denial),
            (Some(denial), None) => (Direction::NewlyPermitted, denial),
            _ => return,
        };
        let patient = question.patient.as_ref();
        let number_of = patient.and_then(PatientId::nhs_number);
        let counted = number_of.map(|patient| self.tallies.patients.of(&patient));
        let aloud = self.tallies.aloud.entry((heard.consumer, direction, denial)).or_default();
        aloud.tally.question(number, counted);
        if let Some(patient) = number_of.filter(|_| direction == Direction::NewlyPermitted) {
            aloud.pairs.insert((questioner, patient));
        }
    }

    fn decide(&mut self, question: &Question, asked: &Asked, day: Date) -> Verdicts {
        let known = match self.entries.get(&asked.unique_id) {
            Some(Some(known)) if !asked.is_whole() => known.clone(),
            _ => EntryKnown {
                practice_setting: asked.practice_setting.clone(),
                confidentiality: asked.confidentiality.clone(),
                recipients: asked.recipients.clone(),
            },
        };
        let Setting { standing, draft, on, code_sets, .. } = self.setting;
        let document_type = code_sets.document_type(&asked.type_code, &known.practice_setting);
        let view = EntryView {
            unique_id: &asked.unique_id,
            publisher_ods: asked.publisher.as_ref(),
            document_type,
            confidentiality: &known.confidentiality,
            recipients: &known.recipients,
        };
        let facts = asked.patient.and_then(|patient| self.facts.get(&patient));
        let nobody = PatientFacts::default();
        let facts = facts.unwrap_or(&nobody);
        let of_draft = asked.patient.and_then(|patient| self.setting.draft_facts.get(&patient));
        let how = How { local: asked.patient.is_none(), opening: question.opening };
        let (at, then_at) = (self.moment(on, question), self.moment(day, question));
        let asker = &question.questioner;
        let agreements = &mut self.tallies.words;
        let mut ask = |region: &Region, at: Moment, facts: &PatientFacts| {
            let asker = stand(region, at, asker);
            verdict(region, at, asker.as_ref(), facts, &view, how, agreements)
        };
        let now = carried(facts, day, on);
        let verdicts = (
            ask(standing, then_at, &then(facts, day)),
            ask(standing, at, &now),
            ask(draft, at, &of_draft.map_or(now, |facts| carried(facts, on, on))),
        );
        let kind = document_type.map_or(asked.type_code.as_str(), |known| known.name.as_str());
        Verdicts {
            then: verdicts.0,
            standing: verdicts.1,
            draft: verdicts.2,
            kind: self.tallies.words.of(&kind.to_owned()),
            assumed: known.practice_setting.is_empty() && known.confidentiality.is_empty(),
        }
    }

    fn count(
        &mut self,
        number: u64,
        question: &Question,
        asked: &Asked,
        heard: Heard,
        verdicts: Verdicts,
    ) {
        let document = self.digests.hash_one(&asked.unique_id);
        let publisher = asked.publisher.as_ref().map_or("", OdsCode::as_str);
        self.tallies.decided(tallies::Decided {
            question: number,
            opening: question.opening,
            patient: asked.patient,
            document,
            publisher,
            recorded: &asked.recorded,
            heard,
            verdicts,
        });
    }

    /// Patients about whom questions were refused that the draft would answer.
    pub fn unanswered(&self) -> Vec<NhsNumber> {
        let pairs = self.tallies.aloud.values().flat_map(|aloud| &aloud.pairs);
        let patients: BTreeSet<NhsNumber> = pairs.map(|(_, patient)| *patient).collect();
        patients.into_iter().collect()
    }

    /// What such questions would show, by the registry's entries of a patient.
    pub fn show(&mut self, patient: NhsNumber, entries: &[EntryFacts], now: jiff::Timestamp) {
        let Setting { draft, on, code_sets, .. } = self.setting;
        let nobody = PatientFacts::default();
        let of_draft = self.setting.draft_facts.get(&patient);
        let facts = of_draft.or_else(|| self.facts.get(&patient)).unwrap_or(&nobody);
        let at = Moment { today: on, now };
        let how = How { local: false, opening: false };
        for aloud in self.tallies.aloud.values_mut() {
            let asking = aloud.pairs.iter().filter(|(_, of)| *of == patient);
            for questioner in asking.filter_map(|(n, _)| self.questioners.value(*n)) {
                let asker = stand(draft, at, questioner);
                for entry in entries {
                    let kind = code_sets.document_type(&entry.type_code, &entry.practice_setting);
                    let view = EntryView {
                        unique_id: entry.unique_id.as_str(),
                        publisher_ods: entry.publisher_ods.as_ref(),
                        document_type: kind,
                        confidentiality: &entry.confidentiality,
                        recipients: &entry.recipients,
                    };
                    let words = &mut self.tallies.words;
                    let given = verdict(draft, at, asker.as_ref(), facts, &view, how, words);
                    let digest = self.digests.hash_one(entry.unique_id.as_str());
                    aloud.shown.get_or_insert_default().extend(given.permits().then_some(digest));
                }
            }
        }
    }

    pub fn report(&self) -> Report {
        self.tallies.report(&self.setting)
    }
}

//! Current decisions of several organisations about one thing: two CPR forms of one patient. All are
//! shown, the newest decision first, and a Warning says that they disagree or that the review date
//! of one has lapsed. Only what the asker may see is named or counted.

#[cfg(test)]
mod tests;

use crate::asking::{Inquiry, Judged};
use jiff::civil::Date;
use schemas::cda::{FOR_CPR, NOT_FOR_CPR, slot};
use schemas::code_set::CodeSets;
use schemas::dtm::Dtm;
use schemas::entry_uuid::EntryUuid;
use schemas::error::{XdsError, XdsErrorCode};
use schemas::hl7::PatientId;
use schemas::metadata::{AvailabilityStatus, DocumentEntry, FoundEntry};
use schemas::oid;
use schemas::query::{CodeFilter, FindDocuments, QueryAnswer, QueryKind, StoredQuery};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Where such a Warning says that it belongs.
pub const LOCATION: &str = "cpr-decision";

/// A document type that holds a decision on resuscitation.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionType {
    /// The type's name in the code sets.
    pub document_type: String,
    /// What such a document decides where its metadata do not say: 450475007 for attempted
    /// resuscitation, 450476008 not for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub implies: Option<String>,
}

/// The types of the embedded code sets.
pub fn decision_types() -> Vec<DecisionType> {
    let kind = |name: &str, implies: Option<&str>| DecisionType {
        document_type: name.to_owned(),
        implies: implies.map(str::to_owned),
    };
    vec![
        kind("dnacpr", Some(NOT_FOR_CPR)),
        kind("respect-form", None),
        kind("advance-decision", None),
        kind("epaccs-summary", None),
    ]
}

/// One current decision.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Decision {
    id: EntryUuid,
    publisher: String,
    /// When it was decided; else when it happened, else when it was written.
    decided: Option<Dtm>,
    /// Codes of what was decided; none where the metadata do not say.
    cpr: BTreeSet<String>,
    review: Option<Dtm>,
    registered: Dtm,
}

impl Decision {
    fn of(found: &FoundEntry, implied: Option<&str>) -> Option<Self> {
        let entry = found.read()?;
        let stated: BTreeSet<String> =
            values(&entry, slot::CPR_DECISION).iter().map(|code| code.trim().to_owned()).collect();
        let cpr = if stated.is_empty() {
            implied.map(str::to_owned).into_iter().collect()
        } else {
            stated
        };
        let date =
            |name| values(&entry, name).first().and_then(|text| Dtm::parse(text.trim()).ok());
        let happened = entry.service_start_time.clone().or_else(|| entry.creation_time.clone());
        Some(Self {
            id: found.facts.entry_uuid,
            publisher: publisher(found),
            decided: date(slot::DECISION_DATE).or(happened),
            review: date(slot::REVIEW_DATE),
            registered: found.facts.registered_at.clone(),
            cpr,
        })
    }

    /// What sorts it: a decision without a date stands behind all others.
    fn key(&self) -> (Option<String>, String) {
        (self.decided.as_ref().map(Dtm::first_second), self.registered.first_second())
    }

    /// `not for CPR (RXN, decided 2026-07-01, urn:uuid:...)`
    fn words(&self) -> String {
        let what: Vec<&str> = self.cpr.iter().map(|code| decision_words(code)).collect();
        let what = if what.is_empty() { "not stated".to_owned() } else { what.join(" and ") };
        let decided = self
            .decided
            .as_ref()
            .map_or("without a date".to_owned(), |d| format!("decided {}", day(d)));
        format!("{what} ({}, {decided}, {})", self.publisher, self.id)
    }

    fn is_lapsed(&self, today: Date) -> bool {
        let today = today.strftime("%Y%m%d").to_string();
        self.review.as_ref().is_some_and(|review| {
            let length = review.as_str().len().min(today.len());
            review.as_str()[..length] < today[..length]
        })
    }
}

/// Where a patient is cared for is not told of those whose protection asks it.
fn publisher(found: &FoundEntry) -> String {
    match &found.facts.publisher_ods {
        Some(ods) if !found.facts.sensitive => ods.to_string(),
        _ => "a publisher that is withheld".to_owned(),
    }
}

/// A code as a clinician says it.
pub fn decision_words(code: &str) -> &str {
    match code {
        FOR_CPR => "for CPR",
        NOT_FOR_CPR => "not for CPR",
        other => other,
    }
}

fn day(at: &Dtm) -> String {
    let text = at.as_str();
    match (text.get(..4), text.get(4..6), text.get(6..8)) {
        (Some(y), Some(m), Some(d)) => format!("{y}-{m}-{d}"),
        _ => text.to_owned(),
    }
}

fn values<'e>(entry: &'e DocumentEntry, name: &str) -> &'e [String] {
    let slot = entry.extra.iter().find(|slot| slot.name == name);
    slot.map(|slot| slot.values.as_slice()).unwrap_or_default()
}

/// The types among the domain's that hold decisions: their code, and what they imply.
fn known<'t>(
    types: &'t [DecisionType],
    code_sets: &'t CodeSets,
) -> Vec<(&'t str, Option<&'t str>)> {
    let known = types.iter().filter_map(|kind| {
        let document_type = code_sets.by_name(&kind.document_type)?;
        Some((document_type.type_code.as_str(), kind.implies.as_deref()))
    });
    known.collect()
}

/// What the asker may see of current decisions, whether the query asked for them all or not.
pub(crate) struct Conflicts {
    decisions: Vec<Decision>,
    /// The entries that a Warning names, for the record.
    pub judged: Vec<Judged>,
}

/// Looks at every current decision of the patients of whom the answer shows one.
pub(crate) async fn look(
    inquiry: &Inquiry<'_>,
    answer: &QueryAnswer,
) -> Result<Conflicts, XdsError> {
    let code_sets = &inquiry.gateway.code_sets;
    let types = known(&inquiry.gateway.decision_types, code_sets);
    let implied = |entry: &FoundEntry| {
        let own = code_sets.canonical_type(&entry.facts.type_code);
        types.iter().find(|(code, _)| *code == own).map(|(_, implied)| *implied)
    };
    let current = |entry: &&FoundEntry| {
        entry.facts.availability_status == AvailabilityStatus::Approved && implied(entry).is_some()
    };
    let mut patients: Vec<&PatientId> = Vec::new();
    for entry in answer.entries.iter().filter(current) {
        if !patients.contains(&&entry.facts.patient_id) {
            patients.push(&entry.facts.patient_id);
        }
    }
    let mut conflicts = Conflicts { decisions: Vec::new(), judged: Vec::new() };
    for patient in patients {
        let mut find = FindDocuments::approved(patient.clone());
        let snomed =
            |code: &str| CodeFilter { code: code.to_owned(), scheme: oid::SNOMED_CT.to_owned() };
        find.type_code = types.iter().map(|(code, _)| snomed(code)).collect();
        let query = StoredQuery::leaf_class(QueryKind::FindDocuments(Box::new(find)));
        let found = inquiry.ask(&query).await?;
        let mut judged = inquiry.judge(found.entries).await?;
        judged.retain(Judged::is_permitted);
        let decisions = judged
            .iter()
            .filter_map(|judged| Decision::of(&judged.entry, implied(&judged.entry).flatten()));
        conflicts.decisions.extend(decisions);
        conflicts.judged.extend(judged);
    }
    conflicts.decisions.sort_by_key(|decision| Reverse(decision.key()));
    Ok(conflicts)
}

impl Conflicts {
    /// Puts the decisions of an answer in order, the newest first, in the places that they have.
    pub(crate) fn order(&self, entries: &mut [FoundEntry]) {
        let place = |entry: &FoundEntry| {
            self.decisions.iter().position(|decision| decision.id == entry.facts.entry_uuid)
        };
        let places: Vec<usize> =
            (0..entries.len()).filter(|n| place(&entries[*n]).is_some()).collect();
        let mut decisions: Vec<FoundEntry> = places.iter().map(|n| entries[*n].clone()).collect();
        decisions.sort_by_key(|entry| place(entry));
        for (n, entry) in places.into_iter().zip(decisions) {
            entries[n] = entry;
        }
    }

    pub(crate) fn warnings(&self, today: Date) -> Vec<XdsError> {
        let disagreement = disagreement(&self.decisions);
        let lapsed = self.decisions.iter().filter(|decision| decision.is_lapsed(today));
        let lapsed = lapsed.map(|decision| {
            let review = decision.review.as_ref().map(day).unwrap_or_default();
            format!(
                "the review date of a current CPR decision has lapsed, {review}: {}",
                decision.words()
            )
        });
        let warn = |context| XdsError::warning(XdsErrorCode::Registry, context).at(LOCATION);
        disagreement.into_iter().chain(lapsed).map(warn).collect()
    }
}

/// What is said of several current decisions; nothing where all say the same.
fn disagreement(decisions: &[Decision]) -> Option<String> {
    let count = decisions.len();
    if count < 2 {
        return None;
    }
    let all: Vec<String> = decisions.iter().map(Decision::words).collect();
    let all = all.join("; ");
    let stated: BTreeSet<&BTreeSet<String>> =
        decisions.iter().map(|decision| &decision.cpr).filter(|cpr| !cpr.is_empty()).collect();
    let unstated = decisions.iter().filter(|decision| decision.cpr.is_empty()).count();
    if stated.len() > 1 {
        return Some(format!("{count} current CPR decisions disagree, newest first: {all}"));
    }
    (unstated > 0).then(|| {
        let say = if unstated == 1 { "does not say" } else { "do not say" };
        format!(
            "{count} current CPR decisions stand, newest first, and {unstated} of them {say} in a code what was decided, so read them all: {all}"
        )
    })
}

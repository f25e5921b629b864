//! An entry as a person or a program reads it: attribute names of the Technical Framework, and
//! three times: when it happened, when it was written, when it arrived.

use schemas::cda::slot as cda;
use schemas::code_set::CodeSets;
use schemas::demographics::Demographics;
use schemas::dtm::Dtm;
use schemas::metadata::DocumentEntry;
use schemas::metadata::ids::slot;
use schemas::query::AnsweredEntry;
use serde::Serialize;

/// Whose document it is. What is absent, its source has not told.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShownPatient {
    /// Ten digits, or the identifier of another authority.
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// As exact as it is known, `1948-03-09`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<String>,
    /// Attributes of the entry that are withheld to protect the patient.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub withheld: Vec<String>,
    #[serde(skip)]
    line: String,
}

impl ShownPatient {
    fn of(entry: &DocumentEntry) -> Self {
        let said = Demographics::of_source_patient_info(&entry.source_patient_info);
        let number = entry.patient_id.nhs_number();
        let masked = entry.extra.iter().find(|slot| slot.name == slot::MASKED);
        let name = said.name().map(|name| name.display());
        let born = said.birth_date.map(|date| date.display());
        let line = format!(
            "{}  born {}  NHS {}",
            name.as_deref().unwrap_or("name not stated"),
            born.as_deref().unwrap_or("not stated"),
            number.map_or("number not known".to_owned(), |number| number.spaced()),
        );
        Self {
            id: number.map_or_else(|| entry.patient_id.text(), |number| number.digits()),
            name,
            birth_date: said.birth_date.map(|date| date.hyphened()),
            withheld: masked.map(|slot| slot.values.clone()).unwrap_or_default(),
            line,
        }
    }

    /// `HAWORTH, Marjorie (Mrs)  born 09-Mar-1948  NHS 999 000 0018`.
    pub fn line(&self) -> &str {
        &self.line
    }
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shown {
    #[serde(rename = "entryUUID")]
    pub entry_uuid: String,
    pub unique_id: String,
    pub repository_unique_id: String,
    pub availability_status: &'static str,
    /// The patient's number, name and birth date: whose document it is, as its source says.
    pub patient: ShownPatient,
    pub title: String,
    pub class_code: String,
    pub type_code: String,
    pub type_code_display_name: String,
    /// The region's word for the document type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document_type: Option<String>,
    pub practice_setting_code: String,
    pub confidentiality_code: Vec<String>,
    pub mime_type: String,
    pub size: u64,
    pub hash: String,
    /// The organisation whose certificate published it.
    pub publisher_ods: String,
    pub author: Vec<String>,
    pub author_institution: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_start_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_stop_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creation_time: Option<String>,
    pub registered_at: String,
    /// What was decided on resuscitation, as codes, and when; when it is to be reviewed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cpr_decision: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_date: Option<String>,
    /// The encounter that it belongs to, CXi form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encounter: Option<String>,
    /// How many of the documents shown are of the same publisher, encounter and type under other
    /// ids: likely one letter by several routes.
    #[serde(skip_serializing_if = "is_zero")]
    pub likely_duplicates: usize,
    /// It claims to be from the future: its times are not to be believed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub future_dated: bool,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// Marks documents that are likely one, whichever of them the reader opens.
pub(super) fn mark_duplicates(all: &mut [Shown]) {
    let key = |shown: &Shown| {
        let encounter = shown.encounter.clone()?;
        Some((shown.publisher_ods.clone(), encounter, shown.type_code.clone()))
    };
    let keys: Vec<_> = all.iter().map(|shown| (key(shown), shown.unique_id.clone())).collect();
    for (shown, (own, id)) in all.iter_mut().zip(&keys) {
        let mut others: Vec<&String> = keys
            .iter()
            .filter(|(k, other)| k.is_some() && k == own && other != id)
            .map(|(_, other)| other)
            .collect();
        others.sort_unstable();
        others.dedup();
        shown.likely_duplicates = others.len();
    }
}

impl Shown {
    pub fn new(answered: AnsweredEntry, code_sets: &CodeSets, now: jiff::Timestamp) -> Self {
        let entry = answered.entry;
        let tomorrow =
            Dtm::from_timestamp(now + jiff::SignedDuration::from_hours(24)).first_second();
        let times = [&entry.creation_time, &entry.service_start_time];
        let future = times.iter().any(|t| t.as_ref().is_some_and(|t| t.first_second() > tomorrow));
        let text = |time: &Option<Dtm>| time.as_ref().map(ToString::to_string);
        let document_type =
            code_sets.document_type(&entry.type_code.code, &entry.practice_setting_code.code);
        let authors = entry.author.iter();
        let slots = |name: &str| {
            let slot = entry.extra.iter().find(|slot| slot.name == name);
            slot.map(|slot| slot.values.clone()).unwrap_or_default()
        };
        let mut references = entry.reference_id_list.iter();
        let encounter = references.find(|id| registry::duplicates::is_encounter(id.as_str()));
        Self {
            entry_uuid: entry.id.to_string(),
            unique_id: entry.unique_id.to_string(),
            repository_unique_id: entry
                .repository_unique_id
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            availability_status: answered.availability_status.name(),
            patient: ShownPatient::of(&entry),
            title: entry.title.first().map(|t| t.value.clone()).unwrap_or_default(),
            class_code: entry.class_code.code.clone(),
            type_code: entry.type_code.code.clone(),
            type_code_display_name: entry.type_code.label().to_owned(),
            document_type: document_type.map(|t| t.name.clone()),
            practice_setting_code: entry.practice_setting_code.code.clone(),
            confidentiality_code: entry
                .confidentiality_code
                .iter()
                .map(|c| c.code.clone())
                .collect(),
            mime_type: entry.mime_type.clone(),
            size: entry.size.unwrap_or_default(),
            hash: entry.hash.as_ref().map(ToString::to_string).unwrap_or_default(),
            publisher_ods: entry.publisher_ods().map(|ods| ods.to_string()).unwrap_or_default(),
            author: authors
                .clone()
                .filter_map(|a| a.person.as_ref())
                .map(|p| p.display())
                .collect(),
            author_institution: authors
                .flat_map(|a| &a.institution)
                .map(|i| i.name().to_owned())
                .collect(),
            service_start_time: text(&entry.service_start_time),
            service_stop_time: text(&entry.service_stop_time),
            creation_time: text(&entry.creation_time),
            registered_at: entry.registered_at().unwrap_or_default().to_owned(),
            cpr_decision: slots(cda::CPR_DECISION),
            decision_date: slots(cda::DECISION_DATE).into_iter().next(),
            review_date: slots(cda::REVIEW_DATE).into_iter().next(),
            encounter: encounter.map(|id| id.as_str().to_owned()),
            likely_duplicates: 0,
            future_dated: future,
        }
    }

    /// When it happened, else when it was written; future-dated entries behind all others.
    pub(super) fn sort_key(&self) -> (bool, String, String) {
        let happened = self.service_stop_time.as_ref().or(self.service_start_time.as_ref());
        let when = happened.or(self.creation_time.as_ref()).cloned().unwrap_or_default();
        (!self.future_dated, when, self.registered_at.clone())
    }
}

/// A DTM as a person reads it, `14 Jan 2026 15:30`, in British time.
pub fn age(dtm: &str) -> String {
    let Ok(parsed) = Dtm::parse(dtm) else { return dtm.to_owned() };
    let zone = node::clock::region_zone();
    let zoned = parsed.timestamp().to_zoned(zone);
    match dtm.len() {
        4 => dtm.to_owned(),
        6 => zoned.strftime("%b %Y").to_string(),
        8 => parsed.timestamp().strftime("%-d %b %Y").to_string(),
        _ => zoned.strftime("%-d %b %Y %H:%M").to_string(),
    }
}

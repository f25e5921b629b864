//! What a document shows of its quality: its type, when it happened, whether it is structured, which
//! headings it has.

use super::store::{Event, Outcome};
use crate::Repository;
use crate::arrival::Envelope;
use crate::provide::Provided;
use jiff::civil::Weekday;
use node::spool::Content;
use schemas::cda::{HeadingStandard, Headings, Presence, Structure};
use schemas::document::Document;
use schemas::dtm::Dtm;
use schemas::itk::Manifested;
use schemas::metadata::DocumentEntry;
use schemas::ods_code::OdsCode;
use schemas::xml::Limits;

/// A CDA beyond this is not looked into a second time.
const LOOKED_INTO_BYTES_MAX: u64 = 8 * 1024 * 1024;

#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    document_type: String,
    event: Option<Dtm>,
    unstructured: Option<bool>,
    headings: Option<Headings>,
    /// By which it is counted once.
    mark: Option<String>,
}

impl Facts {
    /// Of what was refused before it was looked into.
    pub(super) fn of_type(document_type: &str) -> Self {
        Self { document_type: document_type.to_owned(), ..Self::default() }
    }

    /// Of a document of the front door, whether or not it could be mapped.
    pub(super) fn of_payload(
        repository: &Repository,
        envelope: &Envelope,
        payload: &Manifested,
    ) -> Self {
        if let Some(description) = &envelope.description {
            return Self {
                document_type: description.document_type.clone(),
                event: description.event.clone().or_else(|| description.written.clone()),
                unstructured: Some(true),
                ..Self::default()
            };
        }
        Self::of_bytes(repository, &payload.bytes)
    }

    /// Of the documents of an ITI-41, in the order of its entries: what their metadata cannot say.
    pub(crate) fn of_provided(repository: &Repository, provided: &Provided) -> Vec<Self> {
        let of = |entry: &DocumentEntry| {
            let document = provided.documents.iter().find(|(id, _)| *id == entry.id);
            let content = document.map(|(_, content)| content);
            content.map(|c| Self::of_content(repository, &entry.mime_type, c)).unwrap_or_default()
        };
        provided.submission.document_entries.iter().map(of).collect()
    }

    fn of_content(repository: &Repository, mime_type: &str, content: &Content) -> Self {
        let xml = ["text/xml", "application/xml"].contains(&mime_type);
        if !xml || content.size() > LOOKED_INTO_BYTES_MAX {
            return Self { unstructured: (!xml).then_some(true), ..Self::default() };
        }
        let read = || {
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut content.reader()?, &mut bytes)?;
            Ok::<_, std::io::Error>(bytes)
        };
        read().map(|bytes| Self::of_bytes(repository, &bytes)).unwrap_or_default()
    }

    fn of_bytes(repository: &Repository, bytes: &[u8]) -> Self {
        let Ok(document) = Document::read(bytes, "text/xml", &Limits::default()) else {
            return Self::default();
        };
        let header = document.header();
        let sets = &repository.code_sets;
        let setting = header.care_setting.as_ref().map_or("", |setting| &setting.code);
        let by_code = sets.document_type(&header.code.code, setting);
        let by_message = header.message_type.as_deref().and_then(|m| sets.by_message_type(m));
        let known = by_code.or(by_message);
        let standard = known.and_then(|t| {
            let setting = if setting.is_empty() { &t.practice_setting } else { setting };
            HeadingStandard::of(&t.type_code, setting)
        });
        let dtm = |text: Option<&str>| text.and_then(|text| Dtm::from_cda(text).ok());
        Self {
            document_type: known.map(|t| t.name.clone()).unwrap_or_default(),
            event: dtm(header.service_stop.as_deref())
                .or_else(|| dtm(Some(header.effective_time.as_str()))),
            unstructured: Some(header.body.structure == Structure::Unstructured),
            headings: Some(Headings::of(header, standard)),
            mark: None,
        }
    }

    /// With what the metadata of an ITI-41 says of it.
    pub(super) fn or_of_entry(mut self, repository: &Repository, entry: &DocumentEntry) -> Self {
        let setting = &entry.practice_setting_code.code;
        let sets = &repository.code_sets;
        if let Some(known) = sets.document_type(&entry.type_code.code, setting) {
            self.document_type.clone_from(&known.name);
        }
        let stop = entry.service_stop_time.clone().or_else(|| entry.creation_time.clone());
        self.event = stop.or(self.event);
        self
    }

    pub(super) fn marked(self, mark: Option<String>) -> Self {
        Self { mark, ..self }
    }

    pub(super) fn event(
        self,
        publisher: &OdsCode,
        route: &str,
        outcome: Outcome,
        now: jiff::Timestamp,
    ) -> Event {
        let standard = self.headings.filter(|headings| headings.standard.is_some());
        let titles = |wanted: fn(Presence) -> bool| {
            let of = standard.as_ref()?.mandatory.iter().filter(|row| wanted(row.presence));
            Some(of.map(|row| row.title.to_owned()).collect())
        };
        Event {
            publisher: publisher.to_string(),
            document_type: self.document_type,
            week: week(now),
            route: route.to_owned(),
            outcome: outcome.name().to_owned(),
            late_minutes: self.event.as_ref().and_then(|event| minutes(event, now)),
            unstructured: self.unstructured,
            missing: titles(|presence| presence == Presence::Absent),
            mark: self.mark,
            blank: titles(|p| matches!(p, Presence::Empty | Presence::NoneStated)),
        }
    }
}

/// Monday of a moment's week in British time, `YYYYMMDD`.
pub(super) fn week(at: jiff::Timestamp) -> String {
    let zone = node::clock::region_zone();
    let day = at.to_zoned(zone).date();
    let monday = day.tomorrow().and_then(|next| next.nth_weekday(-1, Weekday::Monday));
    monday.unwrap_or(day).strftime("%Y%m%d").to_string()
}

/// From the event's end to now. A time without hours ends with its day: nobody is called late for
/// what was not said.
fn minutes(event: &Dtm, now: jiff::Timestamp) -> Option<i64> {
    if event.as_str().len() < 8 {
        return None;
    }
    let end = match event.as_str().len() {
        8 => event.timestamp().saturating_add(jiff::SignedDuration::from_hours(24)).ok()?,
        _ => event.timestamp(),
    };
    Some(now.duration_since(end).as_mins())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_monday_in_british_time() {
        let week = |at: &str| week(at.parse().unwrap());
        assert_eq!(week("2026-07-15T12:00:00Z"), "20260713");
        assert_eq!(week("2026-07-13T00:00:00+01:00"), "20260713");
        assert_eq!(week("2026-07-12T23:30:00Z"), "20260713", "half past midnight in London");
        assert_eq!(week("2026-07-12T22:30:00Z"), "20260706");
    }

    #[test]
    fn a_day_without_hours_is_late_from_its_end_only() {
        let now: jiff::Timestamp = "2026-07-15T12:00:00Z".parse().unwrap();
        let late = |text: &str| minutes(&Dtm::parse(text).unwrap(), now);
        assert_eq!(late("20260714120000"), Some(24 * 60));
        assert_eq!(late("202607141159"), Some(24 * 60 + 1));
        assert_eq!(late("20260714"), Some(12 * 60));
        assert_eq!(late("202607"), None);
    }
}

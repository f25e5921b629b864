//! Finding a patient's documents at the gateway.

use super::connection::{Connection, with_body};
use super::document::document_type;
use super::shown::{Shown, mark_duplicates};
use schemas::code_set::CodeSets;
use schemas::dtm::Dtm;
use schemas::error::XdsError;
use schemas::hl7::PatientId;
use schemas::nhs_number::NhsNumber;
use schemas::oid;
use schemas::query::{Answer, CodeFilter, FindDocuments, QueryKind, StoredQuery};
use schemas::transaction::Transaction;
use schemas::wire::MetadataLimits;

/// What to look for.
#[derive(Clone, Debug)]
pub struct Search {
    pub patient: NhsNumber,
    /// A document type's name or code.
    pub document_type: Option<String>,
    /// Arrived at the hub at or after this.
    pub since: Option<Dtm>,
}

/// What the gateway said.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub entries: Vec<Shown>,
    pub errors: Vec<XdsError>,
}

impl Found {
    pub fn is_refused(&self) -> bool {
        self.errors.iter().any(XdsError::is_error)
    }
}

/// Asks for approved entries, newest first; one dated in the future never sorts first.
pub async fn find(
    connection: &Connection,
    code_sets: &CodeSets,
    search: &Search,
) -> Result<Found, String> {
    let mut query = FindDocuments::approved(PatientId::Nhs(search.patient));
    if let Some(text) = &search.document_type {
        let wanted = document_type(code_sets, text)?;
        query.type_code.push(snomed(&wanted.type_code));
        if wanted.by_setting && code_sets.by_name(text).is_some() {
            query.practice_setting_code.extend(wanted.own_settings().map(snomed));
        }
    }
    let query = StoredQuery::leaf_class(QueryKind::FindDocuments(Box::new(query)));
    let received = connection.simple(Transaction::Iti18, &query.write()).await?;
    let limits = MetadataLimits::default();
    let answer = with_body(&received, |body| Answer::read(body, &limits).ok())?;
    let now = jiff::Timestamp::now();
    let shown = answer.entries.into_iter().map(|answered| Shown::new(answered, code_sets, now));
    let since = search.since.as_ref().map(Dtm::first_second);
    let arrived = |entry: &Shown| since.as_ref().is_none_or(|since| entry.registered_at >= *since);
    let mut entries: Vec<Shown> = shown.filter(arrived).collect();
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.sort_key()));
    mark_duplicates(&mut entries);
    Ok(Found { entries, errors: answer.errors })
}

fn snomed(code: &str) -> CodeFilter {
    CodeFilter { code: code.to_owned(), scheme: oid::SNOMED_CT.to_owned() }
}

/// A date (`2026-11-01`), a time (`2026-11-01T08:00`), or an age (`7d`, `12h`).
pub fn since(text: &str, now: jiff::Timestamp) -> Result<Dtm, String> {
    let wrong = || format!("{text:?} is neither a date (2026-11-01) nor an age (7d, 12h, 30m)");
    if let Some((unit, count)) = text.char_indices().last().map(|(at, unit)| (unit, &text[..at]))
        && let Ok(count) = count.parse::<i64>()
    {
        let seconds = match unit {
            'd' => 86_400,
            'h' => 3_600,
            'm' => 60,
            _ => return Err(wrong()),
        };
        let span = jiff::SignedDuration::from_secs(count.saturating_mul(seconds));
        return Ok(Dtm::from_timestamp(now.checked_sub(span).map_err(|_| wrong())?));
    }
    let zone = node::clock::region_zone();
    let civil = text.parse::<jiff::civil::DateTime>();
    let civil = civil.or_else(|_| text.parse::<jiff::civil::Date>().map(|d| d.at(0, 0, 0, 0)));
    let zoned = civil.map_err(|_| wrong())?.to_zoned(zone).map_err(|_| wrong())?;
    Ok(Dtm::from_timestamp(zoned.timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_takes_dates_and_ages() {
        let now: jiff::Timestamp = "2026-07-15T12:00:00Z".parse().unwrap();
        assert_eq!(since("7d", now).unwrap().as_str(), "20260708120000");
        assert_eq!(
            since("2026-07-01", now).unwrap().as_str(),
            "20260630230000",
            "midnight in the region"
        );
        assert!(since("yesterday", now).is_err());
    }
}

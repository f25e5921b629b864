//! One letter that came by several routes under several ids: documents of one patient, publisher,
//! encounter and type. They are reported, never hidden: which of them is the right one is not for a
//! registry to say. Pure.

use schemas::dtm::Dtm;
use serde::Serialize;
use std::collections::BTreeMap;

/// How far apart two were written that are likely the same one, in seconds.
const CLOSE_SECONDS: i64 = 3_600;

/// The encounter's type of identifier in a referenceIdList (ITI TF-3 4.2.3.2.28).
const ENCOUNTER: &str = "^urn:ihe:iti:xds:2015:encounterId";

/// A current document of an encounter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Filed {
    pub unique_id: String,
    #[serde(rename = "entryUUID")]
    pub entry_uuid: String,
    #[serde(skip)]
    pub publisher_ods: String,
    /// The document type's own code, whichever of its codes was sent.
    #[serde(skip)]
    pub type_code: String,
    #[serde(skip)]
    pub practice_setting: String,
    pub hash: String,
    pub creation_time: Option<String>,
    pub registered_at: String,
}

/// Why documents are taken for one, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    SameBytes,
    WrittenTogether,
    SameEncounter,
}

impl Evidence {
    pub fn label(self) -> &'static str {
        match self {
            Self::SameBytes => "the same bytes",
            Self::WrittenTogether => "written within an hour of each other",
            Self::SameEncounter => "the same encounter and type",
        }
    }
}

/// Documents that are likely one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Duplicates {
    pub publisher_ods: String,
    /// CXi form.
    pub encounter: String,
    pub type_code: String,
    pub practice_setting: String,
    pub evidence: Evidence,
    /// In the order of arrival.
    pub documents: Vec<Filed>,
}

/// Whether a reference id is that of an encounter.
pub fn is_encounter(reference: &str) -> bool {
    reference.contains(ENCOUNTER)
}

/// Groups the current documents of one patient's encounter: those of one publisher and type with
/// differing uniqueIds.
pub fn group(encounter: &str, filed: Vec<Filed>) -> Vec<Duplicates> {
    let mut groups: BTreeMap<(String, String), Vec<Filed>> = BTreeMap::new();
    for one in filed {
        let key = (one.publisher_ods.clone(), one.type_code.clone());
        let group = groups.entry(key).or_default();
        if !group.iter().any(|other| other.unique_id == one.unique_id) {
            group.push(one);
        }
    }
    let several = groups.into_iter().filter(|(_, documents)| documents.len() > 1);
    let duplicates = several.map(|((publisher_ods, type_code), mut documents)| {
        documents.sort_by(|a, b| {
            (&a.registered_at, &a.unique_id).cmp(&(&b.registered_at, &b.unique_id))
        });
        Duplicates {
            publisher_ods,
            encounter: encounter.to_owned(),
            type_code,
            practice_setting: documents[0].practice_setting.clone(),
            evidence: evidence(&documents),
            documents,
        }
    });
    duplicates.collect()
}

/// The strongest that any two of them give.
fn evidence(documents: &[Filed]) -> Evidence {
    let pairs = documents
        .iter()
        .enumerate()
        .flat_map(|(n, one)| documents[n + 1..].iter().map(move |other| (one, other)));
    let of_pair = |(one, other): (&Filed, &Filed)| {
        if one.hash == other.hash {
            return Evidence::SameBytes;
        }
        match (seconds(one), seconds(other)) {
            (Some(a), Some(b)) if (a - b).abs() <= CLOSE_SECONDS => Evidence::WrittenTogether,
            _ => Evidence::SameEncounter,
        }
    };
    pairs.map(of_pair).min().unwrap_or(Evidence::SameEncounter)
}

/// A day alone says nothing of the hour.
fn seconds(one: &Filed) -> Option<i64> {
    let text = one.creation_time.as_deref().filter(|text| text.len() >= 12)?;
    Some(Dtm::parse(text).ok()?.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filed(id: &str, publisher: &str, kind: &str, hash: &str, written: &str) -> Filed {
        Filed {
            unique_id: id.to_owned(),
            entry_uuid: format!("urn:uuid:{id}"),
            publisher_ods: publisher.to_owned(),
            type_code: kind.to_owned(),
            practice_setting: String::new(),
            hash: hash.to_owned(),
            creation_time: Some(written.to_owned()),
            registered_at: format!("2026071512000{id}"),
        }
    }

    #[test]
    fn documents_of_one_publisher_encounter_and_type_with_several_ids_are_one_group() {
        let letter = |id, hash, written| filed(id, "RXN", "373942005", hash, written);
        for (documents, expected) in [
            (
                vec![letter("1", "a", "20260715"), letter("2", "a", "20250101")],
                Some(Evidence::SameBytes),
            ),
            (
                vec![letter("1", "a", "202607151100"), letter("2", "b", "202607151159")],
                Some(Evidence::WrittenTogether),
            ),
            (
                vec![letter("1", "a", "20260715"), letter("2", "b", "20260715")],
                Some(Evidence::SameEncounter),
            ),
            (vec![letter("1", "a", "20260715"), letter("1", "a", "20260715")], None),
            (vec![letter("1", "a", "20260715"), filed("2", "RXR", "373942005", "a", "2026")], None),
            (
                vec![
                    letter("1", "a", "20260715"),
                    filed("2", "RXN", "823681000000100", "a", "2026"),
                ],
                None,
            ),
        ] {
            let found: Vec<_> = group("E1", documents).into_iter().map(|g| g.evidence).collect();
            assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
        }
    }
}

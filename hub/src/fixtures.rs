//! What is embedded: the development region, its code sets, people and stories.

use gateway::region::{RegionFile, RelationshipKind, RelationshipRow};
use schemas::code_set::CodeSets;
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use serde::Deserialize;

pub const CODE_SETS: &str = include_str!("../../fixtures/code_sets.toml");
pub const RESTRICTED: &str = include_str!("../../fixtures/restricted.toml");
pub const RETENTION: &str = include_str!("../../fixtures/retention.toml");
const REGION: &str = include_str!("../../fixtures/region.toml");
const PATIENTS: &str = include_str!("../../fixtures/patients.csv");
const RELATIONSHIPS: &str = include_str!("../../fixtures/relationships.csv");
const NARRATIVES: &str = include_str!("../../fixtures/narratives.toml");

/// A synthetic person.
#[derive(Clone)]
pub struct Patient {
    pub number: NhsNumber,
    pub family: String,
    pub given: String,
    pub prefix: String,
    pub birth_date: String,
    pub sex: String,
    pub address_line: String,
    pub town: String,
    pub postcode: String,
    pub practice: OdsCode,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Section {
    pub title: String,
    pub texts: Vec<String>,
}

/// What documents of one type say.
#[derive(Clone, Debug, Deserialize)]
pub struct Narrative {
    pub document_type: String,
    pub publishers: Vec<OdsCode>,
    pub titles: Vec<String>,
    pub section: Vec<Section>,
}

#[derive(Deserialize)]
struct Narratives {
    narrative: Vec<Narrative>,
}

pub fn code_sets() -> Result<CodeSets, String> {
    toml::from_str(CODE_SETS).map_err(|error| format!("embedded code sets: {error}"))
}

pub fn narratives() -> Result<Vec<Narrative>, String> {
    let read: Result<Narratives, _> = toml::from_str(NARRATIVES);
    Ok(read.map_err(|error| format!("embedded narratives: {error}"))?.narrative)
}

/// Rows of a simple CSV (no quoting), without its header.
fn csv(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().skip(1).filter(|line| !line.is_empty()).map(|line| line.split(',').collect())
}

pub fn patients() -> Result<Vec<Patient>, String> {
    csv(PATIENTS)
        .map(|row| {
            let [number, family, given, prefix, birth, sex, address, town, postcode, practice] =
                row[..]
            else {
                return Err(format!("patients.csv: a row has {} fields", row.len()));
            };
            Ok(Patient {
                number: NhsNumber::parse(number)
                    .map_err(|error| format!("patients.csv: {error}"))?,
                family: family.to_owned(),
                given: given.to_owned(),
                prefix: prefix.to_owned(),
                birth_date: birth.to_owned(),
                sex: sex.to_owned(),
                address_line: address.to_owned(),
                town: town.to_owned(),
                postcode: postcode.to_owned(),
                practice: OdsCode::parse(practice)
                    .map_err(|error| format!("patients.csv: {error}"))?,
            })
        })
        .collect()
}

/// The development region, relationships included.
pub fn region() -> Result<RegionFile, String> {
    let mut region: RegionFile =
        toml::from_str(REGION).map_err(|error| format!("embedded region: {error}"))?;
    for row in csv(RELATIONSHIPS) {
        let [patient, ods, kind, starts, ends, source] = row[..] else {
            return Err(format!("relationships.csv: a row has {} fields", row.len()));
        };
        let bad = |what: &str| format!("relationships.csv: {what}");
        let kind = match kind {
            "registration" => RelationshipKind::Registration,
            "encounter" => RelationshipKind::Encounter,
            "referral" => RelationshipKind::Referral,
            "care" => RelationshipKind::Care,
            other => return Err(bad(&format!("unknown kind {other}"))),
        };
        region.relationship.push(RelationshipRow {
            patient: patient.to_owned(),
            ods: OdsCode::parse(ods).map_err(|error| bad(&error.to_string()))?,
            kind,
            starts: starts.parse().map_err(|_| bad("starts is not a date"))?,
            ends: if ends.is_empty() { None } else { Some(ends.parse().map_err(|_| bad("ends"))?) },
            source: source.to_owned(),
        });
    }
    Ok(region)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_embedded_region_can_be_read_and_is_large_enough() {
        let region = region().unwrap();
        let patients = patients().unwrap();
        let narratives = narratives().unwrap();
        let sets = code_sets().unwrap();
        assert!(patients.len() >= 40);
        assert!(narratives.len() >= 12);
        let known: HashSet<_> = region.organisation.iter().map(|o| o.ods.clone()).collect();
        assert!(patients.iter().all(|p| known.contains(&p.practice)));
        for narrative in &narratives {
            assert!(
                sets.by_name(&narrative.document_type).is_some(),
                "{}",
                narrative.document_type
            );
        }
        let synthetic = |p: &Patient| p.number.is_synthetic() || p.number.digits() == "9000000009";
        assert!(patients.iter().all(synthetic), "only numbers that are never issued");
    }

    #[test]
    fn one_practice_is_connected_but_has_not_signed() {
        let region = region().unwrap();
        let unsigned = region.organisation.iter().find(|o| o.ods.as_str() == "ZZP06").unwrap();
        assert!(unsigned.membership.is_none());
        assert!(region.system.iter().any(|s| s.organisation == unsigned.ods));
    }
}

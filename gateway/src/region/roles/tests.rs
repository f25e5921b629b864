//! Which row a job role means, and what a table leaves open.

use super::*;
use crate::region::{Agreement, Policy, Versioned};

fn role(name: &str, codes: &[&str], tier: &str) -> Role {
    let codes = codes.iter().map(|code| (*code).to_owned()).collect();
    Role { name: name.to_owned(), codes, tier: tier.to_owned() }
}

fn table() -> Region {
    let tier = |name: &str, document_types| Tier {
        name: name.to_owned(),
        document_types,
        index_only: false,
    };
    Region {
        roles: vec![
            role("health-professional", &["R0580-R1260", "R8003"], "clinical"),
            role("paramedic", &["R1070"], "clinical"),
            role("access", &["S8000:G8000:R8003"], "nothing"),
        ],
        tiers: vec![tier("clinical", vec![TypeSelector::All]), tier("nothing", Vec::new())],
        ..Region::default()
    }
}

#[test]
fn the_most_particular_row_of_a_job_role_counts() {
    let region = table();
    let meant = |shown: &str| region.role(shown).map(|role| role.name.as_str());
    for (shown, word) in [
        ("R0600", Some("health-professional")),
        ("NR0600", Some("health-professional")),
        ("S0010:G0020:R0600", Some("health-professional")),
        ("R1070", Some("paramedic")),
        ("nr1070", Some("paramedic")),
        ("R8003", Some("health-professional")),
        ("S8000:G8000:R8003", Some("access")),
        ("S8001:G8000:R8003", Some("health-professional")),
        ("paramedic", Some("paramedic")),
        ("Paramedic", None),
        ("R0570", None),
        ("R107", None),
        ("R0600-R0700", None),
        ("", None),
    ] {
        assert_eq!(meant(shown), word, "{shown}");
    }
}

#[test]
fn a_type_that_the_region_does_not_know_is_for_a_tier_that_reads_everything() {
    let region = table();
    let reads = |tier: &str| region.tier(tier).is_some_and(|tier| tier.covers_any(None));
    assert!(reads("clinical") && !reads("nothing") && !reads("no tier"));
}

#[test]
fn words_without_a_row_are_named_once_there_is_a_table() {
    let agreement =
        Agreement { id: "A".to_owned(), roles: vec!["clerk".to_owned()], ..Agreement::default() };
    let mut region =
        Region { agreements: vec![Versioned { version: 1, agreement }], ..Region::default() };
    let found = |file: &RegionFile, region: &Region| role_problems(file, region, &[]).join("\n");
    assert_eq!(found(&RegionFile::default(), &region), "", "without a table words are free");
    region.roles = vec![role("nurse", &["R0600", "senior"], "clinical")];
    let file = RegionFile {
        role: vec![role("paramedic", &["R0600"], "clinical")],
        policy: Some(Policy {
            withheld_shows: [("porter".to_owned(), Default::default())].into(),
            ..Policy::default()
        }),
        ..RegionFile::default()
    };
    let said = found(&file, &region);
    for words in [
        "agreement A names the role \"clerk\"",
        "policy names the role \"porter\"",
        "its tier \"clinical\" has no row",
        "\"senior\" is no SDS job role",
        "R0600 means the role nurse already",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

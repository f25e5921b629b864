//! A region in which something of each kind is left undone.

use super::*;
use crate::region::{RegionFile, Versioned};
use jiff::civil::date;

const TODAY: Date = date(2026, 7, 15);

const REGION: &str = r#"
[[organisation]]
ods = "TRUST"
name = "A trust"
kind = "acute"
publishes = ["*"]
[organisation.membership]
signed_on = "2020-01-01"
signed_by = "an office"
evidence = { dspt = "Standards Met", dspt_until = "2026-08-30", ico = "Z1", caldicott_guardian = true }
[[organisation]]
ods = "GP1"
name = "A practice"
kind = "practice"
[organisation.membership]
signed_on = "2020-01-01"
signed_by = "an office"
evidence = { dspt = "Standards Met", dspt_until = "2026-08-30", ico = "Z1" }
[[organisation]]
ods = "NEW"
name = "Another practice"
kind = "practice"
[[organisation]]
ods = "HOSP"
name = "A hospice"
kind = "hospice"
publishes = ["letter"]
[organisation.membership]
signed_on = "2020-01-01"
signed_by = "an office"
evidence = { dspt = "Standards Met", dspt_until = "2027-06-30", ico = "Z1", caldicott_guardian = true }
[[system]]
name = "new"
organisation = "NEW"
role = "clinician"
purposes = ["direct-care"]
[[system]]
name = "hosp"
organisation = "HOSP"
role = "porter"
purposes = ["direct-care"]
publishes = true
[[group]]
name = "practices"
kind = "practice"
[[group]]
name = "ambulances"
kind = "ambulance"
[[role]]
name = "clinician"
tier = "full"
[[role]]
name = "clerk"
tier = "some"
[[tier]]
name = "full"
document_types = ["*"]
[[tier]]
name = "old"
[[agreement]]
id = "GP"
title = "To practices"
publishers = ["TRUST"]
consumers = ["group:practices", "group:ambulances"]
document_types = ["letter"]
purposes = ["direct-care"]
roles = ["clinician", "nurse"]
starts = "2026-01-01"
review_by = "2026-07-01"
ends = "2026-09-01"
[[agreement]]
id = "ASK"
title = "Asked for"
state = "requested"
publishers = ["TRUST"]
consumers = ["HOSP"]
document_types = ["letter"]
purposes = ["direct-care"]
roles = ["clinician"]
starts = "2026-01-01"
request = { signed = { by = "an office", organisation = "HOSP", on = "2026-03-15" }, justification = "care" }
"#;

const SETS: &str = r#"
version = "1"
domain = "2.1"
[[document_type]]
name = "letter"
label = "Letter"
group = "letter"
type_code = "1"
display = ""
class_code = ""
practice_setting = ""
facility = ""
[[document_type]]
name = "dnacpr"
label = "DNACPR form"
group = "end-of-life"
type_code = "2"
display = ""
class_code = ""
practice_setting = ""
facility = ""
"#;

fn found(text: &str) -> Vec<Gap> {
    let file: RegionFile = toml::from_str(text).unwrap();
    let versioned = |agreement| Versioned { version: 1, agreement };
    let region = Region {
        organisations: file.organisation,
        groups: file.group,
        systems: file.system,
        roles: file.role,
        tiers: file.tier,
        agreements: file.agreement.into_iter().map(versioned).collect(),
        ..Region::default()
    };
    gaps(&region, &toml::from_str(SETS).unwrap(), TODAY)
}

#[track_caller]
fn only(gaps: &[Gap], kind: GapKind) -> Gap {
    let of_kind: Vec<&Gap> = gaps.iter().filter(|gap| gap.kind == kind).collect();
    let [one] = of_kind[..] else { panic!("{kind:?}: {of_kind:?}") };
    one.clone()
}

#[test]
fn each_kind_of_gap_is_found_with_its_age() {
    let gaps = found(REGION);
    assert_eq!(only(&gaps, GapKind::ConnectedUnsigned).about, "NEW");
    let asked = only(&gaps, GapKind::RequestedUndecided);
    assert_eq!((asked.about.as_str(), asked.days), ("ASK#1", Some(122)));
    assert_eq!(only(&gaps, GapKind::ReviewDue).days, Some(14));
    assert_eq!(only(&gaps, GapKind::Ending).days, Some(-48));
    assert_eq!(only(&gaps, GapKind::SeesNothing).about, "HOSP");
    assert_eq!(only(&gaps, GapKind::SharesWithNobody).about, "HOSP");
    let unused = only(&gaps, GapKind::OfferedUnused);
    assert!(unused.about == "TRUST" && unused.what.contains("end-of-life"), "{unused:?}");
    assert!(only(&gaps, GapKind::EmptyGroup).what.contains("group:ambulances"));
    let about = |kind| gaps.iter().filter(|g| g.kind == kind).map(|g| g.about.as_str()).collect();
    let roles: Vec<&str> = about(GapKind::Role);
    assert_eq!(roles, ["clerk", "nurse", "porter"]);
    let tiers: Vec<&str> = about(GapKind::Tier);
    assert_eq!(tiers, ["old", "some"]);
}

#[test]
fn evidence_that_ends_on_one_day_is_one_line() {
    let evidence: Vec<Gap> =
        found(REGION).into_iter().filter(|gap| gap.kind == GapKind::Evidence).collect();
    let [ending, missing] = &evidence[..] else { panic!("{evidence:?}") };
    assert!(ending.what.contains("TRUST and GP1") || ending.what.contains("GP1 and TRUST"));
    assert_eq!(ending.days, Some(-46));
    assert!(missing.about == "GP1" && missing.what.contains("caldicott-guardian"), "{missing:?}");
}

#[test]
fn what_is_in_order_is_not_said() {
    let in_order = REGION.replace("dspt_until = \"2026-08-30\"", "dspt_until = \"2027-06-30\"");
    let kinds: Vec<GapKind> = found(&in_order).iter().map(|gap| gap.kind).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == GapKind::Evidence).count(), 1, "{kinds:?}");
    assert!(found("").is_empty());
}

#[test]
fn the_most_pressing_stands_first() {
    let kinds: Vec<GapKind> = found(REGION).iter().map(|gap| gap.kind).collect();
    assert!(kinds.is_sorted(), "{kinds:?}");
    assert_eq!(kinds[0], GapKind::ConnectedUnsigned);
}

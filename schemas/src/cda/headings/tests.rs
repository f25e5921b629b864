//! Headings by code, by alias, by title; full, empty, "None" and absent.

use super::super::sample;
use super::*;

const UK: &str = "2.16.840.1.113883.2.1.3.2.4.15";

fn section(code: Option<&str>, title: &str, text: &str) -> String {
    let code =
        code.map_or(String::new(), |code| format!("<code code='{code}' codeSystem='{UK}'/>"));
    format!(
        "<component><section>{code}<title>{title}</title><text>{text}</text></section></component>"
    )
}

fn read(sections: &str, standard: HeadingStandard) -> Headings {
    let header = sample::with_body(&format!("<structuredBody>{sections}</structuredBody>"));
    Headings::of(&header, Some(standard))
}

fn presence(headings: &Headings, code: &str) -> Presence {
    let mut all = headings.mandatory.iter().chain(&headings.required).chain(&headings.others);
    all.find(|row| row.code == code).map_or(Presence::Absent, |row| row.presence)
}

#[test]
fn every_heading_is_found_by_code_by_alias_and_by_title() {
    for row in &HEADINGS {
        let by_code =
            row.aliases.iter().chain([&row.code]).map(|code| section(Some(code), "x", "y"));
        let titles = row.titles.iter().chain([&row.title]);
        let by_title = titles.flat_map(|title| {
            [section(None, title, "y"), section(None, &format!("{}:", title.to_uppercase()), "y")]
        });
        for text in by_code.chain(by_title) {
            let headings = read(&text, HeadingStandard::Discharge);
            assert_eq!(presence(&headings, row.code), Presence::Present, "{text}");
        }
    }
}

#[test]
fn a_code_beats_a_title() {
    let headings = read(&section(Some(ALLERGIES), "Diagnoses", "y"), HeadingStandard::Discharge);
    assert_eq!(presence(&headings, ALLERGIES), Presence::Present);
    assert_eq!(presence(&headings, DIAGNOSES), Presence::Absent);
}

#[test]
fn empty_and_none_and_absent_are_counted_apart() {
    for (text, expected) in [
        ("Penicillin", Presence::Present),
        ("", Presence::Empty),
        ("  <br/> ", Presence::Empty),
        ("-", Presence::Empty),
        ("None", Presence::NoneStated),
        ("none.", Presence::NoneStated),
        ("NOT KNOWN", Presence::NoneStated),
        ("<paragraph>Nil</paragraph>", Presence::NoneStated),
        ("N/A", Presence::NoneStated),
        ("None of these", Presence::Present),
    ] {
        let headings = read(&section(None, "Allergies", text), HeadingStandard::Discharge);
        assert_eq!(presence(&headings, ALLERGIES), expected, "{text:?}");
    }
    assert_eq!(presence(&read("", HeadingStandard::Discharge), ALLERGIES), Presence::Absent);
}

#[test]
fn each_standard_lists_what_is_missing_and_what_is_unfilled() {
    for standard in [
        HeadingStandard::Discharge,
        HeadingStandard::EmergencyDepartment,
        HeadingStandard::Outpatient,
    ] {
        let nothing = read("", standard);
        // The sample's header has a practice, a patient, recipients and an author.
        let of_header = [GP_PRACTICE, DEMOGRAPHICS, DISTRIBUTION, COMPLETED_BY];
        let expected: Vec<&str> =
            standard.mandatory().iter().copied().filter(|code| !of_header.contains(code)).collect();
        let missing: Vec<&str> = nothing.missing().map(|row| row.code).collect();
        assert_eq!(missing, expected, "{standard:?}");
        assert_eq!(nothing.required.len(), standard.required().len(), "{standard:?}");
        let first = expected[0];
        let unfilled = read(&section(Some(first), "x", "None"), standard);
        assert_eq!(unfilled.unfilled().map(|row| row.code).collect::<Vec<_>>(), [first]);
    }
}

#[test]
fn the_standard_follows_type_and_setting() {
    for (type_code, setting, standard) in [
        ("373942005", "309944008", Some(HeadingStandard::Discharge)),
        ("373942005", "394576009", Some(HeadingStandard::EmergencyDepartment)),
        ("823681000000100", "309944008", Some(HeadingStandard::Outpatient)),
        ("824861000000106", "11424001", None),
    ] {
        assert_eq!(HeadingStandard::of(type_code, setting), standard);
    }
}

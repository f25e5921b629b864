//! Documents and what becomes of each of their fields: a table for the suite's own document, pinned
//! whole, and for the toolkit's examples, where the machine has them.

mod examples;
mod same_entry;

use schemas::cda::{CdaDocument, CdaHeader, Mapped, MappingContext, Presence};
use schemas::code_set::CodeSets;
use schemas::metadata::{Code, DocumentEntry};
use schemas::ods_code::OdsCode;
use schemas::oid::Oid;
use schemas::xml::{Document, Limits};

/// The document of the vocabulary's own tests, with a body.
fn discharge() -> String {
    let body = "<component><structuredBody><component><section><title>Diagnoses</title>\
        <text>Resolved</text></section></component><component><section><title>Allergies</title>\
        <text>None</text></section></component><component><section>\
        <code code=\"887201000000105\" codeSystem=\"2.16.840.1.113883.2.1.3.2.4.15\"/>\
        <title>Plan and requested actions</title><text><list><item>Repeat bloods. For: GP. \
        Due: 1 August 2026</item></list></text></section></component></structuredBody></component>";
    include_str!("../../schemas/src/cda/sample.xml").replace("<!-- body -->", body)
}

fn code_sets() -> CodeSets {
    toml::from_str(include_str!("../../fixtures/code_sets.toml")).unwrap()
}

/// Maps a document that came without a message, or by a profile and an interaction.
fn mapped(document: &str, publisher: &str, message: Option<(&str, &str)>) -> Mapped {
    let header = CdaHeader::read(document.as_bytes(), &Limits::default()).unwrap();
    let sets = code_sets();
    let context = MappingContext {
        code_sets: &sets,
        oid_root: &Oid::parse("1.2.3").unwrap(),
        publisher: &OdsCode::parse(publisher).unwrap(),
        profile_id: message.map(|(profile, _)| profile),
        interaction: message.map(|(_, interaction)| interaction),
        mime_type: "text/xml",
    };
    schemas::cda::map(&header, &context).unwrap()
}

fn one(code: &Code) -> String {
    format!("{} ({})", code.code, code.scheme)
}

fn all(codes: &[Code]) -> String {
    codes.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// An XCN or XON without its names: what is left says where it went.
fn unnamed(text: &str) -> String {
    let parts: Vec<&str> = text.split('^').collect();
    let part = |n: usize| parts.get(n).copied().unwrap_or_default();
    if part(9).is_empty() {
        format!("{}^…^{}", part(0), part(8)).trim_matches(['^', '…']).to_owned()
    } else {
        format!("{}^{}", part(9), part(5))
    }
}

/// Field and value, a row each; people go without their names.
fn table(mapped: &Mapped) -> String {
    let DocumentEntry { author, extra, .. } = &mapped.entry;
    let entry = &mapped.entry;
    let time =
        |time: &Option<schemas::dtm::Dtm>| time.as_ref().map_or("-".into(), ToString::to_string);
    let mut rows: Vec<(&str, String)> = vec![
        ("patientId", entry.patient_id.text()),
        ("sourcePatientId", entry.source_patient_id.text()),
        ("uniqueId", entry.unique_id.to_string()),
        ("classCode", one(&entry.class_code)),
        ("typeCode", one(&entry.type_code)),
        ("practiceSettingCode", one(&entry.practice_setting_code)),
        ("healthcareFacilityTypeCode", one(&entry.healthcare_facility_type_code)),
        ("formatCode", one(&entry.format_code)),
        ("confidentialityCode", all(&entry.confidentiality_code)),
        ("eventCodeList", all(&entry.event_code_list)),
        ("title", entry.title[0].value.clone()),
        ("creationTime", time(&entry.creation_time)),
        ("serviceStartTime", time(&entry.service_start_time)),
        ("serviceStopTime", time(&entry.service_stop_time)),
        ("languageCode", entry.language_code.as_str().to_owned()),
    ];
    let info = entry.source_patient_info.iter().filter_map(|line| line.split('|').next());
    rows.push(("sourcePatientInfo", info.collect::<Vec<_>>().join(", ")));
    for author in author {
        let person = author.person.as_ref().map_or(String::new(), |p| unnamed(p.as_str()));
        rows.push(("authorPerson", person));
        rows.extend(author.institution.iter().map(|i| ("authorInstitution", unnamed(i.as_str()))));
        rows.extend(author.role.iter().map(|role| ("authorRole", role.clone())));
        rows.extend(author.specialty.iter().map(|s| ("authorSpecialty", s.clone())));
        rows.extend(
            author.telecommunication.iter().map(|t| ("authorTelecommunication", t.clone())),
        );
        rows.extend(
            author
                .extra
                .iter()
                .map(|s| ("author, extra", format!("{} = {}", s.name, s.values.join(", ")))),
        );
    }
    let legal = entry.legal_authenticator.as_ref();
    rows.push(("legalAuthenticator", legal.map_or("-".into(), |p| unnamed(p.as_str()))));
    rows.extend(entry.reference_id_list.iter().map(|id| ("referenceIdList", id.to_string())));
    for slot in extra {
        let people = slot.name.ends_with("ecipient");
        let shown = |value: &String| match people {
            true => value.split('|').map(unnamed).collect::<Vec<_>>().join("|"),
            false => value.clone(),
        };
        let values: Vec<String> = slot.values.iter().map(shown).collect();
        rows.push(("extra", format!("{} = {}", slot.name, values.join(", "))));
    }
    rows.push(("document type", mapped.document_type.clone()));
    let missing: Vec<&str> = mapped.headings.missing().map(|heading| heading.title).collect();
    rows.push(("headings missing", missing.join(", ")));
    let required = mapped.headings.required.iter().filter(|h| h.presence == Presence::Absent);
    rows.push(("headings absent", required.map(|h| h.title).collect::<Vec<_>>().join(", ")));
    let unfilled: Vec<&str> = mapped.headings.unfilled().map(|heading| heading.title).collect();
    rows.push(("headings unfilled", unfilled.join(", ")));
    let warnings: Vec<&str> = mapped.warnings.iter().map(|warning| warning.code()).collect();
    rows.push(("warnings", warnings.join(", ")));
    rows.iter()
        .map(|(field, value)| format!("{field} | {value}").trim_end().to_owned() + "\n")
        .collect()
}

#[test]
fn every_field_of_a_discharge_summary_goes_where_the_table_says() {
    insta::assert_snapshot!("cda_fields", table(&mapped(&discharge(), "RXN", None)));
}

/// The ClinicalDocument of a message as a document of its own.
fn document_of(message: &str) -> String {
    let document = Document::parse(message, &Limits::default()).unwrap();
    let mut all = document.root().descendants();
    let found = all.find(|element| element.is(schemas::cda::HL7, "ClinicalDocument"));
    schemas::itk::standalone(found.unwrap())
}

fn withdrawal_of(document: &str) -> schemas::cda::Nullification {
    match CdaDocument::read(document.as_bytes(), &Limits::default()) {
        Ok(CdaDocument::Nullification(nullification)) => *nullification,
        other => panic!("{other:?}"),
    }
}

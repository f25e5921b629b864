//! A region adds a document type in its own file: no release, and every road knows it.

use super::*;
use tests::message::slot;

/// A type that no hub has heard of, under codes that nothing else here bears.
const OWN: &str = r#"
[[document_type]]
name = "second-opinion"
label = "Second opinion"
group = "letter"
type_code = "371545006"
display = "Confirmatory consultation report"
aliases = ["371530004"]
class_code = "823651000000106"
practice_setting = "413294000"
facility = "010"
message_types = ["POCD_MT999001UK01"]
"#;

/// A profile that says nothing of the type.
const OTHER: &str = "urn:nhs-en:profile:NonCodedCDADocument-v2-1";

fn code_sets() -> String {
    let code = |code: &str, display: &str| {
        format!("  {{ code = \"{code}\", scheme = \"{SNOMED}\", display = \"{display}\" }},\n")
    };
    let head = "[attribute.typeCode]\nmode = \"strict\"\ncodes = [\n";
    assert!(hub::fixtures::CODE_SETS.contains(head));
    let codes = code("371545006", "Confirmatory consultation report")
        + &code("371530004", "Clinical consultation report");
    hub::fixtures::CODE_SETS.replacen(head, &format!("{head}{codes}"), 1) + OWN
}

fn report(code: &str, message_type: &str) -> String {
    let letter = document("outpatient-letter");
    letter
        .replacen("code code=\"823681000000100\"", &format!("code code=\"{code}\""), 1)
        .replacen("POCD_MT170001UK06", message_type, 1)
        .replace("Cardiology clinic letter", "A second opinion")
        .replace("893061000000109", "413294000")
}

#[test]
fn a_type_of_the_regions_own_file_is_taken_indexed_and_found() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("codes.toml");
    std::fs::write(&file, code_sets()).unwrap();
    let hub = TestHub::with(|options| options.config.hub.code_sets = Some(file));
    let letter =
        Row { profile: OTHER.to_owned(), interaction: String::new(), ..row("outpatient-letter") };
    let spellings = [
        ("371545006", "POCD_MT170001UK06"),
        ("371530004", "POCD_MT010011GB02"),
        ("25871000000105", "POCD_MT999001UK01"),
    ];
    for (n, (code, message_type)) in spellings.into_iter().enumerate() {
        let id = format!("0A1B2C3D-0000-4000-8000-00000000000{n}");
        let text = report(code, message_type);
        let own = between(&text, "<id root=\"", "\"").to_owned();
        send(
            &hub,
            &letter,
            &text.replace(&own, &id).replace(between(&text, "<setId root=\"", "\""), &id),
        );
        for asked in ["371545006", "371530004"] {
            let of_type = slot("$XDSDocumentEntryTypeCode", &format!("('{asked}^^{SNOMED}')"));
            let found = find(&hub, &letter.reader, &letter.patient, &of_type);
            assert_eq!(
                entries(&found, "A second opinion").len(),
                n + 1,
                "{code} by {asked}: {}",
                found.text()
            );
        }
    }
}

#[test]
fn without_the_file_the_same_document_is_of_no_known_type() {
    let hub = TestHub::start();
    let letter =
        Row { profile: OTHER.to_owned(), interaction: String::new(), ..row("outpatient-letter") };
    let text = report("371545006", "POCD_MT999001UK01");
    let request = hub.request("RXN", hub.itk_url()).content_type("text/xml; charset=UTF-8");
    let answer = request.post(message_of(&letter, &text));
    assert!(answer.contains("is not a document type of this region"), "{}", answer.text());
    assert_eq!(hub.contents(), (0, 0));
}

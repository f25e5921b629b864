//! The affinity domain's code sets at the door: strict, warn, off, retired; and what `check` says.

use crate::executable;
use hub::serve::Role;
use schemas::code_set::Mode;
use std::process::Command;
use tests::message::{self, Provide, scheme};
use tests::{Answer, TestHub};

const LOINC: &str = "2.16.840.1.113883.6.1";

fn hub_with_modes(modes: &[(&str, Mode)]) -> TestHub {
    let modes = modes.iter().map(|(attribute, mode)| ((*attribute).to_owned(), *mode));
    TestHub::with(|options| options.config.registry.codes = modes.collect())
}

fn provide(hub: &TestHub, letter: &Provide) -> Answer {
    hub.request("RXN", hub.url(Role::Repository)).soap(&letter.inline())
}

fn unheard(number: u32) -> Provide {
    Provide::letter(number).code(scheme::TYPE_CODE, "34133-9", LOINC)
}

#[test]
fn a_code_under_warn_is_registered_with_a_warning_that_names_it() {
    let hub = hub_with_modes(&[("typeCode", Mode::Warn), ("mimeType", Mode::Warn)]);
    let letter = Provide { mime_type: "application/x-unheard".to_owned(), ..unheard(1) };
    let answer = provide(&hub, &letter);
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    assert_eq!(answer.error_codes(), ["XDSRegistryMetadataError", "XDSRegistryMetadataError"]);
    assert_eq!(
        answer.text().matches("ErrorSeverityType:Warning").count(),
        3,
        "each, and the highest"
    );
    let said = answer.plain();
    for word in ["DocumentEntry.typeCode", "\"34133-9\"", LOINC, "mimeType", "x-unheard"] {
        assert!(said.contains(word), "no {word:?} in {said}");
    }
    assert_eq!(hub.contents(), (1, 1));
    // What the modes do not name is as strict as before.
    let letter = Provide::letter(2).code(scheme::CLASS_CODE, "34133-9", LOINC);
    let words = ["DocumentEntry.classCode", "\"34133-9\"", LOINC];
    let refused = hub.refuses(Role::Repository, &words, || provide(&hub, &letter));
    assert_eq!(refused.error_codes(), ["XDSRegistryMetadataError"]);
}

#[test]
fn a_code_under_off_is_registered_in_silence() {
    let hub = hub_with_modes(&[("typeCode", Mode::Off)]);
    let answer = provide(&hub, &unheard(1));
    assert_eq!((answer.xds_status().as_str(), answer.error_codes().len()), ("Success", 0));
}

/// The embedded code sets with a last day for the letter's typeCode.
fn retiring(until: &str) -> String {
    let code = "{ code = \"823681000000100\", scheme = \"2.16.840.1.113883.6.96\",";
    assert!(hub::fixtures::CODE_SETS.contains(code));
    hub::fixtures::CODE_SETS.replacen(code, &format!("{code} until = \"{until}\","), 1)
}

#[test]
fn a_retired_code_stays_on_entries_and_is_refused_on_new_ones() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("codes.toml");
    std::fs::write(&file, retiring("2026-07-15")).unwrap();
    let hub = TestHub::with(|options| options.config.hub.code_sets = Some(file));
    let letter = Provide::letter(1);
    assert_eq!(provide(&hub, &letter).xds_status(), "Success", "its last day");
    hub.clock().advance_seconds(86_400);
    let words = ["DocumentEntry.typeCode", "\"823681000000100\"", "was retired on 2026-07-15"];
    let later = Provide::letter(2);
    let refused = hub.refuses(Role::Repository, &words, || provide(&hub, &later));
    assert_eq!(refused.error_codes(), ["XDSRegistryMetadataError"]);
    let query = message::find_documents("9000000009", "LeafClass", "");
    let found = hub.request("ZZP01", hub.url(Role::Gateway)).soap(&query);
    assert!(found.contains(&letter.unique_id), "{}", found.text());
}

/// What `watling check` says of a configuration beside a file of codes, and whether it is content.
fn check(codes: &str, registry: &str) -> (bool, String) {
    let folder = tempfile::tempdir().unwrap();
    let (codes_file, config) = (folder.path().join("codes"), folder.path().join("watling.toml"));
    std::fs::write(&codes_file, codes).unwrap();
    let text = format!("[hub]\ncode_sets = {:?}\n{registry}", codes_file.display().to_string());
    std::fs::write(&config, text).unwrap();
    let mut watling = Command::new(executable());
    let output = watling.arg("check").arg("--config").arg(&config).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn check_reports_what_the_file_holds() {
    let (good, said) = check(&retiring("2026-07-15"), "[registry.codes]\nclassCode = \"warn\"\n");
    assert!(good, "{said}");
    for line in [
        "# code sets: version 2026-11",
        "typeCode: strict, ",
        "typeCode: 1 with a last day",
        "classCode: warn, ",
        "eventCodeList: off, ",
        "mimeType: strict, ",
    ] {
        assert!(said.contains(line), "no {line:?} in {said}");
    }
    let codes_xml = "<Codes><CodeType name='typeCode'><Code code='1' codingScheme='2'/><Code code='1' codingScheme='2'/></CodeType><AssigningAuthority id='&amp;1.2&amp;ISO'/></Codes>";
    let (good, said) = check(codes_xml, "");
    assert!(good, "{said}");
    for line in [
        "typeCode: strict, 2 codes",
        "typeCode: \"1\" in scheme \"2\" is listed more than once",
        "classCode: no code set, so it is not checked",
        "AssigningAuthority &1.2&ISO in the file is not used",
        "the document type outpatient-letter has the typeCode \"823681000000100\", which is not in the domain",
    ] {
        assert!(said.contains(line), "no {line:?} in {said}");
    }
}

#[test]
fn check_refuses_code_sets_under_which_nothing_could_be_right() {
    let native = "version = \"1\"\ndomain = \"2.16.840.1.113883.2.1.4.1\"\n";
    let mime = "[mime_type]\ncodes = [\"text/xml\"]\n";
    for (codes, registry, problem) in [
        (format!("{native}{mime}[attribute.typCode]\n"), "", "\"typCode\" is no coded attribute"),
        (
            format!("{native}{mime}[attribute.typeCode]\n"),
            "",
            "typeCode is strict and has no codes",
        ),
        (native.to_owned(), "", "mimeType is strict and has no codes"),
        (format!("{}{mime}", native.replace("2.16", "2.17")), "", "domain is"),
        (
            format!("{native}{mime}"),
            "[registry.codes]\ntypecode = \"off\"\n",
            "registry.codes: \"typecode\" is no coded attribute",
        ),
        (format!("{native}{mime}"), "[registry.codes]\ntypeCode = \"lax\"\n", "lax"),
    ] {
        let (good, said) = check(&codes, registry);
        assert!(!good && said.contains(problem), "no {problem:?} in {said}");
    }
}

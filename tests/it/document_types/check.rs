//! `watling check` reads a region's document types as their author should have: line, what, fix.

use crate::executable;
use std::process::Command;

/// What `watling check` says of a file of code sets, and whether it is content.
fn check(codes: &str) -> (bool, String) {
    let folder = tempfile::tempdir().unwrap();
    let (file, config) = (folder.path().join("codes"), folder.path().join("watling.toml"));
    std::fs::write(&file, codes).unwrap();
    std::fs::write(&config, format!("[hub]\ncode_sets = {:?}\n", file.display().to_string()))
        .unwrap();
    let output = Command::new(executable()).arg("check").arg("--config").arg(&config).output();
    let output = output.unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

/// The last line on which a text stands, counted from one.
fn line_of(text: &str, what: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    1 + lines.iter().rposition(|line| line.contains(what)).unwrap_or_else(|| panic!("{what}"))
}

#[test]
fn what_is_embedded_has_no_problem_and_every_type_is_offered() {
    let (good, said) = check(hub::fixtures::CODE_SETS);
    assert!(good, "{said}");
    assert!(!said.contains("no organisation of the region offers"), "{said}");
    let note = "the document types inpatient-discharge and daycase-discharge have one typeCode";
    assert!(said.contains(note), "{said}");
}

#[test]
fn each_mistake_is_named_with_its_line_and_its_fix() {
    let embedded = hub::fixtures::CODE_SETS;
    for (from, to, words) in [
        (
            "aliases = [\"312711000000101\"]",
            "aliases = [\"312711000000101\", \"823691000000103\"]",
            "aliases: \"823691000000103\" belongs to outpatient-letter already, and a document can be only one of them: remove it from one",
        ),
        (
            "aliases = [\"312711000000101\"]",
            "aliases = [\"312711000000101\", \"823881000000104\"]",
            "aliases: \"823881000000104\" is the type_code of dnacpr",
        ),
        (
            "type_code = \"824861000000106\"",
            "type_code = \"824861000000107\"",
            "type_code: \"824861000000107\" is no SNOMED CT code, its check digit is wrong",
        ),
        (
            "message_types = [\"POCD_MT030001UK01\"]",
            "message_types = [\"POCD_MT170001UK06\"]",
            "message_types: \"POCD_MT170001UK06\" belongs to outpatient-letter already",
        ),
        (
            "events = [\"urn:watling:action^^urn:watling:event\"]",
            "events = []",
            "document type task-letter: nothing tells it from outpatient-letter",
        ),
        (
            "events = [\"urn:watling:action^^urn:watling:event\"]",
            "events = [\"urn:watling:action\"]",
            "names no system: write code^^scheme",
        ),
        ("confidentiality = \"R\"", "confidentiality = \"X\"", "\"X\" is none: N, R or V"),
        (
            "name = \"mdt-letter\"",
            "name = \"task-letter\"",
            "name: \"task-letter\" belongs to task-letter already",
        ),
        (
            "default_type = \"report\"",
            "default_type = \"reports\"",
            "default_type \"reports\" is the name of no document type",
        ),
        (
            "settings = [\"310000008\"]",
            "settings = [\"310000008\", \"999\"]",
            "settings: \"999\" is no SNOMED CT code",
        ),
    ] {
        assert!(embedded.contains(from), "{from}");
        let text = embedded.replacen(from, to, 1);
        let (good, said) = check(&text);
        assert!(!good, "{to}: {said}");
        let told = said.lines().find(|line| line.contains(words));
        let told = told.unwrap_or_else(|| panic!("no {words:?} in {said}"));
        // Types that nothing tells apart are named where the code stands that they share.
        let line = match to {
            "events = []" => line_of(&text, "name = \"task-letter\"") + 3,
            _ => line_of(&text, to),
        };
        assert!(told.contains(&format!(": line {line}: ")), "{line}: {told}");
    }
}

#[test]
fn a_class_that_is_not_in_the_domain_is_named() {
    let own = "[[document_type]]\nname = \"own\"\nlabel = \"Own\"\ngroup = \"own\"\ntype_code = \"371545006\"\ndisplay = \"Own\"\nclass_code = \"371545006\"\npractice_setting = \"309944008\"\nfacility = \"777\"\n";
    let text = format!("{}\n{own}", hub::fixtures::CODE_SETS);
    let (good, said) = check(&text);
    assert!(!good);
    for words in [
        "has the typeCode \"371545006\", which is not in the domain",
        "has the classCode \"371545006\", which is not in the domain",
        "has the healthcareFacilityTypeCode \"777\", which is not in the domain",
    ] {
        assert!(said.contains(words), "no {words:?} in {said}");
    }
    let offered = "no organisation of the region offers the document type own";
    assert!(!said.contains(offered), "trusts offer everything here: {said}");
}

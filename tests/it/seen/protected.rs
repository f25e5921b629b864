//! Where a protected patient lives, is registered or is cared for stands in no answer, whatever is
//! asked by whom, and in no report.

use super::{PATIENT, SNOMED, find, publish_as};
use crate::executable;
use hub::serve::Role;
use schemas::query::ids;
use std::process::Command;
use tests::message::{self, Provide, scheme, slot};
use tests::{Answer, TestHub};

/// Lives, is registered, is cared for: each in a place of its own.
const TELLS: [&str; 8] = [
    "Hollow Lane",
    "LA99 8YY",
    "01995551234",
    "Y98765",
    "Fernbank",
    "RXR",
    "PAS-77",
    "1.2.826.0.1.99999.10.77",
];

fn letter(number: u32) -> Provide {
    Provide::letter(number)
        .slot("sourcePatientId", &["PAS-77^^^&amp;1.2.826.0.1.99999.10.77&amp;ISO"])
        .slot(
            "sourcePatientInfo",
            &[
                "PID-3|PAS-77^^^&amp;1.2.826.0.1.99999.10.77&amp;ISO",
                "PID-5|Synthetic^Testina",
                "PID-7|19480309",
                "PID-11|3 Hollow Lane^^Lancaster^^LA99 8YY",
                "PID-13|^PRN^PH^^^^01995551234",
            ],
        )
        .slot(
            "legalAuthenticator",
            &["Y98765^Sample^Ada^^^Dr^^^&amp;1.2.826.0.1285.0.2.0.65&amp;ISO"],
        )
        .slot("URI", &["fernbank.example/1"])
        .slot("urn:nhs:hub:custodianOds", &["RXR"])
        .slot("urn:x:place", &["Fernbank Surgery, Y98765"])
}

fn watling(hub: &TestHub, arguments: &[&str]) -> String {
    let mut command = Command::new(executable());
    command.args(arguments).arg("--data").arg(hub.data());
    let output = hub.beside(&mut command).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    said + &String::from_utf8_lossy(&output.stderr)
}

/// Letters of RXR, one replaced by a version that the crew may not see, two decisions that disagree,
/// one in quarantine; a patient whose whereabouts are protected.
fn hub() -> TestHub {
    let hub = TestHub::with(|options| options.config.repository.silence.documents_min = 2);
    publish_as(&hub, "RXR", &letter(1));
    hub.clock().advance_seconds(3_600);
    let dnacpr = |number, publisher: &str| {
        let form = letter(number).code(scheme::TYPE_CODE, "735324008", SNOMED);
        publish_as(&hub, publisher, &form);
    };
    dnacpr(2, "RXR");
    dnacpr(3, "RXN");
    let marked =
        watling(&hub, &["patient", "sensitive", PATIENT, "--on", "--reason", "court order"]);
    assert!(!marked.contains("error"), "{marked}");
    hub.apply(
        "[policy]\nwithheld_shows = { paramedic = \"placeholder\", clinician = \"count\" }\n",
    );
    hub
}

/// The answer without what is said of every patient alike: which publishers agreements leave out, and
/// who is silent.
fn about_the_patient(answer: &Answer) -> String {
    let text = answer.plain();
    let mut said = String::new();
    for part in text.split("<rs:RegistryError ") {
        let general = part.contains("your agreements do not cover")
            && part.contains("location=\"agreement\"")
            || part.contains("has sent nothing for");
        let after = part.find("/>").map_or("", |at| &part[at..]);
        said.push_str(if general { after } else { part });
    }
    said
}

fn stored_query(id: &str, return_type: &str, slots: &str) -> String {
    let body = format!(
        "<query:AdhocQueryRequest xmlns:query=\"urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0\" xmlns:rim=\"urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0\"><query:ResponseOption returnComposedObjects=\"true\" returnType=\"{return_type}\"/><rim:AdhocQuery id=\"{id}\">{slots}</rim:AdhocQuery></query:AdhocQueryRequest>"
    );
    message::envelope("urn:ihe:iti:2007:RegistryStoredQuery", &body)
}

/// Every stored query that can be asked of a patient or of one document.
fn questions(entry: &str, set: &str) -> Vec<(&'static str, String)> {
    let patient = format!("'{PATIENT}^^^&amp;2.16.840.1.113883.2.1.4.1&amp;ISO'");
    let status = |name: &str| {
        slot(
            &format!("${name}Status"),
            "('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved','urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated')",
        )
    };
    let of = |name: &str| slot(&format!("${name}PatientId"), &patient);
    let (entry, set) = (format!("('{entry}')"), format!("'{set}'"));
    let all = slot("$patientId", &patient)
        + &status(concat!("XDS", "DocumentEntry"))
        + &status(concat!("XDS", "SubmissionSet"))
        + &status(concat!("XDS", "Folder"));
    let document = slot(concat!("$", "XDSDocumentEntryEntryUUID"), &entry);
    let related = document.clone()
        + &slot(concat!("$", "AssociationTypes"), "('urn:ihe:iti:2007:AssociationType:RPLC')");
    vec![
        (
            ids::FIND_DOCUMENTS,
            of(concat!("XDS", "DocumentEntry")) + &status(concat!("XDS", "DocumentEntry")),
        ),
        (
            ids::FIND_SUBMISSION_SETS,
            of(concat!("XDS", "SubmissionSet")) + &status(concat!("XDS", "SubmissionSet")),
        ),
        (ids::GET_ALL, all),
        (ids::GET_DOCUMENTS, document.clone()),
        (ids::GET_DOCUMENTS_AND_ASSOCIATIONS, document),
        (ids::GET_SUBMISSION_SETS, slot(concat!("$", "uuid"), &entry)),
        (
            ids::GET_SUBMISSION_SET_AND_CONTENTS,
            slot(concat!("$", "XDSSubmissionSetEntryUUID"), &set),
        ),
        (ids::GET_ASSOCIATIONS, slot(concat!("$", "uuid"), &entry)),
        (ids::GET_RELATED_DOCUMENTS, related),
    ]
}

fn first_id(answer: &Answer, object: &str) -> String {
    let text = answer.text();
    let rest = text.split(object).nth(1).and_then(|rest| rest.split("id=\"").nth(1));
    rest.and_then(|rest| rest.split('"').next()).expect("an id").to_owned()
}

#[test]
fn a_protected_patients_whereabouts_stand_in_no_answer_whatever_is_asked_by_whom() {
    let hub = hub();
    let ask = |ods: &str, envelope: &str| hub.request(ods, hub.url(Role::Gateway)).soap(envelope);
    let found = find(&hub, "ZZP01", PATIENT);
    let entry = first_id(&found, "<rim:ExtrinsicObject ");
    let patient = format!("'{PATIENT}^^^&amp;2.16.840.1.113883.2.1.4.1&amp;ISO'");
    let sets = slot(concat!("$", "XDSSubmissionSetPatientId"), &patient)
        + &slot(
            concat!("$", "XDSSubmissionSetStatus"),
            "('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')",
        );
    let set = first_id(
        &ask("ZZP01", &stored_query(ids::FIND_SUBMISSION_SETS, "LeafClass", &sets)),
        "<rim:RegistryPackage ",
    );
    let mut shown = 0;
    for ods in ["ZZP01", "RX7", "RXN", "RW5"] {
        for (id, slots) in questions(&entry, &set) {
            for return_type in ["LeafClass", "ObjectRef"] {
                let answer = ask(ods, &stored_query(id, return_type, &slots));
                let said = about_the_patient(&answer);
                shown += usize::from(said.contains("<rim:ExtrinsicObject"));
                for tells in TELLS {
                    assert!(!said.contains(tells), "{id} tells {ods} {tells}: {said}");
                }
            }
        }
        let opened = ask(ods, &message::retrieve(&[&letter(1).unique_id, &letter(2).unique_id]));
        for tells in TELLS {
            assert!(!opened.envelope().contains(tells), "ITI-43 tells {ods} {tells}");
        }
    }
    assert!(shown > 6, "something was shown: {shown}");
}

#[test]
fn nor_in_what_an_operator_or_a_client_prints_of_documents() {
    let hub = hub();
    let id = letter(1).unique_id;
    let found = watling(&hub, &["find", PATIENT, "--as", "ZZP01"]);
    assert!(found.contains("withheld"), "{found}");
    for arguments in [
        &["find", PATIENT, "--as", "ZZP01"][..],
        &["find", PATIENT, "--as", "ZZP01", "--json"],
        &["report", "readers", &id],
        &["report", "readers", &id, "--csv"],
        &["report", "recalls"],
        &["report", "safeguarding"],
        &["report", "duplicates"],
    ] {
        let said = watling(&hub, arguments);
        let said: String = said.lines().filter(|line| !line.contains("do not cover")).collect();
        for tells in TELLS {
            assert!(!said.contains(tells), "{arguments:?} tells {tells}: {said}");
        }
    }
}

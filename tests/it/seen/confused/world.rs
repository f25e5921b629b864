//! Six patients, three publishers, two types of document each, Folders, addenda, a merge; and who may
//! see what, as a table that knows nothing of the gateway.

use super::super::{SNOMED, discharge, publish_as};
use crate::executable;
use hub::serve::Role;
use node::caller::Caller;
use schemas::ods_code::OdsCode;
use std::collections::HashMap;
use std::process::Command;
use tests::TestHub;
use tests::message::{self, Provide};

/// Not on any list of the development region. The last is merged into the one before.
pub const PATIENTS: [&str; 6] =
    ["9997001044", "9997001052", "9997001060", "9997001079", "9997001087", "9997001095"];
const MERGED: (usize, usize) = (5, 4);
const PUBLISHERS: [&str; 3] = ["RXN", "RXL", "RX7"];

/// Who asks: organisation and system.
pub const ASKERS: [(&str, &str); 5] = [
    ("ZZP01", "zzp01-integration"),
    ("ZZP02", "zzp02-integration"),
    ("RX7", "rx7-integration"),
    ("RW5", "rw5-integration"),
    ("RXL", "rxl-integration"),
];

/// One document with the marks by which it is known again in a text.
#[derive(Clone, Debug)]
pub struct Known {
    pub patient: usize,
    pub publisher: &'static str,
    pub is_letter: bool,
    pub unique_id: String,
    pub entry_uuid: String,
    pub hash: String,
    pub bytes: String,
}

#[derive(Default)]
pub struct World {
    pub documents: Vec<Known>,
    /// Mark to the places of its documents: one for a document's own, all members for a Folder's or
    /// a SubmissionSet's.
    marks: HashMap<String, Vec<usize>>,
    pub packages: Vec<String>,
    pub associations: Vec<String>,
}

pub fn caller(ods: &str) -> Caller {
    let (ods, system) = ASKERS.iter().find(|(of, _)| *of == ods).expect("an asker");
    Caller {
        system: (*system).to_owned(),
        organisation: OdsCode::parse(ods).expect("an ODS code"),
        claimed_for: None,
        user: None,
        address: ([127, 0, 0, 1], 1).into(),
    }
}

impl World {
    /// The rule, by hand: own documents of whoever one is related to; agreements; relationships;
    /// one preference.
    pub fn may_see(&self, asker: &str, document: &Known) -> bool {
        let Known { patient, publisher, is_letter, .. } = document;
        let of = |patients: &[usize]| patients.contains(patient);
        match asker {
            "ZZP01" => of(&[0, 1, 4, 5]) && !(of(&[1]) && *publisher == "RXL"),
            "RX7" => *publisher == "RX7" || !is_letter,
            "RW5" => of(&[2]) && !is_letter,
            "RXL" => of(&[3]),
            _ => false,
        }
    }

    pub fn document(&self, unique_id: &str) -> Option<&Known> {
        self.documents.iter().find(|document| document.unique_id == unique_id)
    }

    pub fn may_see_mark(&self, asker: &str, mark: &str) -> bool {
        let places = self.marks.get(mark).map(Vec::as_slice).unwrap_or_default();
        places.iter().any(|place| self.may_see(asker, &self.documents[*place]))
    }

    /// The document that a mark is the own of.
    pub fn document_of(&self, mark: &str) -> Option<&Known> {
        let own = |known: &&Known| {
            known.unique_id == mark || known.entry_uuid == mark || known.hash == mark
        };
        self.documents.iter().find(own)
    }

    /// Whether a document is found under a patient's number: its own, or what it was merged into.
    pub fn is_of(&self, document: &Known, number: &str) -> bool {
        let (merged, into) = MERGED;
        let under = if document.patient == merged { into } else { document.patient };
        PATIENTS[under] == number
    }

    /// Every mark that stands in a text, once.
    pub fn marks_in(&self, text: &str) -> Vec<&String> {
        let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-');
        let tokens = text.split(|c| !part(c));
        let mut found: Vec<&String> =
            tokens.filter_map(|token| self.marks.get_key_value(token)).map(|(k, _)| k).collect();
        found.sort();
        found.dedup();
        found
    }
}

/// What the registry knows, read by its own rows: id, uniqueId, and what a package holds.
struct Rows {
    entries: HashMap<String, String>,
    associations: Vec<(String, String, String, String)>,
    packages: HashMap<String, String>,
}

/// Asks as the hub's own service, which sees everything.
fn rows(hub: &TestHub) -> Rows {
    let mut rows =
        Rows { entries: HashMap::new(), associations: Vec::new(), packages: HashMap::new() };
    for number in PATIENTS {
        let body = get_all(number);
        let registry = hub.url(Role::Registry);
        let answer = tests::Request::new(registry, &hub.pki().join("ca.pem"))
            .certificate(hub.service_certificate("watling-repository"))
            .soap(&message::envelope("urn:ihe:iti:2007:RegistryStoredQuery", &body));
        let text = answer.text();
        for object in text.split("<rim:ExtrinsicObject ").skip(1) {
            rows.entries.insert(unique_id(object), id(object));
        }
        for object in text.split("<rim:RegistryPackage ").skip(1) {
            rows.packages.insert(id(object), unique_id(object));
        }
        for object in text.split("<rim:Association ").skip(1) {
            let attribute = |name: &str| {
                let rest = object.split(&format!("{name}=\"")).nth(1).unwrap_or_default();
                rest.split('"').next().unwrap_or_default().to_owned()
            };
            let kind = attribute("associationType");
            let ends = (attribute("sourceObject"), attribute("targetObject"));
            rows.associations.push((attribute("id"), kind, ends.0, ends.1));
        }
    }
    rows
}

fn id(object: &str) -> String {
    let rest = object.split("id=\"").nth(1).unwrap_or_default();
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// The uniqueId of an object's text: the value before its name.
fn unique_id(object: &str) -> String {
    let before = object.split(".uniqueId\"").next().unwrap_or_default();
    let value = before.rsplit("value=\"").nth(1).unwrap_or_default();
    value.split('"').next().unwrap_or_default().to_owned()
}

pub fn get_all(number: &str) -> String {
    use schemas::hl7::PatientId;
    use schemas::metadata::AvailabilityStatus::{Approved, Deprecated};
    use schemas::query::{EntryFilter, GetAll, QueryKind, StoredQuery};
    let patient_id = format!("{number}^^^&2.16.840.1.113883.2.1.4.1&ISO");
    let both = || vec![Approved, Deprecated];
    let all = GetAll {
        patient_id: PatientId::parse(&patient_id).expect("a patient id"),
        entry_status: both(),
        submission_set_status: both(),
        folder_status: both(),
        entries: EntryFilter::default(),
    };
    StoredQuery::leaf_class(QueryKind::GetAll(Box::new(all))).write()
}

fn relationships() -> String {
    let row = |patient: usize, ods: &str, kind: &str| {
        let number = PATIENTS[patient];
        format!(
            "[[relationship]]\npatient = \"{number}\"\nods = \"{ods}\"\nkind = \"{kind}\"\nstarts = \"2026-01-01\"\nsource = \"test\"\n\n"
        )
    };
    row(0, "ZZP01", "registration")
        + &row(1, "ZZP01", "registration")
        + &row(4, "ZZP01", "registration")
        + &row(5, "ZZP01", "registration")
        + &row(2, "RW5", "referral")
        + &row(3, "RXL", "encounter")
        + &format!(
            "[[preference]]\npatient = \"{}\"\npublisher = \"RXL\"\nconsumer = \"ZZP01\"\nrecorded_on = \"2026-07-01\"\nrecorded_by = \"ZZP01\"\n",
            PATIENTS[1]
        )
}

/// An association of the submission's document with one that is registered.
fn appends(target: &str) -> String {
    format!(
        "<rim:Association id=\"appends\" associationType=\"urn:ihe:iti:2007:AssociationType:APND\" sourceObject=\"Document01\" targetObject=\"{target}\"/>"
    )
}

/// The hub and what there is in it.
pub fn build() -> (TestHub, World) {
    let hub = TestHub::start();
    hub.apply(&relationships());
    let mut world = World::default();
    let mut number = 0;
    for (patient, nhs_number) in PATIENTS.iter().enumerate() {
        let mut first: Option<String> = None;
        for publisher in PUBLISHERS {
            for is_letter in [true, false] {
                number += 1;
                let mut provide =
                    if is_letter { Provide::letter(number) } else { discharge(number) };
                provide = provide.patient(nhs_number);
                provide = match (is_letter, &first) {
                    (true, _) if publisher == "RXN" => {
                        Provide { associations: folder(patient, nhs_number), ..provide }
                    }
                    (true, Some(target)) => Provide { associations: appends(target), ..provide },
                    _ => provide,
                };
                publish_as(&hub, publisher, &provide);
                let entry_uuid = rows(&hub).entries[&provide.unique_id].clone();
                first.get_or_insert_with(|| entry_uuid.clone());
                world.documents.push(Known {
                    patient,
                    publisher,
                    is_letter,
                    hash: provide.sha1(),
                    bytes: String::from_utf8_lossy(&provide.document).into_owned(),
                    unique_id: provide.unique_id,
                    entry_uuid,
                });
            }
        }
    }
    learn(&mut world, &rows(&hub));
    merge(&hub);
    (hub, world)
}

/// Takes the marks of documents, and of packages for whoever may see one of what they hold.
fn learn(world: &mut World, rows: &Rows) {
    let place = |world: &World, id: &str| {
        world.documents.iter().position(|document| document.entry_uuid == id)
    };
    for n in 0..world.documents.len() {
        let Known { unique_id, entry_uuid, hash, bytes, .. } = world.documents[n].clone();
        for mark in [unique_id, entry_uuid, hash, bytes] {
            world.marks.insert(mark, vec![n]);
        }
    }
    for (id, unique_id) in &rows.packages {
        let held = rows
            .associations
            .iter()
            .filter(|(_, kind, source, _)| kind.ends_with(":HasMember") && source == id);
        let held: Vec<usize> = held.filter_map(|(_, _, _, target)| place(world, target)).collect();
        for mark in [id, unique_id] {
            world.marks.insert(mark.clone(), held.clone());
            world.packages.push(mark.clone());
        }
    }
    for (id, kind, source, target) in &rows.associations {
        world.associations.push(id.clone());
        // Seen where both ends are: the narrower of two documents is looked at by their own marks.
        if kind.ends_with(":APND")
            && let (Some(source), Some(target)) = (place(world, source), place(world, target))
        {
            world.marks.insert(id.clone(), vec![source.max(target)]);
        }
    }
}

fn merge(hub: &TestHub) {
    let (merged, into) = MERGED;
    let mut command = Command::new(executable());
    let data = hub.data().to_str().expect("a path");
    let arguments = ["patient", "merge", PATIENTS[merged], "--into", PATIENTS[into]];
    let output = hub.beside(command.args(arguments).args(["--data", data])).output();
    let output = output.expect("the command runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A Folder of a patient's, with the document in it.
fn folder(patient: usize, nhs_number: &str) -> String {
    use schemas::metadata::ids::folder as ids;
    let folder = format!("urn:uuid:6c1c7d4e-2f0b-4d2a-9d55-3b8f6a1e00{patient:02}");
    let member = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember";
    let identifier = |id: &str, scheme: &str, value: &str| {
        format!(
            "<rim:ExternalIdentifier id=\"{id}\" registryObject=\"{folder}\" identificationScheme=\"{scheme}\" value=\"{value}\"><rim:Name><rim:LocalizedString value=\"{id}\"/></rim:Name></rim:ExternalIdentifier>"
        )
    };
    let association = |id: &str, source: &str, target: &str| {
        format!(
            "<rim:Association id=\"{id}\" associationType=\"{member}\" sourceObject=\"{source}\" targetObject=\"{target}\"/>"
        )
    };
    let patient_id = format!("{nhs_number}^^^&amp;2.16.840.1.113883.2.1.4.1&amp;ISO");
    format!(
        "<rim:RegistryPackage id=\"{folder}\"><rim:Name><rim:LocalizedString value=\"A folder\"/></rim:Name>\
<rim:Classification id=\"code\" classificationScheme=\"{}\" classifiedObject=\"{folder}\" nodeRepresentation=\"823651000000106\"><rim:Slot name=\"codingScheme\"><rim:ValueList><rim:Value>{SNOMED}</rim:Value></rim:ValueList></rim:Slot><rim:Name><rim:LocalizedString value=\"Clinical note\"/></rim:Name></rim:Classification>\
<rim:Classification id=\"folder-marker\" classifiedObject=\"{folder}\" classificationNode=\"{}\"/>{}{}</rim:RegistryPackage>{}{}{}",
        ids::CODE_LIST,
        ids::MARKER,
        identifier("folder-patient", ids::PATIENT_ID, &patient_id),
        identifier("folder-unique", ids::UNIQUE_ID, &format!("1.2.826.0.1.99999.60.{patient}")),
        association("has-folder", "SubmissionSet01", &folder),
        association("in", &folder, "Document01"),
        association("has-in", "SubmissionSet01", "in"),
    )
}

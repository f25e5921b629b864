use super::*;
use crate::metadata::ids::slot;
use crate::metadata::{AssociationType, ObjectId};
use crate::oid::Oid;
use crate::submission::Submission;
use crate::wire::Slot;
use crate::xml::Document;

/// A document in a Folder, as it is submitted.
const SUBMITTED: &str = include_str!("../../../fuzz/seeds/submission/folder.xml");

fn uuid(n: u128) -> EntryUuid {
    EntryUuid::from_uuid(uuid::Uuid::from_u128(n))
}

fn registered(logical_id: u128, version: u32) -> Registered {
    Registered {
        availability_status: AvailabilityStatus::Deprecated,
        logical_id: Some(uuid(logical_id)),
        version,
    }
}

/// What a registry finds of it: one object of each kind.
fn found() -> QueryAnswer {
    let document = Document::parse(SUBMITTED, &Default::default()).unwrap();
    let limits = MetadataLimits::default();
    let mut submitted = Submission::read(document.root(), &limits).unwrap();
    let home = || Some("urn:oid:1.2.3".to_owned());
    let mut entry = submitted.document_entries.remove(0);
    entry.id = ObjectId::Uuid(uuid(1));
    entry.home_community_id = home();
    entry.repository_unique_id = Some(Oid::parse("1.2.3.4").unwrap());
    entry.extra.push(Slot::one(slot::REGISTERED_AT, "20260715120000"));
    let status = AvailabilityStatus::Approved;
    let entry = FoundEntry::from_answer(entry, status, Some(uuid(9)), 3).unwrap();
    let mut set = submitted.submission_set;
    set.id = ObjectId::Uuid(uuid(2));
    set.comments.push(crate::wire::LocalizedString::plain("a comment"));
    let mut folder = submitted.folders.remove(0);
    folder.id = ObjectId::Uuid(uuid(3));
    folder.home_community_id = home();
    let updated = Dtm::parse("20260715120000").ok();
    let member = submitted.associations.iter_mut();
    let associations = member.zip(10..).map(|(association, n)| {
        association.id = ObjectId::Uuid(uuid(n));
        association.source = ObjectId::Uuid(uuid(2));
        association.target = ObjectId::Uuid(uuid(1));
        FoundAssociation::from_answer(association, status, home()).unwrap()
    });
    QueryAnswer {
        entries: vec![entry],
        submission_sets: vec![FoundPackage::from_submission_set(&set, registered(2, 1)).unwrap()],
        folders: vec![FoundPackage::from_folder(&folder, registered(8, 2), updated).unwrap()],
        associations: associations.collect(),
        errors: vec![XdsError::warning(XdsErrorCode::Registry, "look out").at("here")],
    }
}

fn read(text: &str) -> Answer {
    let document = Document::parse(text, &Default::default()).unwrap();
    Answer::read(document.root(), &MetadataLimits::default()).unwrap()
}

#[test]
fn objects_of_every_kind_survive_being_written_and_read() {
    let found = found();
    assert!(found.associations.len() > 2);
    let read = read(&found.write(ReturnType::LeafClass)).into_query_answer();
    assert_eq!(read, found);
    assert_eq!(read.associations[0].facts.association_type, AssociationType::HasMember);
    assert_eq!(read.folders[0].facts.version, 2);
}

#[test]
fn object_refs_name_every_object_and_its_community() {
    let found = found();
    let text = found.write(ReturnType::ObjectRef);
    assert_eq!(read(&text).object_refs.len(), found.len());
    assert!(!text.contains("ExtrinsicObject") && !text.contains("RegistryPackage"));
    let homes = text.matches("home=\"urn:oid:1.2.3\"").count();
    assert_eq!(homes, found.len() - 1, "all but the SubmissionSet have one");
}

#[test]
fn the_order_of_a_written_package_is_that_of_the_schema() {
    let mut folder = String::new();
    found().folders[0].write(&mut folder);
    let at = |needle: &str| folder.find(needle).unwrap_or_else(|| panic!("{needle}: {folder}"));
    assert!(at("lastUpdateTime") < at("<rim:Name>"));
    assert!(at("<rim:VersionInfo versionName=\"2\"/>") < at("XDSFolder.uniqueId"));
}

#[test]
fn leaf_class_over_several_patients_is_refused_and_object_ref_is_not() {
    let mut found = found();
    found.check_single_patient(ReturnType::LeafClass).unwrap();
    let other = PatientId::parse("9990000026^^^&2.16.840.1.113883.2.1.4.1&ISO").unwrap();
    found.folders[0].facts.patient_id = other;
    let error = found.check_single_patient(ReturnType::LeafClass).unwrap_err();
    assert_eq!(error.code, XdsErrorCode::ResultNotSinglePatient);
    assert!(!error.context.contains("999"), "{error}");
    found.check_single_patient(ReturnType::ObjectRef).unwrap();
}

#[test]
fn an_object_that_cannot_be_kept_is_an_error_and_not_left_out_in_silence() {
    let text = found().write(ReturnType::LeafClass);
    let marker = crate::metadata::ids::folder::MARKER;
    let lacking = read(&text.replace(marker, "urn:uuid:00000000-0000-4000-8000-000000000000"));
    assert!(lacking.folders.is_empty());
    assert!(lacking.errors.iter().any(|error| error.is_error()), "{:?}", lacking.errors);
    let unnamed = read(&text.replace(slot::REGISTERED_AT, "urn:other:time")).into_query_answer();
    assert!(unnamed.entries.is_empty());
    assert!(unnamed.errors.iter().any(|error| error.is_error()));
}

#[test]
fn a_package_without_its_words_is_whole_all_the_same() {
    let mut found = found();
    let content = &mut found.submission_sets[0].content;
    let extra = "<rim:Slot name=\"urn:example:words\"><rim:ValueList><rim:Value>words</rim:Value></rim:ValueList></rim:Slot><rim:Name>";
    *content = content.replacen("<rim:Name>", extra, 1);
    assert!(content.contains("a comment") && content.contains("urn:example:words"));
    let title = "<rim:Name><rim:LocalizedString value=\"A title of its own\"/></rim:Name>";
    let end = found.folders[0].content.find("</rim:Name>").unwrap() + "</rim:Name>".len();
    found.folders[0].content.replace_range(..end, title);
    for package in found.submission_sets.iter_mut().chain(&mut found.folders) {
        package.withhold_words();
        package.withhold_words();
    }
    let text = found.write(ReturnType::LeafClass);
    for words in ["a comment", "urn:example:words", "A title of its own"] {
        assert!(!text.contains(words), "{words}");
    }
    let read = read(&text).into_query_answer();
    assert_eq!((read.submission_sets.len(), read.folders.len()), (1, 1), "{:?}", read.errors);
    assert_eq!(read, found);
}

//! Stored queries through the gateway: what there is around documents, and who sees how much of it.

mod newer;
mod parameters;

use hub::serve::Role;
use schemas::entry_uuid::EntryUuid;
use schemas::hl7::PatientId;
use schemas::metadata::{AssociationType, AvailabilityStatus, ObjectType};
use schemas::query::{
    Answer, EntryFilter, FindFolders, FindSubmissionSets, GetAll, GetContents, GetRelatedDocuments,
    QueryAnswer, QueryKind, ReturnType, Selector, StoredQuery,
};
use schemas::soap::Envelope;
use schemas::unique_id::UniqueId;
use schemas::wire::MetadataLimits;
use schemas::xml::{Document, Limits};
use tests::TestHub;
use tests::message::{self, Provide, scheme};

const SNOMED: &str = "2.16.840.1.113883.6.96";
const FOLDER: &str = "urn:uuid:6c1c7d4e-2f0b-4d2a-9d55-3b8f6a1ef01d";
const WORDS: &str = "About the letter and the discharge";
const HAS_MEMBER: &str = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember";
const LETTER: &str = "1.2.826.0.1.99999.20.1";
const DISCHARGE: &str = "1.2.826.0.1.99999.20.2";

fn patient() -> PatientId {
    PatientId::parse("9000000009^^^&2.16.840.1.113883.2.1.4.1&ISO").unwrap()
}

/// A discharge summary, which the crew may see; letters it may not.
fn discharge(number: u32) -> Provide {
    Provide::letter(number).code(scheme::TYPE_CODE, "373942005", SNOMED).code(
        scheme::CLASS_CODE,
        "422735006",
        SNOMED,
    )
}

fn association(id: &str, kind: &str, source: &str, target: &str) -> String {
    format!(
        "<rim:Association id=\"{id}\" associationType=\"{kind}\" sourceObject=\"{source}\" targetObject=\"{target}\"/>"
    )
}

/// Document01 in the Folder; the SubmissionSet has the membership.
fn into_folder() -> String {
    association("in", HAS_MEMBER, FOLDER, "Document01")
        + &association("has-in", HAS_MEMBER, "SubmissionSet01", "in")
}

fn folder() -> String {
    use schemas::metadata::ids::folder as ids;
    let identifier = |id: &str, scheme: &str, value: &str| {
        format!(
            "<rim:ExternalIdentifier id=\"{id}\" registryObject=\"{FOLDER}\" identificationScheme=\"{scheme}\" value=\"{value}\"><rim:Name><rim:LocalizedString value=\"{id}\"/></rim:Name></rim:ExternalIdentifier>"
        )
    };
    format!(
        "<rim:RegistryPackage id=\"{FOLDER}\"><rim:Name><rim:LocalizedString value=\"{WORDS}\"/></rim:Name><rim:Description><rim:LocalizedString value=\"{WORDS}\"/></rim:Description>\
<rim:Classification id=\"code\" classificationScheme=\"{}\" classifiedObject=\"{FOLDER}\" nodeRepresentation=\"823651000000106\"><rim:Slot name=\"codingScheme\"><rim:ValueList><rim:Value>{SNOMED}</rim:Value></rim:ValueList></rim:Slot><rim:Name><rim:LocalizedString value=\"Clinical note\"/></rim:Name></rim:Classification>\
<rim:Classification id=\"folder-marker\" classifiedObject=\"{FOLDER}\" classificationNode=\"{}\"/>{}{}</rim:RegistryPackage>{}{}",
        ids::CODE_LIST,
        ids::MARKER,
        identifier(
            "folder-patient",
            ids::PATIENT_ID,
            "9000000009^^^&amp;2.16.840.1.113883.2.1.4.1&amp;ISO"
        ),
        identifier("folder-unique", ids::UNIQUE_ID, "1.2.826.0.1.99999.40.7"),
        association("has-folder", HAS_MEMBER, "SubmissionSet01", FOLDER),
        into_folder()
    )
}

fn publish(hub: &TestHub, provide: &Provide) {
    let answer = hub.request("RXN", hub.url(Role::Repository)).soap(&provide.inline());
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
}

/// A letter in a Folder, and a discharge that was put into the Folder later.
pub(crate) fn published() -> TestHub {
    let hub = TestHub::start();
    publish(&hub, &Provide { associations: folder(), ..Provide::letter(1) });
    publish(&hub, &Provide { associations: into_folder(), ..discharge(2) });
    hub
}

fn body(text: &str) -> QueryAnswer {
    let document = Document::parse(text, &Limits::default()).unwrap();
    let envelope = Envelope::read(&document).unwrap();
    let answer = Answer::read(envelope.body, &MetadataLimits::default()).unwrap();
    answer.into_query_answer()
}

pub(crate) fn soap(hub: &TestHub, ods: &str, query: &StoredQuery) -> tests::Answer {
    let envelope = message::envelope("urn:ihe:iti:2007:RegistryStoredQuery", &query.write());
    hub.request(ods, hub.url(Role::Gateway)).soap(&envelope)
}

/// Success, as meaning.
fn ask(hub: &TestHub, ods: &str, kind: QueryKind) -> QueryAnswer {
    let answer = soap(hub, ods, &StoredQuery::leaf_class(kind));
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    body(&answer.envelope())
}

pub(crate) fn all() -> QueryKind {
    let approved = || vec![AvailabilityStatus::Approved];
    QueryKind::GetAll(Box::new(GetAll {
        patient_id: patient(),
        entry_status: vec![AvailabilityStatus::Approved, AvailabilityStatus::Deprecated],
        submission_set_status: approved(),
        folder_status: approved(),
        entries: EntryFilter::default(),
    }))
}

fn unique_id(text: &str) -> Selector {
    Selector::UniqueId(vec![UniqueId::parse(text).unwrap()])
}

fn folder_id() -> EntryUuid {
    EntryUuid::parse(FOLDER).unwrap()
}

/// Entries, SubmissionSets, Folders, Associations.
fn counts(answer: &QueryAnswer) -> [usize; 4] {
    let (sets, folders) = (answer.submission_sets.len(), answer.folders.len());
    [answer.entries.len(), sets, folders, answer.associations.len()]
}

/// What each kind of query finds, as seen by the patient's practice, the crew, another practice.
fn every_query(hub: &TestHub) -> Vec<(QueryKind, [[usize; 4]; 3])> {
    let everything = ask(hub, "ZZP01", all());
    let of = |unique_id: &str| {
        let mut entries = everything.entries.iter();
        let entry = entries.find(|entry| entry.facts.unique_id.as_str() == unique_id).unwrap();
        entry.facts.entry_uuid
    };
    let (letter, discharge) = (of(LETTER), of(DISCHARGE));
    let set = |n: u32| unique_id(&format!("1.2.826.0.1.99999.30.{n}"));
    let contents = |package| GetContents { package, entries: EntryFilter::default() };
    let nothing = [0; 4];
    let kinds = [
        (all(), [2, 2, 1, 7], [1, 1, 1, 3]),
        (
            QueryKind::FindSubmissionSets(Box::new(FindSubmissionSets::approved(patient()))),
            [0, 2, 0, 0],
            [0, 1, 0, 0],
        ),
        (
            QueryKind::FindFolders(Box::new(FindFolders::approved(patient()))),
            [0, 0, 1, 0],
            [0, 0, 1, 0],
        ),
        (QueryKind::GetDocuments(unique_id(LETTER)), [1, 0, 0, 0], nothing),
        (QueryKind::GetFolders(Selector::EntryUuid(vec![folder_id()])), [0, 0, 1, 0], [0, 0, 1, 0]),
        (QueryKind::GetAssociations(vec![letter]), [0, 0, 0, 2], nothing),
        (QueryKind::GetAssociations(vec![folder_id()]), [0, 0, 0, 3], [0, 0, 0, 1]),
        (
            QueryKind::GetDocumentsAndAssociations(Selector::EntryUuid(vec![letter, discharge])),
            [2, 0, 0, 4],
            [1, 0, 0, 2],
        ),
        (QueryKind::GetSubmissionSets(vec![letter]), [0, 1, 0, 1], nothing),
        (QueryKind::GetSubmissionSets(vec![discharge]), [0, 1, 0, 1], [0, 1, 0, 1]),
        (QueryKind::GetSubmissionSetAndContents(contents(set(1))), [1, 1, 1, 4], nothing),
        (QueryKind::GetSubmissionSetAndContents(contents(set(2))), [1, 1, 0, 1], [1, 1, 0, 1]),
        (
            QueryKind::GetFolderAndContents(contents(unique_id("1.2.826.0.1.99999.40.7"))),
            [2, 0, 1, 2],
            [1, 0, 1, 1],
        ),
        (QueryKind::GetFoldersForDocument(unique_id(LETTER)), [0, 0, 1, 0], nothing),
        (QueryKind::GetFoldersForDocument(unique_id(DISCHARGE)), [0, 0, 1, 0], [0, 0, 1, 0]),
    ];
    kinds.into_iter().map(|(kind, all, crew)| (kind, [all, crew, nothing])).collect()
}

#[test]
fn every_stored_query_shows_as_much_around_a_document_as_its_reader_may_see() {
    let hub = published();
    for (kind, expected) in every_query(&hub) {
        for (ods, expected) in ["ZZP01", "RX7", "ZZP02"].into_iter().zip(expected) {
            let found = ask(&hub, ods, kind.clone());
            assert_eq!(counts(&found), expected, "{} by {ods}: {found:#?}", kind.name());
            let query = StoredQuery {
                return_type: ReturnType::ObjectRef,
                ..StoredQuery::leaf_class(kind.clone())
            };
            let references = soap(&hub, ods, &query).envelope().matches("<rim:ObjectRef ").count();
            assert_eq!(references, expected.iter().sum::<usize>(), "{} by {ods}", kind.name());
        }
    }
}

#[test]
fn a_folder_that_also_holds_what_may_not_be_seen_is_shown_without_its_words() {
    let hub = published();
    let find = || QueryKind::FindFolders(Box::new(FindFolders::approved(patient())));
    let content = |ods: &str| ask(&hub, ods, find()).folders.remove(0).content;
    assert!(content("ZZP01").contains(WORDS));
    let seen = content("RX7");
    assert!(!seen.contains(WORDS) && seen.contains("Clinical note"), "{seen}");
}

#[test]
fn the_record_names_the_patient_and_what_was_decided_of_members() {
    let hub = published();
    ask(&hub, "RX7", QueryKind::GetFolders(Selector::EntryUuid(vec![folder_id()])));
    let record = hub.last_audit(Role::Gateway).event;
    assert_eq!(record.query.as_deref(), Some("GetFolders"));
    assert_eq!(record.patient_id, Some(patient().text()));
    let decision = |unique_id: &str| {
        let mut decisions = record.decisions.iter();
        decisions.find(|d| d.unique_id == unique_id).map(|d| d.decision.as_str())
    };
    assert_eq!(decision(LETTER), Some("type-not-covered"));
    assert_eq!(decision(DISCHARGE), Some("permit"));
    assert!(record.document_unique_ids.is_empty(), "no entry was in the answer");
}

#[test]
fn related_documents_are_found_where_both_may_be_seen() {
    let hub = published();
    let discharge = ask(&hub, "ZZP01", QueryKind::GetDocuments(unique_id(DISCHARGE)));
    let target = discharge.entries[0].facts.entry_uuid.to_string();
    let appends = AssociationType::Appends.urn();
    let addendum = association("appends", appends, "Document01", &target);
    publish(&hub, &Provide { associations: addendum, ..Provide::letter(3) });
    let related = QueryKind::GetRelatedDocuments(GetRelatedDocuments {
        document: unique_id(DISCHARGE),
        association_types: vec![AssociationType::Appends],
        object_type: vec![ObjectType::Stable],
    });
    assert_eq!(counts(&ask(&hub, "ZZP01", related.clone())), [2, 0, 0, 1]);
    assert_eq!(counts(&ask(&hub, "RX7", related)), [0; 4], "not even the document itself");
}

#[test]
fn whole_objects_of_several_patients_are_refused_where_they_may_be_seen() {
    let hub = published();
    hub.apply("[[relationship]]\npatient = \"9990000026\"\nods = \"ZZP01\"\nkind = \"registration\"\nstarts = \"2026-07-01\"\nsource = \"practice list\"\n");
    publish(&hub, &Provide::letter(5).patient("9990000026"));
    let both = [LETTER, "1.2.826.0.1.99999.20.5"].map(|id| UniqueId::parse(id).unwrap());
    let kind = QueryKind::GetDocuments(Selector::UniqueId(both.to_vec()));
    let refused = soap(&hub, "ZZP01", &StoredQuery::leaf_class(kind.clone()));
    assert_eq!(refused.xds_status(), "Failure");
    assert_eq!(refused.error_codes(), ["XDSResultNotSinglePatient"]);
    let references =
        StoredQuery { return_type: ReturnType::ObjectRef, ..StoredQuery::leaf_class(kind.clone()) };
    let found = soap(&hub, "ZZP01", &references);
    assert_eq!(found.xds_status(), "Success");
    assert_eq!(found.envelope().matches("<rim:ObjectRef ").count(), 2);
    let hidden = soap(&hub, "ZZP02", &StoredQuery::leaf_class(kind));
    assert_eq!(hidden.xds_status(), "Success", "nothing of several patients is nothing");
}

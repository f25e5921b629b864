use super::*;
use crate::dtm::Dtm;
use crate::metadata::{AssociationType, DocumentAvailability, ObjectType};
use crate::oid::Oid;
use proptest::prelude::*;

const PATIENT: &str = "9990000018^^^&2.16.840.1.113883.2.1.4.1&ISO";
const APPROVED: &str = "('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')";
const UUID: &str = "urn:uuid:6c1c7d4e-2f0b-4d2a-9d55-3b8f6a1e9c01";

fn patient() -> PatientId {
    PatientId::parse(PATIENT).unwrap()
}

fn read(text: &str) -> Result<StoredQuery, XdsError> {
    let document = crate::xml::Document::parse(text, &Default::default()).unwrap();
    StoredQuery::read(document.root(), &MetadataLimits::default())
}

fn written(query: &StoredQuery) -> StoredQuery {
    read(&query.write()).unwrap()
}

/// A query by its id; each (name, Values) is a Slot.
fn ask(id: &str, slots: &[(&str, &[&str])]) -> Result<StoredQuery, XdsError> {
    let mut text = format!(
        "<q:AdhocQueryRequest xmlns:q=\"{QUERY}\" xmlns:rim=\"{RIM}\"><q:ResponseOption returnType=\"LeafClass\"/><rim:AdhocQuery id=\"{id}\" home=\"urn:oid:1.2.3\">"
    );
    for (name, values) in slots {
        let mut writer = crate::wire::ObjectWriter::new(&mut text, "", 0);
        writer.slot(name, &values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>());
    }
    text.push_str("</rim:AdhocQuery></q:AdhocQueryRequest>");
    read(&text)
}

fn kind(id: &str, slots: &[(&str, &[&str])]) -> QueryKind {
    ask(id, slots).unwrap().kind
}

fn refused(id: &str, slots: &[(&str, &[&str])]) -> (XdsErrorCode, String) {
    let error = ask(id, slots).unwrap_err();
    (error.code, error.context)
}

fn find(more: &[(&str, &[&str])]) -> Result<FindDocuments, XdsError> {
    let quoted = format!("'{PATIENT}'");
    let mut slots: Vec<(&str, &[&str])> = Vec::new();
    let patient = [quoted.as_str()];
    slots.push(("$XDSDocumentEntryPatientId", &patient));
    slots.push(("$XDSDocumentEntryStatus", &[APPROVED]));
    slots.extend(more);
    match ask(ids::FIND_DOCUMENTS, &slots)?.kind {
        QueryKind::FindDocuments(query) => Ok(*query),
        other => panic!("{other:?}"),
    }
}

fn code(code: &str, scheme: &str) -> CodeFilter {
    CodeFilter { code: code.to_owned(), scheme: scheme.to_owned() }
}

fn uuid(n: u128) -> EntryUuid {
    EntryUuid::from_uuid(uuid::Uuid::from_u128(n))
}

fn range() -> TimeRange {
    TimeRange { from: Dtm::parse("2025").ok(), to: Dtm::parse("20260101").ok() }
}

fn codes() -> Vec<CodeFilter> {
    vec![code("a'b", "1.2"), code("c", "1.3")]
}

fn lists() -> Vec<Vec<CodeFilter>> {
    vec![codes(), vec![code("d", "1.4")]]
}

fn filter() -> EntryFilter {
    EntryFilter {
        object_type: vec![ObjectType::OnDemand],
        format_code: codes(),
        confidentiality_code: lists(),
    }
}

/// Queries about a patient, with every parameter.
fn find_queries() -> Vec<QueryKind> {
    use AvailabilityStatus::{Approved, Deprecated};
    let find = FindDocuments {
        status: vec![Approved, Deprecated],
        object_type: vec![ObjectType::Stable, ObjectType::OnDemand],
        class_code: codes(),
        type_code: codes(),
        practice_setting_code: codes(),
        healthcare_facility_type_code: codes(),
        format_code: codes(),
        event_code_list: lists(),
        confidentiality_code: lists(),
        author_person: vec!["%O'Brien%".to_owned()],
        document_availability: vec![DocumentAvailability::Offline],
        creation_time: range(),
        service_start_time: range(),
        service_stop_time: range(),
        ..FindDocuments::approved(patient())
    };
    let reference_id_list = vec![vec!["1^^^&1.2&ISO^urn:x".to_owned()], vec!["2%".to_owned()]];
    let by_reference = FindDocuments { reference_id_list, ..find.clone() };
    let sets = FindSubmissionSets {
        source_id: Some(vec![Oid::parse("1.2.3").unwrap()]),
        submission_time: range(),
        author_person: Some("%Ford%".to_owned()),
        content_type: codes(),
        ..FindSubmissionSets::approved(patient())
    };
    let folders = FindFolders {
        last_update_time: range(),
        code_list: lists(),
        ..FindFolders::approved(patient())
    };
    let all = GetAll {
        patient_id: patient(),
        entry_status: vec![Approved],
        submission_set_status: vec![Approved],
        folder_status: vec![Deprecated],
        entries: filter(),
    };
    vec![
        QueryKind::FindDocuments(Box::new(find)),
        QueryKind::FindDocuments(Box::new(by_reference)),
        QueryKind::FindSubmissionSets(Box::new(sets)),
        QueryKind::FindFolders(Box::new(folders)),
        QueryKind::GetAll(Box::new(all)),
    ]
}

/// Queries by id, with every parameter.
fn get_queries() -> Vec<QueryKind> {
    let ids = || vec![uuid(1), uuid(2)];
    let unique = |text: &str| UniqueId::parse(text).unwrap();
    vec![
        QueryKind::GetDocuments(Selector::UniqueId(vec![unique("1.2"), unique("1.3^a'b")])),
        QueryKind::GetFolders(Selector::LogicalId(ids())),
        QueryKind::GetAssociations(ids()),
        QueryKind::GetDocumentsAndAssociations(Selector::EntryUuid(ids())),
        QueryKind::GetSubmissionSets(ids()),
        QueryKind::GetSubmissionSetAndContents(GetContents {
            package: Selector::UniqueId(vec![unique("1.2")]),
            entries: filter(),
        }),
        QueryKind::GetFolderAndContents(GetContents {
            package: Selector::LogicalId(vec![uuid(1)]),
            entries: filter(),
        }),
        QueryKind::GetFoldersForDocument(Selector::EntryUuid(vec![uuid(1)])),
        QueryKind::GetRelatedDocuments(GetRelatedDocuments {
            document: Selector::LogicalId(vec![uuid(1)]),
            association_types: vec![AssociationType::Replaces, AssociationType::Appends],
            object_type: vec![ObjectType::Stable],
        }),
    ]
}

#[test]
fn every_query_survives_being_written_and_read() {
    let kinds: Vec<_> = find_queries().into_iter().chain(get_queries()).collect();
    let names: std::collections::BTreeSet<_> = kinds.iter().map(QueryKind::name).collect();
    assert_eq!(names.len(), KNOWN.len(), "one example of each kind");
    for kind in kinds {
        for metadata_level in [MetadataLevel::One, MetadataLevel::Two] {
            let association_status =
                vec![AvailabilityStatus::Approved, AvailabilityStatus::Deprecated];
            let query = StoredQuery::leaf_class(kind.clone());
            let query = StoredQuery { metadata_level, association_status, ..query };
            assert_eq!(written(&query), query, "{}", query.kind.name());
        }
        let query = StoredQuery::leaf_class(kind);
        assert_eq!(written(&query), query);
    }
}

#[test]
fn asking_for_nothing_that_exists_stays_so_on_the_wire() {
    let query = FindDocuments { object_type: Vec::new(), ..FindDocuments::approved(patient()) };
    let sets = FindSubmissionSets {
        source_id: Some(Vec::new()),
        ..FindSubmissionSets::approved(patient())
    };
    for kind in [
        QueryKind::GetDocuments(Selector::EntryUuid(Vec::new())),
        QueryKind::GetFolders(Selector::LogicalId(Vec::new())),
        QueryKind::GetAssociations(Vec::new()),
        QueryKind::FindDocuments(Box::new(query)),
        QueryKind::FindSubmissionSets(Box::new(sets)),
    ] {
        let query = StoredQuery::leaf_class(kind);
        assert_eq!(written(&query), query);
    }
}

#[test]
fn slots_of_one_name_mean_and_values_of_one_slot_mean_or() {
    let name = "$XDSDocumentEntryEventCodeList";
    let slots: [(&str, &[&str]); 2] =
        [(name, &["('a^^1')", "('b^^1','c^^1')"]), (name, &["('d^^1')"])];
    let lists = vec![vec![code("a", "1"), code("b", "1"), code("c", "1")], vec![code("d", "1")]];
    assert_eq!(find(&slots).unwrap().event_code_list, lists);
    let name = "$XDSFolderCodeList";
    let patient = format!("'{PATIENT}'");
    let folders = kind(
        ids::FIND_FOLDERS,
        &[
            ("$XDSFolderPatientId", &[&patient]),
            ("$XDSFolderStatus", &[APPROVED]),
            (name, &["('a^^1','b^^1','c^^1')"]),
            (name, &["('d^^1')"]),
        ],
    );
    let QueryKind::FindFolders(folders) = folders else { panic!("{folders:?}") };
    assert_eq!(folders.code_list, lists);
}

#[test]
fn only_and_or_parameters_may_recur() {
    for name in ["$XDSDocumentEntryTypeCode", "$XDSDocumentEntryFormatCode"] {
        let error = find(&[(name, &["('a^^1')"]), (name, &["('b^^1')"])]).unwrap_err();
        assert_eq!(error.code, XdsErrorCode::StoredQueryParamNumber);
        assert!(error.context.contains("two Slots"), "{error}");
    }
}

#[test]
fn unknown_parameters_are_ignored_and_so_are_the_retired_ones() {
    let plain = find(&[]).unwrap();
    let name = "$XDSDocumentEntryClassCodeScheme";
    assert_eq!(find(&[(name, &["not even quoted"]), ("$Other", &["'x"])]).unwrap(), plain);
    let references = "$XDSDocumentEntryReferenceIdList";
    assert_eq!(find(&[(references, &["('x')"])]).unwrap(), plain, "of another query");
}

#[test]
fn unknown_statuses_are_passed_over_and_with_none_left_the_parameter_is_missing() {
    let patient = format!("'{PATIENT}'");
    let with = |status: &str| {
        ask(
            ids::FIND_DOCUMENTS,
            &[("$XDSDocumentEntryPatientId", &[&patient]), ("$XDSDocumentEntryStatus", &[status])],
        )
    };
    assert!(with("('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved','x')").is_ok());
    for status in ["('x')", "()"] {
        assert_eq!(with(status).unwrap_err().code, XdsErrorCode::StoredQueryMissingParam);
    }
}

#[test]
fn entries_are_stable_ones_unless_the_query_says_otherwise() {
    let name = "$XDSDocumentEntryType";
    let on_demand = format!("('{}')", ObjectType::OnDemand.urn());
    assert_eq!(find(&[]).unwrap().object_type, [ObjectType::Stable]);
    assert_eq!(find(&[(name, &[&on_demand])]).unwrap().object_type, [ObjectType::OnDemand]);
    assert!(find(&[(name, &["('x')"])]).unwrap().object_type.is_empty());
}

#[test]
fn find_documents_by_reference_id_needs_reference_ids() {
    let patient = format!("'{PATIENT}'");
    let name = "$XDSDocumentEntryReferenceIdList";
    let mut slots: Vec<(&str, &[&str])> = Vec::new();
    let patient = [patient.as_str()];
    slots.push(("$XDSDocumentEntryPatientId", &patient));
    slots.push(("$XDSDocumentEntryStatus", &[APPROVED]));
    let (code, context) = refused(ids::FIND_DOCUMENTS_BY_REFERENCE_ID, &slots);
    assert_eq!(code, XdsErrorCode::StoredQueryMissingParam);
    assert!(context.contains(name), "{context}");
    slots.push((name, &["('1^^^&1.2&ISO','2^^^&1.2&ISO')"]));
    slots.push((name, &["('3^^^&1.2&ISO')"]));
    let found = kind(ids::FIND_DOCUMENTS_BY_REFERENCE_ID, &slots);
    assert_eq!(found.name(), "FindDocumentsByReferenceId");
    let QueryKind::FindDocuments(found) = found else { panic!("{found:?}") };
    let counts: Vec<_> = found.reference_id_list.iter().map(Vec::len).collect();
    assert_eq!(counts, [2, 1]);
}

#[test]
fn objects_are_named_by_exactly_one_of_their_ids() {
    let quoted = format!("('{UUID}')");
    let (entry, unique) = ("$XDSDocumentEntryEntryUUID", "$XDSDocumentEntryUniqueId");
    let logical = "$XDSDocumentEntryLogicalID";
    let uuids: (&str, &[&str]) = (entry, &[&quoted]);
    for id in
        [ids::GET_DOCUMENTS, ids::GET_DOCUMENTS_AND_ASSOCIATIONS, ids::GET_FOLDERS_FOR_DOCUMENT]
    {
        let (code, context) = refused(id, &[]);
        assert_eq!(code, XdsErrorCode::StoredQueryMissingParam);
        assert!(context.contains(entry) && context.contains(unique), "{context}");
        for other in [unique, logical] {
            let (code, context) = refused(id, &[uuids, (other, &[&quoted])]);
            assert_eq!(code, XdsErrorCode::StoredQueryParamNumber);
            assert!(context.contains("exclude each other"), "{context}");
        }
        assert!(ask(id, &[uuids]).is_ok());
    }
    let one = vec![EntryUuid::parse(UUID).unwrap()];
    assert_eq!(
        kind(ids::GET_DOCUMENTS, &[(logical, &[&quoted])]),
        QueryKind::GetDocuments(Selector::LogicalId(one.clone()))
    );
    assert_eq!(
        kind(ids::GET_FOLDERS, &[("$XDSFolderEntryUUID", &[&quoted])]),
        QueryKind::GetFolders(Selector::EntryUuid(one))
    );
    let folder = "$XDSFolderUniqueId";
    let (code, _) = refused(ids::GET_FOLDERS, &[(unique, &["('1.2')"])]);
    assert_eq!(code, XdsErrorCode::StoredQueryMissingParam, "a document's id is no folder's");
    assert!(ask(ids::GET_FOLDERS, &[(folder, &["('1.2','1.3')"])]).is_ok());
}

#[test]
fn a_query_about_one_object_takes_one_id() {
    let two = "('urn:uuid:6c1c7d4e-2f0b-4d2a-9d55-3b8f6a1e9c01','urn:uuid:6c1c7d4e-2f0b-4d2a-9d55-3b8f6a1e9c02')";
    for (id, name) in [
        (ids::GET_SUBMISSION_SET_AND_CONTENTS, "$XDSSubmissionSetEntryUUID"),
        (ids::GET_SUBMISSION_SET_AND_CONTENTS, "$XDSSubmissionSetUniqueId"),
        (ids::GET_FOLDER_AND_CONTENTS, "$XDSFolderEntryUUID"),
        (ids::GET_FOLDERS_FOR_DOCUMENT, "$XDSDocumentEntryUniqueId"),
        (ids::GET_RELATED_DOCUMENTS, "$XDSDocumentEntryEntryUUID"),
    ] {
        let (code, context) = refused(id, &[(name, &[two])]);
        assert_eq!(code, XdsErrorCode::StoredQueryParamNumber, "{name}");
        assert!(context.contains("takes one value"), "{context}");
    }
}

#[test]
fn queries_by_uuid_need_one_and_an_impossible_one_finds_nothing() {
    for id in [ids::GET_ASSOCIATIONS, ids::GET_SUBMISSION_SETS] {
        let (code, context) = refused(id, &[]);
        assert_eq!(code, XdsErrorCode::StoredQueryMissingParam);
        assert!(context.contains("$uuid"), "{context}");
    }
    let nothing = kind(ids::GET_ASSOCIATIONS, &[("$uuid", &["('Document01')"])]);
    assert_eq!(nothing, QueryKind::GetAssociations(Vec::new()));
}

#[test]
fn related_documents_need_association_types_that_exist() {
    let quoted = format!("'{UUID}'");
    let document: (&str, &[&str]) = ("$XDSDocumentEntryEntryUUID", &[&quoted]);
    let name = "$AssociationTypes";
    let (code, _) = refused(ids::GET_RELATED_DOCUMENTS, &[document]);
    assert_eq!(code, XdsErrorCode::StoredQueryMissingParam);
    let (code, context) = refused(ids::GET_RELATED_DOCUMENTS, &[document, (name, &["('RPLC')"])]);
    assert_eq!(code, XdsErrorCode::StoredQueryMissingParam);
    assert!(context.contains("urn:ihe:iti:2007:AssociationType:RPLC"), "{context}");
    let types = "('urn:ihe:iti:2007:AssociationType:APND','other')";
    let found = kind(ids::GET_RELATED_DOCUMENTS, &[document, (name, &[types])]);
    let QueryKind::GetRelatedDocuments(found) = found else { panic!("{found:?}") };
    assert_eq!(found.association_types, [AssociationType::Appends]);
}

#[test]
fn get_all_needs_the_patient_and_three_statuses() {
    let patient = format!("'{PATIENT}'");
    let patient = [patient.as_str()];
    let all: [(&str, &[&str]); 4] = [
        ("$patientId", &patient),
        ("$XDSDocumentEntryStatus", &[APPROVED]),
        ("$XDSSubmissionSetStatus", &[APPROVED]),
        ("$XDSFolderStatus", &[APPROVED]),
    ];
    let found = kind(ids::GET_ALL, &all);
    assert_eq!(found.patient_id().map(PatientId::text), Some(PATIENT.to_owned()));
    for left_out in 0..all.len() {
        let mut slots = all.to_vec();
        let (name, _) = slots.remove(left_out);
        let (code, context) = refused(ids::GET_ALL, &slots);
        assert_eq!(code, XdsErrorCode::StoredQueryMissingParam);
        assert!(context.contains(name), "{context}");
    }
}

#[test]
fn submission_sets_are_found_by_one_author_pattern() {
    let patient = format!("'{PATIENT}'");
    let patient = [patient.as_str()];
    let with = |author: &'static str| {
        let author = [author];
        let slots: [(&str, &[&str]); 3] = [
            ("$XDSSubmissionSetPatientId", &patient),
            ("$XDSSubmissionSetStatus", &[APPROVED]),
            ("$XDSSubmissionSetAuthorPerson", &author),
        ];
        ask(ids::FIND_SUBMISSION_SETS, &slots)
    };
    assert!(with("('%Ford%')").is_ok());
    let error = with("('%Ford%','%Smith%')").unwrap_err();
    assert_eq!(error.code, XdsErrorCode::StoredQueryParamNumber);
}

#[test]
fn times_may_be_quoted_and_codes_may_not_lack_their_scheme() {
    let name = "$XDSDocumentEntryCreationTimeFrom";
    for value in ["20250101", "'20250101'"] {
        let from = find(&[(name, &[value])]).unwrap().creation_time.from;
        assert_eq!(from.map(|from| from.to_string()).as_deref(), Some("20250101"));
    }
    for value in ["('a')", "('^^1.2')", "('a^^')", "('a^b')"] {
        let error = find(&[("$XDSDocumentEntryClassCode", &[value])]).unwrap_err();
        assert_eq!(error.code, XdsErrorCode::Registry, "{value}");
    }
}

#[test]
fn the_level_of_metadata_is_one_or_two_and_associations_are_approved_ones() {
    let with = |name: &str, value: &str| {
        ask(ids::GET_ASSOCIATIONS, &[("$uuid", &["('x')"]), (name, &[value])])
    };
    let level = |value: &str| with("$MetadataLevel", value).map(|query| query.metadata_level);
    assert_eq!(level("1"), Ok(MetadataLevel::One));
    assert_eq!(level("2"), Ok(MetadataLevel::Two));
    assert_eq!(level("3").unwrap_err().code, XdsErrorCode::Registry);
    let status = |value: &str| with("$XDSAssociationStatus", value).unwrap().association_status;
    assert_eq!(status("()"), [AvailabilityStatus::Approved]);
    let deprecated = format!("('{}')", AvailabilityStatus::Deprecated.urn());
    assert_eq!(status(&deprecated), [AvailabilityStatus::Deprecated]);
    let online = "$XDSDocumentEntryDocumentAvailability";
    assert_eq!(find(&[(online, &["('Online')"])]).unwrap_err().code, XdsErrorCode::Registry);
}

#[test]
fn a_query_of_ten_thousand_values_is_read_and_a_longer_one_is_refused() {
    let list = |n: usize| {
        let values: Vec<String> = (0..n).map(|n| format!("('1.2.{n}')")).collect();
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        ask(ids::GET_DOCUMENTS, &[("$XDSDocumentEntryUniqueId", &values)])
    };
    let QueryKind::GetDocuments(Selector::UniqueId(ids)) = list(10_000).unwrap().kind else {
        panic!("not by uniqueId")
    };
    assert_eq!(ids.len(), 10_000);
    let many = format!("({})", vec!["'1'"; 900].join(","));
    let values = vec![many.as_str(); 12];
    let (code, context) = refused(ids::GET_DOCUMENTS, &[("$XDSDocumentEntryUniqueId", &values)]);
    assert_eq!(code, XdsErrorCode::StoredQueryParamNumber);
    assert!(context.contains("limit of 10000 values"), "{context}");
}

proptest! {
    #[test]
    fn any_find_documents_survives_being_written_and_read(
        authors in prop::collection::vec("[A-Za-z'%_^&(), ]{1,30}", 0..4),
        lists in prop::collection::vec(
            prop::collection::vec(("[a-z0-9']{1,12}", "[0-9.]{1,12}"), 1..4), 0..4),
        references in prop::collection::vec(
            prop::collection::vec("[a-z0-9'^&%]{1,20}", 1..3), 0..3),
    ) {
        let lists: Vec<Vec<CodeFilter>> =
            lists.iter().map(|list| list.iter().map(|(c, s)| code(c, s)).collect()).collect();
        let query = FindDocuments {
            author_person: authors.into_iter().map(|a| a.trim().to_owned()).collect(),
            event_code_list: lists,
            reference_id_list: references,
            ..FindDocuments::approved(patient())
        };
        let query = StoredQuery::leaf_class(QueryKind::FindDocuments(Box::new(query)));
        prop_assert_eq!(written(&query), query);
    }
}

use super::*;
use crate::superseded::tests::{association, facts, uuid};
use AssociationType::{HasMember, Replaces};
use schemas::metadata::{
    AvailabilityStatus, FoundAssociation, FoundEntry, PackageFacts, PackageKind,
};
use schemas::query::{EntryFilter, GetContents, GetRelatedDocuments};
use schemas::unique_id::UniqueId;

/// Entries 1 (may be seen) and 2 (may not); SubmissionSets 10 and 20, Folders 30 and 40. 10 holds
/// both entries, 20 the second only; so do the Folders. 10 also put 1 into 30.
const MEMBERS: [(u128, u128, u128); 8] = [
    (101, 10, 1),
    (102, 10, 2),
    (103, 20, 2),
    (104, 30, 1),
    (105, 30, 2),
    (106, 40, 2),
    (107, 10, 30),
    (108, 10, 104),
];

fn around() -> Surroundings {
    let mut around = Surroundings::default();
    around.permitted.insert(uuid(1), facts(1));
    around.withheld.insert(uuid(2));
    around.associate(MEMBERS.map(|(n, source, target)| association(n, HasMember, source, target)));
    around
}

fn package(kind: PackageKind, n: u128) -> FoundPackage {
    let name = |text: &str| format!("<rim:Name><rim:LocalizedString value=\"{text}\"/></rim:Name>");
    FoundPackage {
        facts: PackageFacts {
            sensitive: false,
            kind,
            entry_uuid: uuid(n),
            logical_id: uuid(n),
            version: 1,
            availability_status: AvailabilityStatus::Approved,
            home_community_id: None,
            patient_id: facts(1).patient_id,
            unique_id: UniqueId::parse(&format!("1.2.{n}")).unwrap(),
            last_update_time: None,
        },
        content: format!(
            "{}{}{}",
            name("words about everything in it"),
            schemas::metadata::CONTENT_SEPARATOR,
            name("code")
        ),
    }
}

/// Every object of the scene.
fn everything() -> QueryAnswer {
    let more = [association(109, Replaces, 2, 1), association(110, HasMember, 10, 106)];
    let members = MEMBERS.map(|(n, source, target)| association(n, HasMember, source, target));
    let found = |facts| FoundAssociation { facts, content: String::new() };
    QueryAnswer {
        entries: [1, 2].map(|n| FoundEntry { facts: facts(n), content: String::new() }).into(),
        submission_sets: [10, 20].map(|n| package(PackageKind::SubmissionSet, n)).into(),
        folders: [30, 40].map(|n| package(PackageKind::Folder, n)).into(),
        associations: members.into_iter().chain(more).map(found).collect(),
        errors: Vec::new(),
    }
}

/// The ids of an answer's objects.
fn ids(answer: &QueryAnswer) -> Vec<u128> {
    let entries = answer.entries.iter().map(|entry| entry.facts.entry_uuid);
    let packages = answer.submission_sets.iter().chain(&answer.folders);
    let packages = packages.map(|package| package.facts.entry_uuid);
    let associations = answer.associations.iter().map(|found| found.facts.entry_uuid);
    let all = entries.chain(packages).chain(associations);
    all.map(|id| id.uuid().as_u128()).collect()
}

fn one(n: u128) -> Selector {
    Selector::EntryUuid(vec![uuid(n)])
}

fn contents(n: u128) -> GetContents {
    GetContents { package: one(n), entries: EntryFilter::default() }
}

#[test]
fn what_leads_to_a_withheld_entry_is_withheld() {
    let shown = around().narrow(&QueryKind::GetAssociations(Vec::new()), everything());
    assert_eq!(ids(&shown), [1, 10, 30, 101, 104, 107, 108]);
}

#[test]
fn an_end_that_is_not_found_is_withheld() {
    let answer = QueryAnswer {
        associations: [association(111, HasMember, 10, 999), association(112, HasMember, 999, 1)]
            .map(|facts| FoundAssociation { facts, content: String::new() })
            .into(),
        ..QueryAnswer::default()
    };
    let shown = around().narrow(&QueryKind::GetAssociations(Vec::new()), answer);
    assert!(shown.is_empty(), "{:?}", ids(&shown));
}

#[test]
fn words_about_a_package_are_shown_where_all_that_it_holds_is() {
    let words = |around: &Surroundings| {
        let shown = around.narrow(&QueryKind::GetAssociations(Vec::new()), everything());
        let packages = shown.submission_sets.iter().chain(&shown.folders);
        packages.map(|p| p.content.contains("words about everything")).collect::<Vec<_>>()
    };
    let mut around = around();
    assert_eq!(words(&around), [false, false]);
    around.withheld.clear();
    assert_eq!(words(&around), [true, true]);
}

#[test]
fn folders_for_a_document_that_may_not_be_seen_are_not_found() {
    let ask = |n| {
        let found = QueryAnswer { folders: everything().folders, ..QueryAnswer::default() };
        ids(&around().narrow(&QueryKind::GetFoldersForDocument(one(n)), found))
    };
    assert_eq!(ask(1), [30]);
    assert!(ask(2).is_empty(), "30 may be seen, but not by way of 2");
}

#[test]
fn submission_sets_of_a_document_that_may_not_be_seen_are_not_found() {
    let found = QueryAnswer {
        submission_sets: everything().submission_sets,
        associations: everything().associations.drain(1..3).collect(),
        ..QueryAnswer::default()
    };
    let shown = around().narrow(&QueryKind::GetSubmissionSets(vec![uuid(2)]), found);
    assert!(shown.is_empty(), "10 may be seen, but not by way of 2: {:?}", ids(&shown));
}

#[test]
fn contents_of_a_package_that_may_not_be_seen_are_not_found() {
    let mut found = everything();
    found.submission_sets.retain(|set| set.facts.entry_uuid == uuid(20));
    let kind = QueryKind::GetSubmissionSetAndContents(contents(20));
    assert!(around().narrow(&kind, found.clone()).is_empty());
    found.folders.retain(|folder| folder.facts.entry_uuid == uuid(40));
    assert!(around().narrow(&QueryKind::GetFolderAndContents(contents(40)), found).is_empty());
    let kind = QueryKind::GetFolderAndContents(contents(30));
    assert!(ids(&around().narrow(&kind, everything())).contains(&30));
}

#[test]
fn a_document_whose_relations_may_not_be_seen_has_none() {
    let found = QueryAnswer {
        entries: everything().entries,
        associations: vec![FoundAssociation {
            facts: association(109, Replaces, 2, 1),
            content: String::new(),
        }],
        ..QueryAnswer::default()
    };
    let kind = QueryKind::GetRelatedDocuments(GetRelatedDocuments {
        document: one(1),
        association_types: vec![Replaces],
        object_type: EntryFilter::default().object_type,
    });
    let mut around = around();
    assert!(around.narrow(&kind, found.clone()).is_empty(), "not even the document itself");
    around.withheld.clear();
    around.permitted.insert(uuid(2), facts(2));
    assert_eq!(ids(&around.narrow(&kind, found)), [1, 2, 109]);
}

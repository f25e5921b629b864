//! Versions of one document: what a new one replaces, and what it is replaced by already.

use super::papers::{Placed, registered};
use crate::Repository;
use node::actors::CallContext;
use schemas::cda::slot;
use schemas::entry_uuid::EntryUuid;
use schemas::hl7::{PatientId, component};
use schemas::itk::ItkFault;
use schemas::metadata::{AvailabilityStatus, FoundEntry};
use schemas::query::{FindDocuments, QueryKind, StoredQuery};
use schemas::unique_id::UniqueId;

/// A registered document of the same set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub entry_uuid: EntryUuid,
    pub unique_id: UniqueId,
    pub version: u32,
    pub approved: bool,
}

/// Where a document stands among the versions of its set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Free,
    Replaces(EntryUuid),
    /// A later version came before it: it is kept as Deprecated, and the current one stays.
    Superseded(EntryUuid),
    /// Another document has the same version.
    Conflict,
}

/// Pure. What the document itself names as its predecessor counts before what its version implies.
pub(super) fn place(version: u32, parent: Option<&UniqueId>, set: &[Member]) -> Place {
    let is_parent = |member: &&Member| parent == Some(&member.unique_id);
    let named = set.iter().find(|member| is_parent(member) && member.approved);
    if set.iter().any(|member| member.version == version && !is_parent(&member)) {
        return Place::Conflict;
    }
    let later = set.iter().filter(|member| member.version > version && !is_parent(member));
    // The current one where there is one, else the last that was.
    if let Some(later) = later.max_by_key(|member| (member.approved, member.version)) {
        return Place::Superseded(later.entry_uuid);
    }
    if let Some(named) = named {
        return Place::Replaces(named.entry_uuid);
    }
    let current = set.iter().filter(|member| member.approved);
    match current.max_by_key(|member| member.version) {
        Some(current) => Place::Replaces(current.entry_uuid),
        None => Place::Free,
    }
}

/// What is registered of a document's set, and the document that it names as replaced.
pub(super) async fn set_of(
    repository: &Repository,
    placed: &Placed<'_>,
    call: &CallContext,
) -> Result<Vec<Member>, ItkFault> {
    let entry = &placed.mapped.entry;
    let mut found = Vec::new();
    if let Some(set) = &placed.mapped.version.set_id {
        let members = members_of_set(repository, &entry.patient_id, set, call).await?;
        found.extend(members.into_iter().map(|member| member.found));
    }
    if let Some(parent) = &placed.mapped.replaces {
        let query = StoredQuery::documents(vec![parent.clone()]);
        found.extend(registered(repository, query, call).await?);
    }
    let mut members: Vec<Member> = found.iter().map(member).collect();
    members.retain(|member| member.unique_id != entry.unique_id);
    members.sort_by_key(|member| member.entry_uuid.to_string());
    members.dedup_by_key(|member| member.entry_uuid);
    Ok(members)
}

/// A registered document of a set.
pub(super) struct SetMember {
    pub found: FoundEntry,
    pub version: u32,
}

impl SetMember {
    pub(super) fn is_approved(&self) -> bool {
        self.found.facts.availability_status == AvailabilityStatus::Approved
    }
}

/// What is registered of a set, in a patient's record.
pub(super) async fn members_of_set(
    repository: &Repository,
    patient_id: &PatientId,
    set_id: &str,
    call: &CallContext,
) -> Result<Vec<SetMember>, ItkFault> {
    let reference = format!("{}^^^^{}", component(set_id), slot::SET_REFERENCE);
    let find = FindDocuments {
        status: vec![AvailabilityStatus::Approved, AvailabilityStatus::Deprecated],
        reference_id_list: vec![vec![reference]],
        ..FindDocuments::approved(patient_id.clone())
    };
    let query = StoredQuery::leaf_class(QueryKind::FindDocuments(Box::new(find)));
    let found = registered(repository, query, call).await?;
    Ok(found.into_iter().map(|found| SetMember { version: version(&found), found }).collect())
}

/// A document without a version is the first.
fn version(found: &FoundEntry) -> u32 {
    let slot = found.read().and_then(|entry| {
        let slot = entry.extra.into_iter().find(|slot| slot.name == slot::VERSION_NUMBER);
        slot?.values.first()?.parse().ok()
    });
    slot.unwrap_or(1)
}

fn member(found: &FoundEntry) -> Member {
    Member {
        entry_uuid: found.facts.entry_uuid,
        unique_id: found.facts.unique_id.clone(),
        version: version(found),
        approved: found.facts.availability_status == AvailabilityStatus::Approved,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn id(n: u128) -> EntryUuid {
        EntryUuid::from_uuid(Uuid::from_u128(n))
    }

    fn unique(n: u32) -> UniqueId {
        UniqueId::parse(&format!("1.2.{n}")).unwrap()
    }

    fn member(n: u32, version: u32, approved: bool) -> Member {
        Member { entry_uuid: id(n.into()), unique_id: unique(n), version, approved }
    }

    #[test]
    fn a_version_takes_its_place_by_name_and_by_number() {
        let (v1, v2) = (member(1, 1, true), member(2, 2, true));
        let old = |n, version| member(n, version, false);
        type Case = (&'static str, u32, Option<u32>, Vec<Member>, Place);
        let cases: Vec<Case> = vec![
            ("the first of its set", 1, None, vec![], Place::Free),
            ("a replacement by name", 2, Some(1), vec![v1.clone()], Place::Replaces(id(1))),
            ("a replacement by number alone", 2, None, vec![v1.clone()], Place::Replaces(id(1))),
            ("its predecessor is not here yet", 2, Some(9), vec![], Place::Free),
            ("three after two", 3, Some(2), vec![old(1, 1), v2.clone()], Place::Replaces(id(2))),
            ("three after one, two is lost", 3, Some(9), vec![v1.clone()], Place::Replaces(id(1))),
            ("one after two", 1, None, vec![v2.clone()], Place::Superseded(id(2))),
            (
                "two after three, one is old",
                2,
                Some(1),
                vec![old(1, 1), member(3, 3, true)],
                Place::Superseded(id(3)),
            ),
            (
                "one after two was withdrawn by hand",
                1,
                None,
                vec![old(2, 2)],
                Place::Superseded(id(2)),
            ),
            (
                "two authors of one version",
                2,
                Some(1),
                vec![old(1, 1), v2.clone()],
                Place::Conflict,
            ),
            ("the same version, other id", 1, None, vec![v1.clone()], Place::Conflict),
            (
                "named, and numbered alike by a careless sender",
                1,
                Some(1),
                vec![v1],
                Place::Replaces(id(1)),
            ),
            ("nothing current is left", 3, None, vec![old(1, 1), old(2, 2)], Place::Free),
            ("ten is more than nine", 10, None, vec![member(9, 9, true)], Place::Replaces(id(9))),
        ];
        for (what, version, parent, set, expected) in cases {
            let parent = parent.map(unique);
            assert_eq!(place(version, parent.as_ref(), &set), expected, "{what}");
        }
    }
}

//! Notices under the Care Act: what a new one does to those of its process that are registered.

use super::papers::{Stop, registered};
use crate::Repository;
use node::actors::CallContext;
use schemas::entry_uuid::EntryUuid;
use schemas::hsci::{self, Known, Notice, Relation};
use schemas::metadata::{AssociationType, AvailabilityStatus, DocumentEntry, FoundEntry};
use schemas::ods_code::OdsCode;
use schemas::query::{FindDocuments, QueryKind, StoredQuery};
use schemas::submission::assemble::Part;

/// How a notice is registered.
pub(super) struct Related {
    relations: Vec<(AssociationType, EntryUuid)>,
    superseded_by: Option<EntryUuid>,
    /// For its readers.
    words: Vec<String>,
    /// For its sender.
    sentences: Vec<String>,
}

impl Related {
    /// The part of the submission, and what has superseded it already.
    pub fn part(
        self,
        mut entry: DocumentEntry,
        notes: &mut Vec<String>,
    ) -> (Part, Option<EntryUuid>) {
        hsci::remark(&mut entry, self.words);
        notes.extend(self.sentences);
        (Part::Related(Box::new(entry), self.relations), self.superseded_by)
    }
}

/// Asks the registry for the process, and decides.
pub(super) async fn relate(
    repository: &Repository,
    notice: &Notice,
    entry: &DocumentEntry,
    publisher: &OdsCode,
    call: &CallContext,
) -> Result<Related, Stop> {
    let find = FindDocuments {
        status: vec![AvailabilityStatus::Approved, AvailabilityStatus::Deprecated],
        reference_id_list: vec![notice.references()],
        ..FindDocuments::approved(entry.patient_id.clone())
    };
    let query = StoredQuery::leaf_class(QueryKind::FindDocuments(Box::new(find)));
    let found = registered(repository, query, call).await?;
    let known: Vec<Known<EntryUuid>> = found.iter().filter_map(known).collect();
    let own = |id: EntryUuid| {
        let entry = found.iter().find(|entry| entry.facts.entry_uuid == id);
        entry.is_some_and(|entry| entry.facts.publisher_ods.as_ref() == Some(publisher))
    };
    Ok(decided(notice, &known, &own))
}

fn known(found: &FoundEntry) -> Option<Known<EntryUuid>> {
    let facts = &found.facts;
    hsci::known_of(&found.read()?, facts.availability_status, facts.entry_uuid)
}

/// Pure. An answer is an addendum of its notice, so that it goes where its notice goes. What another
/// organisation published nobody replaces but that organisation.
fn decided(
    notice: &Notice,
    known: &[Known<EntryUuid>],
    own: &dyn Fn(EntryUuid) -> bool,
) -> Related {
    let decision = hsci::decide(known, &notice.incoming());
    let mut relations = Vec::new();
    let mut sentences: Vec<String> = notice.missing.iter().map(ToString::to_string).collect();
    sentences.extend(decision.remarks.iter().map(ToString::to_string));
    for relation in decision.relations {
        match relation {
            Relation::Answers(target) => relations.push((AssociationType::Appends, target)),
            Relation::Replaces(target) if own(target) => {
                relations.push((AssociationType::Replaces, target));
            }
            Relation::Replaces(_) => sentences.push(
                "another organisation published what this would take the place of: it stands"
                    .to_owned(),
            ),
        }
    }
    Related {
        relations,
        superseded_by: decision.superseded_by.filter(|later| own(*later)),
        words: decision.remarks.iter().map(|remark| remark.code().to_owned()).collect(),
        sentences,
    }
}

//! What stands around the entries of an answer. SubmissionSets, Folders and Associations say things
//! about documents, so they are shown as far as what they connect may be seen, and no further:
//!
//! * an Association, where both its ends may be seen;
//! * a SubmissionSet or Folder, where it holds an entry that may be seen; its title and comments
//!   only where it holds no other, since they are written about all of them.

#[cfg(test)]
mod tests;

use crate::asking::{Inquiry, Judged};
use crate::superseded::{Scope, settle};
use schemas::entry_uuid::EntryUuid;
use schemas::error::XdsError;
use schemas::metadata::{AssociationFacts, AssociationType, EntryFacts, FoundPackage};
use schemas::query::{QueryAnswer, QueryKind, Selector};
use std::collections::{HashMap, HashSet};

/// Objects around an answer.
#[derive(Default)]
pub(crate) struct Surroundings {
    permitted: HashMap<EntryUuid, EntryFacts>,
    withheld: HashSet<EntryUuid>,
    associations: HashMap<EntryUuid, AssociationFacts>,
    /// HasMember, by its source.
    holds: HashMap<EntryUuid, Vec<EntryUuid>>,
}

/// Asks for what an answer leads to but does not hold: the entries at the ends of its Associations,
/// and the members of its packages. `judged` are the answer's own entries; those found beside it
/// are returned.
pub(crate) async fn gather(
    inquiry: &Inquiry<'_>,
    answer: &QueryAnswer,
    judged: &[Judged],
) -> Result<(Surroundings, Vec<Judged>), XdsError> {
    let mut around = Surroundings::default();
    around.entries(judged);
    around.associate(answer.associations.iter().map(|found| found.facts.clone()));
    let packages = answer.submission_sets.iter().chain(&answer.folders);
    let packages: HashSet<EntryUuid> = packages.map(|found| found.facts.entry_uuid).collect();
    let ends = answer.associations.iter().flat_map(|a| [a.facts.source, a.facts.target]);
    let ends: HashSet<EntryUuid> = ends.collect();
    let unknown = ends.difference(&packages).copied().filter(|id| !around.knows(id));
    let mut beside = inquiry.judge_ids(unknown.collect::<Vec<_>>(), Selector::EntryUuid).await?;
    settle(inquiry, &mut beside, Scope::Permitted).await?;
    around.entries(&beside);
    // What is neither an entry nor an Association that is known holds something, or is nothing.
    let holders = ends.union(&packages).copied().filter(|id| !around.knows(id));
    let holders: Vec<EntryUuid> = holders.collect();
    around.associate(inquiry.associations(holders.iter().copied()).await?);
    let members = holders.iter().flat_map(|holder| around.members(holder));
    let members = members.copied().filter(|id| !around.knows(id) && !packages.contains(id));
    let mut found = inquiry.judge_ids(members.collect::<Vec<_>>(), Selector::EntryUuid).await?;
    settle(inquiry, &mut found, Scope::Permitted).await?;
    around.entries(&found);
    beside.extend(found);
    around.associate(memberships(inquiry, &around, &holders).await?);
    Ok((around, beside))
}

/// A SubmissionSet holds the membership by which an entry came into a Folder of before. Such an
/// Association is found by the entry.
async fn memberships(
    inquiry: &Inquiry<'_>,
    around: &Surroundings,
    holders: &[EntryUuid],
) -> Result<Vec<AssociationFacts>, XdsError> {
    let unresolved = |id: &EntryUuid| !around.knows(id) && !around.holds.contains_key(id);
    let sources = around.associations.values().filter(|a| unresolved(&a.target));
    let sources: HashSet<EntryUuid> = sources.map(|a| a.source).collect();
    let sources = sources.iter().filter(|source| holders.contains(source));
    let entries = sources.flat_map(|source| around.members(source));
    let entries = entries.copied().filter(|id| around.permitted.contains_key(id));
    inquiry.associations(entries.collect::<Vec<_>>()).await
}

impl Surroundings {
    fn entries(&mut self, judged: &[Judged]) {
        for judged in judged {
            if judged.is_permitted() {
                self.permitted.insert(judged.id(), judged.entry.facts.clone());
            } else {
                self.withheld.insert(judged.id());
            }
        }
    }

    fn associate(&mut self, found: impl IntoIterator<Item = AssociationFacts>) {
        for facts in found {
            let id = facts.entry_uuid;
            let member = (facts.association_type == AssociationType::HasMember)
                .then_some((facts.source, facts.target));
            if self.associations.insert(id, facts).is_none()
                && let Some((holder, member)) = member
            {
                self.holds.entry(holder).or_default().push(member);
            }
        }
    }

    /// Whether this is an entry or an Association that was found.
    fn knows(&self, id: &EntryUuid) -> bool {
        self.permitted.contains_key(id)
            || self.withheld.contains(id)
            || self.associations.contains_key(id)
    }

    fn members(&self, holder: &EntryUuid) -> impl Iterator<Item = &EntryUuid> {
        self.holds.get(holder).into_iter().flatten()
    }

    /// A SubmissionSet or Folder is in view where it holds an entry that may be seen.
    fn shows_package(&self, id: &EntryUuid) -> bool {
        self.members(id).any(|member| self.permitted.contains_key(member))
    }

    fn shows_association(&self, association: &AssociationFacts) -> bool {
        self.shows_end(&association.source) && self.shows_end(&association.target)
    }

    /// An end is an entry, a package, or the membership of an entry in a Folder.
    fn shows_end(&self, id: &EntryUuid) -> bool {
        if self.withheld.contains(id) {
            return false;
        }
        let membership = self.associations.get(id);
        let membership = membership.is_some_and(|membership| {
            let end = |id| self.permitted.contains_key(id) || self.shows_package(id);
            end(&membership.source) && end(&membership.target)
        });
        membership || self.permitted.contains_key(id) || self.shows_package(id)
    }

    /// The answer as far as it may be seen.
    pub(crate) fn narrow(&self, kind: &QueryKind, answer: QueryAnswer) -> QueryAnswer {
        let mut answer = answer;
        answer.entries.retain(|entry| self.permitted.contains_key(&entry.facts.entry_uuid));
        answer.associations.retain(|found| self.shows_association(&found.facts));
        let shown = |package: &FoundPackage| self.shows_package(&package.facts.entry_uuid);
        answer.submission_sets.retain(shown);
        answer.folders.retain(shown);
        self.connect(kind, &mut answer);
        for package in answer.submission_sets.iter_mut().chain(&mut answer.folders) {
            let id = package.facts.entry_uuid;
            if self.members(&id).any(|member| self.withheld.contains(member)) {
                package.withhold_words();
            }
        }
        answer
    }

    /// What was found by way of an object that may not be seen is not found: else the answer
    /// would say that the object exists.
    fn connect(&self, kind: &QueryKind, answer: &mut QueryAnswer) {
        match kind {
            QueryKind::GetFoldersForDocument(document) => answer.folders.retain(|folder| {
                let mut members = self.members(&folder.facts.entry_uuid);
                members.any(|id| self.permitted.get(id).is_some_and(|f| selects(document, f)))
            }),
            QueryKind::GetSubmissionSets(_) => {
                let sources = answer.associations.iter().map(|found| found.facts.source);
                let sources: HashSet<EntryUuid> = sources.collect();
                answer.submission_sets.retain(|set| sources.contains(&set.facts.entry_uuid));
            }
            QueryKind::GetSubmissionSetAndContents(_) if answer.submission_sets.is_empty() => {
                *answer = QueryAnswer::failures(std::mem::take(&mut answer.errors));
            }
            QueryKind::GetFolderAndContents(_) if answer.folders.is_empty() => {
                *answer = QueryAnswer::failures(std::mem::take(&mut answer.errors));
            }
            QueryKind::GetRelatedDocuments(_) => {
                let ends = answer.associations.iter();
                let ends: HashSet<EntryUuid> =
                    ends.flat_map(|a| [a.facts.source, a.facts.target]).collect();
                answer.entries.retain(|entry| ends.contains(&entry.facts.entry_uuid));
            }
            _ => {}
        }
    }
}

fn selects(selector: &Selector, facts: &EntryFacts) -> bool {
    match selector {
        Selector::EntryUuid(ids) => ids.contains(&facts.entry_uuid),
        Selector::UniqueId(ids) => ids.contains(&facts.unique_id),
        Selector::LogicalId(ids) => ids.contains(&facts.logical_id),
    }
}

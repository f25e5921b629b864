//! Newer versions: one who may see the old version of a document but not the new one gets neither,
//! and is told who holds the newer one, unless it is the patient's relationship or preference that
//! hides it. An outdated document that passes for the current one is worse than none.

#[cfg(test)]
pub(crate) mod tests;

use crate::asking::{Inquiry, Judged};
use crate::decision::Denial;
use schemas::entry_uuid::EntryUuid;
use schemas::error::{XdsError, XdsErrorCode};
use schemas::metadata::{AssociationFacts, AssociationType, AvailabilityStatus, EntryFacts};
use schemas::ods_code::OdsCode;
use schemas::query::Selector;
use schemas::unique_id::UniqueId;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// How far a chain of versions is followed. What lies beyond may not be seen.
const STEPS_MAX: usize = 64;

/// What is asked about.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Scope {
    /// Permitted entries that may be outdated.
    Permitted,
    /// Also refused entries that may outdate one which the asker may see.
    All,
}

/// Refuses permitted entries whose current version may not be seen. The Warnings name each old
/// version and who holds the new one.
pub(crate) async fn settle(
    inquiry: &Inquiry<'_>,
    judged: &mut [Judged],
    scope: Scope,
) -> Result<Vec<XdsError>, XdsError> {
    let is_asked = |judged: &Judged| {
        let deprecated = judged.entry.facts.availability_status == AvailabilityStatus::Deprecated;
        let outdating = scope == Scope::All && judged.may_be_told && !deprecated;
        if judged.is_permitted() { deprecated } else { outdating }
    };
    let seeds: HashSet<EntryUuid> =
        judged.iter().filter(|judged| is_asked(judged)).map(Judged::id).collect();
    if seeds.is_empty() {
        return Ok(Vec::new());
    }
    let versions = gather(inquiry, judged, seeds.clone()).await?;
    let mut told = BTreeSet::new();
    for judged in judged.iter_mut().filter(|judged| seeds.contains(&judged.id())) {
        let id = judged.id();
        if judged.is_permitted() {
            match versions.newest(id) {
                Newest::Visible => {}
                Newest::Hidden(holders) => {
                    let unique_id = &judged.entry.facts.unique_id;
                    let may_say = !judged.entry.facts.sensitive;
                    let said = |ods: OdsCode| (unique_id.clone(), may_say.then_some(ods));
                    told.extend(holders.into_iter().map(said));
                    judged.outcome = Err(Denial::Superseded);
                }
            }
        } else if let Some(holder) = &judged.entry.facts.publisher_ods {
            let holder = Some(holder.clone()).filter(|_| !judged.entry.facts.sensitive);
            told.extend(versions.older(id).into_iter().map(|old| (old, holder.clone())));
        }
    }
    Ok(told.iter().map(|(unique_id, ods)| warning(unique_id, ods.as_ref())).collect())
}

/// Of a patient whose whereabouts are protected nobody is told who holds a document.
fn warning(old: &UniqueId, holder: Option<&OdsCode>) -> XdsError {
    let context = match holder {
        Some(holder) => format!(
            "a newer version of the document {old} exists and is held by {holder}: your agreements do not cover it, so neither version is shown; ask {holder} for it"
        ),
        None => format!(
            "a newer version of the document {old} exists: your agreements do not cover it, so neither version is shown; who holds it is withheld for this patient, the hub's operator can ask for it"
        ),
    };
    XdsError::warning(XdsErrorCode::Registry, context).at(old.as_str())
}

/// What one may know of an entry.
#[derive(Clone, Copy, PartialEq)]
enum Seen {
    Permitted,
    /// Refused, but its existence may be told.
    Told,
    Hidden,
}

/// Documents with what replaces them.
#[derive(Default)]
struct Versions {
    entries: HashMap<EntryUuid, (EntryFacts, Seen)>,
    /// Versions of one entry's metadata, by logicalID.
    of_metadata: HashMap<EntryUuid, BTreeMap<u32, EntryUuid>>,
    replaced_by: HashMap<EntryUuid, Vec<EntryUuid>>,
    replaces: HashMap<EntryUuid, Vec<EntryUuid>>,
    /// What an addendum or transform belongs to.
    belongs_to: HashMap<EntryUuid, Vec<EntryUuid>>,
}

#[derive(Debug, PartialEq)]
enum Newest {
    /// There is none newer, or one that may be seen.
    Visible,
    /// Those who hold it; nobody, where it must not be told.
    Hidden(Vec<OdsCode>),
}

/// Follows replacements, versions and what addenda belong to, in both directions.
async fn gather(
    inquiry: &Inquiry<'_>,
    judged: &[Judged],
    mut frontier: HashSet<EntryUuid>,
) -> Result<Versions, XdsError> {
    let mut versions = Versions::default();
    versions.add(judged);
    let mut looked_at = HashSet::new();
    for _ in 0..STEPS_MAX {
        frontier.retain(|id| looked_at.insert(*id));
        if frontier.is_empty() {
            break;
        }
        let found = inquiry.associations(frontier.iter().copied()).await?;
        let ends = versions.link(found, &frontier);
        let unknown = ends.iter().copied().filter(|end| !versions.entries.contains_key(end));
        let mut found = inquiry.judge_ids(unknown, Selector::EntryUuid).await?;
        let logical_ids = versions.logical_ids(&frontier);
        found.extend(inquiry.judge_ids(logical_ids, Selector::LogicalId).await?);
        versions.add(&found);
        frontier = ends;
        frontier.extend(found.iter().map(Judged::id));
    }
    Ok(versions)
}

impl Versions {
    fn add(&mut self, judged: &[Judged]) {
        for judged in judged {
            let seen = match (judged.is_permitted(), judged.may_be_told) {
                (true, _) => Seen::Permitted,
                (false, true) => Seen::Told,
                (false, false) => Seen::Hidden,
            };
            self.keep(&judged.entry.facts, seen);
        }
    }

    fn keep(&mut self, facts: &EntryFacts, seen: Seen) {
        let id = facts.entry_uuid;
        self.of_metadata.entry(facts.logical_id).or_default().insert(facts.version, id);
        self.entries.insert(id, (facts.clone(), seen));
    }

    /// Keeps the associations that lead from these entries to other versions; returns their ends.
    fn link(
        &mut self,
        found: Vec<AssociationFacts>,
        from: &HashSet<EntryUuid>,
    ) -> HashSet<EntryUuid> {
        let mut ends = HashSet::new();
        for AssociationFacts { association_type, source, target, .. } in found {
            if association_type.is_replacement() {
                self.replaced_by.entry(target).or_default().push(source);
                self.replaces.entry(source).or_default().push(target);
                ends.extend([source, target]);
            } else if is_dependence(association_type) && from.contains(&source) {
                self.belongs_to.entry(source).or_default().push(target);
                ends.insert(target);
            }
        }
        ends
    }

    /// logicalIDs under which there may be other versions of these entries' metadata.
    fn logical_ids(&self, of: &HashSet<EntryUuid>) -> HashSet<EntryUuid> {
        let facts = of.iter().filter_map(|id| self.entries.get(id)).map(|(facts, _)| facts);
        let several = |facts: &&EntryFacts| {
            facts.version > 1 || facts.availability_status == AvailabilityStatus::Deprecated
        };
        facts.filter(several).map(|facts| facts.logical_id).collect()
    }

    /// What directly outdates an entry: its replacements and the last version of its metadata; for
    /// an addendum or transform with neither, what outdates the document that it belongs to.
    fn newer(&self, id: EntryUuid) -> Vec<EntryUuid> {
        let mut seen = HashSet::from([id]);
        let mut waiting = vec![id];
        let mut newer = Vec::new();
        while let Some(at) = waiting.pop() {
            let mut of_this = self.replaced_by.get(&at).cloned().unwrap_or_default();
            if let Some((mine, _)) = self.entries.get(&at) {
                let versions = self.of_metadata.get(&mine.logical_id);
                let last = versions.and_then(|versions| versions.last_key_value());
                of_this.extend(last.filter(|(v, _)| **v > mine.version).map(|(_, id)| *id));
            }
            if of_this.is_empty() {
                let carriers = self.belongs_to.get(&at).into_iter().flatten().copied();
                waiting.extend(carriers.filter(|carrier| seen.insert(*carrier)));
            }
            newer.extend(of_this);
        }
        newer
    }

    /// The current versions of an entry: where the ways through what is outdated end. None where
    /// nothing outdates it.
    fn current(&self, id: EntryUuid) -> Vec<EntryUuid> {
        let mut current = Vec::new();
        let mut seen = HashSet::from([id]);
        let mut waiting = vec![id];
        while let Some(at) = waiting.pop() {
            let newer = self.newer(at);
            let approved = self
                .entries
                .get(&at)
                .is_none_or(|(facts, _)| facts.availability_status == AvailabilityStatus::Approved);
            if at != id && (approved || newer.is_empty()) {
                current.push(at);
            } else {
                waiting.extend(newer.into_iter().filter(|next| seen.insert(*next)));
            }
        }
        current
    }

    fn newest(&self, id: EntryUuid) -> Newest {
        let current = self.current(id);
        let entry = |id: &EntryUuid| self.entries.get(id);
        let seen = |id: &EntryUuid| entry(id).map_or(Seen::Hidden, |(_, seen)| *seen);
        if current.is_empty() || current.iter().any(|id| seen(id) == Seen::Permitted) {
            return Newest::Visible;
        }
        if current.iter().any(|id| seen(id) == Seen::Hidden) {
            return Newest::Hidden(Vec::new());
        }
        let holder = |id: &EntryUuid| entry(id).and_then(|(facts, _)| facts.publisher_ods.clone());
        Newest::Hidden(current.iter().filter_map(holder).collect())
    }

    /// The latest older versions that may be seen, by uniqueId.
    fn older(&self, id: EntryUuid) -> Vec<UniqueId> {
        let mut older = Vec::new();
        let mut seen = HashSet::from([id]);
        let mut waiting = vec![id];
        while let Some(at) = waiting.pop() {
            let mut before = self.replaces.get(&at).cloned().unwrap_or_default();
            if let Some((mine, _)) = self.entries.get(&at) {
                let versions = self.of_metadata.get(&mine.logical_id);
                let earlier = versions.and_then(|v| v.range(..mine.version).next_back());
                before.extend(earlier.map(|(_, id)| *id));
            }
            for next in before.into_iter().filter(|next| seen.insert(*next)) {
                match self.entries.get(&next) {
                    Some((facts, Seen::Permitted)) => older.push(facts.unique_id.clone()),
                    Some(_) => waiting.push(next),
                    None => {}
                }
            }
        }
        older
    }
}

fn is_dependence(association_type: AssociationType) -> bool {
    matches!(association_type, AssociationType::Appends | AssociationType::Transforms)
}

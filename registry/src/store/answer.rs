//! Stored queries (ITI TF-2 3.18.4.1.2.3.7): each put together from a few look-ups.

use super::fetch::{self, associations_of, located, shown};
use super::identity::{ShownAs, patient_keys};
use super::select::{self, Scope, Select};
use super::sql::{Row, Sql};
use super::{ExistingAssociation, ObjectKind, PatientKey, Registered, StoreError};
use schemas::code_set::CodeSets;
use schemas::entry_uuid::EntryUuid;
use schemas::metadata::{
    AssociationFacts, AssociationType, FoundAssociation, FoundEntry, FoundPackage, ObjectType,
};
use schemas::query::{
    EntryFilter, FindFolders, FindSubmissionSets, GetAll, GetContents, GetRelatedDocuments,
    MetadataLevel, QueryAnswer, QueryKind, ReturnType, Selector, StoredQuery,
};
use std::collections::HashSet;

struct Answering<'a> {
    sql: &'a mut dyn Sql,
    code_sets: &'a CodeSets,
    query: &'a StoredQuery,
    /// The patient's, where the query names one.
    keys: Vec<PatientKey>,
    limit: usize,
}

pub(super) fn answer(
    sql: &mut dyn Sql,
    query: &StoredQuery,
    code_sets: &CodeSets,
    limit: usize,
) -> Result<QueryAnswer, StoreError> {
    let keys = match query.kind.patient_id() {
        None => Vec::new(),
        Some(patient) => match patient_keys(sql, patient)? {
            // Merged into another one, or never heard of.
            none if none.is_empty() => return Ok(QueryAnswer::default()),
            keys => keys,
        },
    };
    let mut answering = Answering { sql, code_sets, query, keys, limit };
    let answer = answering.answer()?;
    if answer.len() > limit { Err(StoreError::TooMany) } else { Ok(answer) }
}

impl Answering<'_> {
    fn answer(&mut self) -> Result<QueryAnswer, StoreError> {
        let query = self.query;
        match &query.kind {
            QueryKind::FindDocuments(find) => {
                let keys = self.keys.clone();
                let select = select::find_documents(find, self.scope(&keys));
                let entries = self.run(&select, fetch::found_entry)?;
                Ok(QueryAnswer { entries, ..QueryAnswer::default() })
            }
            QueryKind::FindSubmissionSets(find) => {
                let submission_sets = self.sets(find)?;
                Ok(QueryAnswer { submission_sets, ..QueryAnswer::default() })
            }
            QueryKind::FindFolders(find) => {
                let keys = self.keys.clone();
                let select = select::find_folders(find, self.scope(&keys));
                let folders = self.run(&select, fetch::found_folder)?;
                Ok(QueryAnswer { folders, ..QueryAnswer::default() })
            }
            QueryKind::GetAll(all) => self.all(all),
            QueryKind::GetDocuments(selector) => {
                let entries = self.selected_entries(selector)?;
                Ok(QueryAnswer { entries, ..QueryAnswer::default() })
            }
            QueryKind::GetFolders(selector) => {
                let folders = self.selected(selector, ObjectKind::Folder)?;
                let folders = self.folders(&folders)?;
                Ok(QueryAnswer { folders, ..QueryAnswer::default() })
            }
            QueryKind::GetAssociations(ids) => {
                let associations = self.touching(ids)?.into_iter().map(found).collect();
                Ok(QueryAnswer { associations, ..QueryAnswer::default() })
            }
            QueryKind::GetDocumentsAndAssociations(selector) => {
                let entries = self.selected_entries(selector)?;
                let associations = self.touching(&uuids(&entries))?;
                let associations = associations.into_iter().map(found).collect();
                Ok(QueryAnswer { entries, associations, ..QueryAnswer::default() })
            }
            QueryKind::GetSubmissionSets(ids) => self.sets_of(ids),
            QueryKind::GetSubmissionSetAndContents(get) => {
                let sets = self.selected(&get.package, ObjectKind::SubmissionSet)?;
                self.contents(get, &sets)
            }
            QueryKind::GetFolderAndContents(get) => {
                let folders = self.selected(&get.package, ObjectKind::Folder)?;
                self.contents(get, &folders)
            }
            QueryKind::GetFoldersForDocument(selector) => self.folders_of(selector),
            QueryKind::GetRelatedDocuments(get) => self.related(get),
        }
    }

    fn content(&self) -> bool {
        self.query.return_type == ReturnType::LeafClass
    }

    fn scope<'s>(&'s self, keys: &'s [PatientKey]) -> Scope<'s> {
        Scope {
            keys,
            code_sets: self.code_sets,
            content: self.content(),
            all_versions: self.query.metadata_level == MetadataLevel::Two,
            limit: self.limit + 1,
        }
    }

    fn run<T>(
        &mut self,
        select: &Select,
        read: impl Fn(&mut Row, ShownAs) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let rows = self.sql.rows(&select.sql, &select.values)?;
        shown(self.sql, rows, read)
    }

    fn sets(&mut self, find: &FindSubmissionSets) -> Result<Vec<FoundPackage>, StoreError> {
        let keys = self.keys.clone();
        match select::find_submission_sets(find, self.scope(&keys)) {
            Some(select) => self.run(&select, fetch::found_set),
            None => Ok(Vec::new()),
        }
    }

    /// Objects of one kind by any of their ids; a uniqueId names the latest versions only, unless
    /// all are asked for.
    fn selected(
        &mut self,
        selector: &Selector,
        kind: ObjectKind,
    ) -> Result<Vec<Registered>, StoreError> {
        let ids: Vec<String> = match selector {
            Selector::EntryUuid(ids) | Selector::LogicalId(ids) => {
                ids.iter().map(ToString::to_string).collect()
            }
            Selector::UniqueId(ids) => ids.iter().map(ToString::to_string).collect(),
        };
        let exact = matches!(selector, Selector::EntryUuid(_));
        let mut seen = HashSet::new();
        let found = located(self.sql, &ids)?.into_iter().filter(|found| {
            found.object.kind == kind && (!exact || found.object.entry_uuid.to_string() == found.id)
        });
        let objects: Vec<Registered> =
            found.map(|found| found.object).filter(|object| seen.insert(*object)).collect();
        self.bounded(objects.len())?;
        if exact || self.query.metadata_level == MetadataLevel::Two {
            return Ok(objects);
        }
        self.latest(objects, kind)
    }

    fn latest(
        &mut self,
        objects: Vec<Registered>,
        kind: ObjectKind,
    ) -> Result<Vec<Registered>, StoreError> {
        if kind != ObjectKind::DocumentEntry && kind != ObjectKind::Folder {
            return Ok(objects);
        }
        let rows = fetch::rows(self.sql, &objects, kind, "e.entry_uuid, e.latest")?;
        let mut latest = HashSet::new();
        for row in rows {
            if row.integer(1)? == 1 {
                latest.insert(row.text(0)?.to_owned());
            }
        }
        let is_latest = |object: &Registered| latest.contains(&object.entry_uuid.to_string());
        Ok(objects.into_iter().filter(is_latest).collect())
    }

    /// Nothing is read that is too much to be answered.
    fn bounded(&self, objects: usize) -> Result<(), StoreError> {
        if objects > self.limit { Err(StoreError::TooMany) } else { Ok(()) }
    }

    fn entries(&mut self, objects: &[Registered]) -> Result<Vec<FoundEntry>, StoreError> {
        self.bounded(objects.len())?;
        let content = self.content();
        let mut entries = fetch::entries(self.sql, objects, content)?;
        entries.sort_by(|a, b| b.facts.registered_at.as_str().cmp(a.facts.registered_at.as_str()));
        Ok(entries)
    }

    fn folders(&mut self, objects: &[Registered]) -> Result<Vec<FoundPackage>, StoreError> {
        self.bounded(objects.len())?;
        let content = self.content();
        fetch::folders(self.sql, objects, content)
    }

    fn selected_entries(&mut self, selector: &Selector) -> Result<Vec<FoundEntry>, StoreError> {
        let objects = self.selected(selector, ObjectKind::DocumentEntry)?;
        self.entries(&objects)
    }

    /// Associations in a wanted status with one of these objects at either end.
    fn touching(&mut self, ids: &[EntryUuid]) -> Result<Vec<ExistingAssociation>, StoreError> {
        let mut found = associations_of(self.sql, ids)?;
        let wanted = &self.query.association_status;
        found.retain(|association| wanted.contains(&association.availability_status));
        Ok(found)
    }

    fn all(&mut self, all: &GetAll) -> Result<QueryAnswer, StoreError> {
        let keys = self.keys.clone();
        let select = select::all_entries(&all.entry_status, &all.entries, self.scope(&keys));
        let entries = self.run(&select, fetch::found_entry)?;
        let submission_sets = self.sets(&FindSubmissionSets {
            status: all.submission_set_status.clone(),
            ..FindSubmissionSets::approved(all.patient_id.clone())
        })?;
        let folders = FindFolders {
            status: all.folder_status.clone(),
            ..FindFolders::approved(all.patient_id.clone())
        };
        let select = select::find_folders(&folders, self.scope(&keys));
        let folders = self.run(&select, fetch::found_folder)?;
        let packages = submission_sets.iter().chain(&folders).map(|p| p.facts.entry_uuid);
        let ids: Vec<EntryUuid> = uuids(&entries).into_iter().chain(packages).collect();
        self.bounded(ids.len())?;
        let associations = self.touching(&ids)?.into_iter().map(found).collect();
        Ok(QueryAnswer { entries, submission_sets, folders, associations, errors: Vec::new() })
    }

    /// Every SubmissionSet that holds one of these objects, and those memberships.
    fn sets_of(&mut self, ids: &[EntryUuid]) -> Result<QueryAnswer, StoreError> {
        let mut memberships = self.touching(ids)?;
        let asked: HashSet<EntryUuid> = ids.iter().copied().collect();
        memberships.retain(|a| {
            a.association_type == AssociationType::HasMember && asked.contains(&a.target)
        });
        let sources: Vec<EntryUuid> = memberships.iter().map(|a| a.source).collect();
        let sources = fetch::objects(self.sql, &sources)?;
        self.bounded(sources.len())?;
        let content = self.content();
        let submission_sets = fetch::submission_sets(self.sql, &sources, content)?;
        let sets: HashSet<EntryUuid> =
            submission_sets.iter().map(|set| set.facts.entry_uuid).collect();
        memberships.retain(|a| sets.contains(&a.source));
        let associations = memberships.into_iter().map(found).collect();
        Ok(QueryAnswer { submission_sets, associations, ..QueryAnswer::default() })
    }

    /// A SubmissionSet or Folder with its members; associations only where both ends are answered.
    fn contents(
        &mut self,
        get: &GetContents,
        packages: &[Registered],
    ) -> Result<QueryAnswer, StoreError> {
        let ids: Vec<EntryUuid> = packages.iter().map(|object| object.entry_uuid).collect();
        let mut memberships = self.touching(&ids)?;
        memberships.retain(|a| {
            a.association_type == AssociationType::HasMember && ids.contains(&a.source)
        });
        let members: Vec<EntryUuid> = memberships.iter().map(|a| a.target).collect();
        let members = fetch::objects(self.sql, &members)?;
        self.bounded(members.len())?;
        let content = self.content();
        let mut answer = QueryAnswer {
            submission_sets: fetch::submission_sets(self.sql, packages, content)?,
            folders: fetch::folders(self.sql, packages, content)?,
            entries: self.filtered(&members, &get.entries)?,
            ..QueryAnswer::default()
        };
        answer.folders.extend(fetch::folders(self.sql, &members, content)?);
        let mut candidates = memberships;
        candidates.extend(fetch::associations(self.sql, &members)?);
        candidates.extend(self.touching(&uuids(&answer.entries))?);
        answer.associations = connected(&answer, candidates);
        Ok(answer)
    }

    /// The entries among these objects that pass the filter.
    fn filtered(
        &mut self,
        objects: &[Registered],
        filter: &EntryFilter,
    ) -> Result<Vec<FoundEntry>, StoreError> {
        let mut entries = self.entries(objects)?;
        entries.retain(|entry| filter.object_type.contains(&entry.facts.object_type));
        if filter.format_code.is_empty() && filter.confidentiality_code.is_empty() {
            return Ok(entries);
        }
        let keys: HashSet<i64> = objects.iter().map(|object| object.patient).collect();
        let keys: Vec<PatientKey> = keys.into_iter().collect();
        let scope = Scope { content: false, ..self.scope(&keys) };
        let select = select::filtered_entries(filter, scope);
        let read = |row: &mut Row, patient| {
            fetch::found_entry(row, patient).map(|entry| entry.facts.entry_uuid)
        };
        let passing: HashSet<EntryUuid> = self.run(&select, read)?.into_iter().collect();
        entries.retain(|entry| passing.contains(&entry.facts.entry_uuid));
        Ok(entries)
    }

    fn folders_of(&mut self, selector: &Selector) -> Result<QueryAnswer, StoreError> {
        let entries = self.selected(selector, ObjectKind::DocumentEntry)?;
        let ids: Vec<EntryUuid> = entries.iter().map(|object| object.entry_uuid).collect();
        let asked: HashSet<EntryUuid> = ids.iter().copied().collect();
        let memberships = self.touching(&ids)?.into_iter().filter(|a| {
            a.association_type == AssociationType::HasMember && asked.contains(&a.target)
        });
        let sources: Vec<EntryUuid> = memberships.map(|a| a.source).collect();
        let sources = fetch::objects(self.sql, &sources)?;
        let folders = self.folders(&sources)?;
        Ok(QueryAnswer { folders, ..QueryAnswer::default() })
    }

    /// The documents at the other ends of wanted relationships, and what they are related to;
    /// nothing at all where there is no relationship.
    fn related(&mut self, get: &GetRelatedDocuments) -> Result<QueryAnswer, StoreError> {
        let initial = self.selected(&get.document, ObjectKind::DocumentEntry)?;
        let ids: Vec<EntryUuid> = initial.iter().map(|object| object.entry_uuid).collect();
        let mut relationships = self.touching(&ids)?;
        relationships.retain(|a| {
            a.association_type != AssociationType::HasMember
                && get.association_types.contains(&a.association_type)
        });
        let ends = relationships.iter().flat_map(|a| [a.source, a.target]);
        let ends: HashSet<EntryUuid> = ends.collect();
        let ends: Vec<EntryUuid> = ends.into_iter().collect();
        let ends = fetch::objects(self.sql, &ends)?;
        let mut entries = self.entries(&ends)?;
        let wanted = |kind: ObjectType| get.object_type.contains(&kind);
        entries.retain(|entry| {
            ids.contains(&entry.facts.entry_uuid) || wanted(entry.facts.object_type)
        });
        let mut answer = QueryAnswer { entries, ..QueryAnswer::default() };
        answer.associations = connected(&answer, relationships);
        if answer.associations.is_empty() { Ok(QueryAnswer::default()) } else { Ok(answer) }
    }
}

/// The associations whose both ends are answered, be they associations themselves.
fn connected(
    answer: &QueryAnswer,
    mut candidates: Vec<ExistingAssociation>,
) -> Vec<FoundAssociation> {
    let packages = answer.submission_sets.iter().chain(&answer.folders);
    let packages = packages.map(|package| package.facts.entry_uuid);
    let mut answered: HashSet<EntryUuid> =
        uuids(&answer.entries).into_iter().chain(packages).collect();
    let mut connected = Vec::new();
    loop {
        let (fit, rest): (Vec<_>, Vec<_>) = candidates
            .into_iter()
            .partition(|a| answered.contains(&a.source) && answered.contains(&a.target));
        candidates = rest;
        if fit.is_empty() {
            return connected;
        }
        for association in fit {
            if answered.insert(association.entry_uuid) {
                connected.push(found(association));
            }
        }
    }
}

fn uuids(entries: &[FoundEntry]) -> Vec<EntryUuid> {
    entries.iter().map(|entry| entry.facts.entry_uuid).collect()
}

fn found(association: ExistingAssociation) -> FoundAssociation {
    FoundAssociation {
        facts: AssociationFacts {
            entry_uuid: association.entry_uuid,
            association_type: association.association_type,
            source: association.source,
            target: association.target,
            availability_status: association.availability_status,
            submission_set_status: association.submission_set_status,
            home_community_id: None,
        },
        content: association.content,
    }
}

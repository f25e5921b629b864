//! Rules over the whole of a submission (ITI TF-2 3.42.4.1.3.1 and 3.42.4.1.4): each a function,
//! each refusing with the profile's own code.

use super::Submission;
use crate::error::{XdsError, XdsErrorCode};
use crate::metadata::{AssociationType, ObjectId, SubmissionSetStatus};
use std::collections::{HashMap, HashSet};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    SubmissionSet,
    DocumentEntry,
    Folder,
    Association,
}

struct Checked<'s> {
    submission: &'s Submission,
    kinds: HashMap<&'s ObjectId, Kind>,
    errors: &'s mut Vec<XdsError>,
}

pub(super) fn check(submission: &Submission, errors: &mut Vec<XdsError>) {
    let mut checked = Checked { submission, kinds: HashMap::new(), errors };
    checked.ids_are_unique();
    checked.brings_something();
    checked.unique_ids_occur_once();
    checked.one_patient();
    checked.no_operations();
    checked.everything_belongs_to_the_set();
    checked.endpoints();
}

pub(super) fn check_identity(submission: &Submission, errors: &mut Vec<XdsError>) {
    let mut checked = Checked { submission, kinds: HashMap::new(), errors };
    checked.ids_are_unique();
    checked.unique_ids_occur_once();
    checked.one_patient();
}

impl<'s> Checked<'s> {
    fn refuse(&mut self, code: XdsErrorCode, context: String, at: &ObjectId) {
        self.errors.push(XdsError::new(code, context).at(at.to_string()));
    }

    fn metadata(&mut self, context: String, at: &ObjectId) {
        self.refuse(XdsErrorCode::RegistryMetadata, context, at);
    }

    fn ids_are_unique(&mut self) {
        let submission = self.submission;
        let entries = submission.document_entries.iter().map(|x| (&x.id, Kind::DocumentEntry));
        let folders = submission.folders.iter().map(|x| (&x.id, Kind::Folder));
        let associations = submission.associations.iter().map(|x| (&x.id, Kind::Association));
        let set = std::iter::once((&submission.submission_set.id, Kind::SubmissionSet));
        for (id, kind) in set.chain(entries).chain(folders).chain(associations) {
            if self.kinds.insert(id, kind).is_some() {
                self.metadata(format!("the id {id} is used by two objects of the submission"), id);
            }
        }
    }

    fn brings_something(&mut self) {
        let submission = self.submission;
        let adds_to_folder = submission.associations.iter().any(|association| {
            association.association_type == AssociationType::HasMember
                && association.source != submission.submission_set.id
        });
        let references = submission.associations.iter().any(|association| {
            association.submission_set_status == Some(SubmissionSetStatus::Reference)
        });
        let empty = submission.document_entries.is_empty() && submission.folders.is_empty();
        if empty && !adds_to_folder && !references {
            let context = "a submission brings at least one DocumentEntry, Folder or membership";
            self.metadata(context.to_owned(), &submission.submission_set.id);
        }
    }

    fn unique_ids_occur_once(&mut self) {
        let submission = self.submission;
        let set = &submission.submission_set;
        let set = std::iter::once((set.unique_id.as_str(), &set.id));
        let entries = submission.document_entries.iter().map(|x| (x.unique_id.as_str(), &x.id));
        let folders = submission.folders.iter().map(|x| (x.unique_id.as_str(), &x.id));
        let mut seen = HashSet::new();
        for (unique_id, id) in set.chain(entries).chain(folders) {
            if !seen.insert(unique_id) {
                let context = format!("the uniqueId {unique_id} occurs twice in the submission");
                self.refuse(XdsErrorCode::RegistryDuplicateUniqueIdInMessage, context, id);
            }
        }
    }

    fn one_patient(&mut self) {
        let submission = self.submission;
        let patient = &submission.submission_set.patient_id;
        let entries = submission.document_entries.iter().map(|x| (&x.patient_id, &x.id));
        let folders = submission.folders.iter().map(|x| (&x.patient_id, &x.id));
        for (other, id) in entries.chain(folders) {
            if other != patient {
                let context = format!("the patientId of {id} differs from the SubmissionSet's");
                self.refuse(XdsErrorCode::PatientIdDoesNotMatch, context, id);
            }
        }
    }

    fn no_operations(&mut self) {
        for association in &self.submission.associations {
            if let Some(slot) = association.operation.first() {
                let context = format!(
                    "the Slot {} belongs to a metadata update: send it by ITI-57 or ITI-92",
                    slot.name
                );
                self.metadata(context, &association.id);
            }
        }
    }

    /// Each entry, folder and folder membership hangs on the SubmissionSet by a HasMember.
    fn everything_belongs_to_the_set(&mut self) {
        let submission = self.submission;
        let set = &submission.submission_set.id;
        let members = submission.associations.iter().filter(|association| {
            association.association_type == AssociationType::HasMember && association.source == *set
        });
        let members: Vec<_> = members.collect();
        for entry in &submission.document_entries {
            let held = members.iter().filter(|member| member.target == entry.id);
            let mut held = held.map(|member| member.submission_set_status).peekable();
            if held.peek().is_none() {
                let context = format!("no HasMember links the SubmissionSet to {}", entry.id);
                self.metadata(context, &entry.id);
            } else if held.any(|status| status != Some(SubmissionSetStatus::Original)) {
                self.metadata(
                    format!("the HasMember to {} needs the Slot SubmissionSetStatus with the value Original", entry.id),
                    &entry.id,
                );
            }
        }
        let memberships = submission.associations.iter().filter(|association| {
            association.association_type == AssociationType::HasMember
                && (self.kinds.get(&association.source) == Some(&Kind::Folder)
                    || (!self.kinds.contains_key(&association.source)
                        && association.source.uuid().is_some()))
        });
        let needed = submission.folders.iter().map(|folder| &folder.id);
        let needed: Vec<_> = needed.chain(memberships.map(|membership| &membership.id)).collect();
        let members: HashSet<_> = members.iter().map(|member| &member.target).collect();
        for id in needed {
            if !members.contains(id) {
                self.metadata(format!("no HasMember links the SubmissionSet to {id}"), id);
            }
        }
    }

    /// Both ends of each association exist (here or, by UUID, in the registry) and fit its type.
    fn endpoints(&mut self) {
        let submission = self.submission;
        for association in &submission.associations {
            let (source, target) = (&association.source, &association.target);
            for end in [source, target] {
                if end.uuid().is_none() && !self.kinds.contains_key(end) {
                    let context =
                        format!("the symbolic id {end} names no object of the submission");
                    self.refuse(XdsErrorCode::UnresolvedReference, context, &association.id);
                }
            }
            if source == target {
                let context = format!("an association leads from {source} to itself");
                self.metadata(context, &association.id);
            }
            if target == &submission.submission_set.id {
                self.metadata(
                    "a SubmissionSet is never the target of an association".to_owned(),
                    &association.id,
                );
            }
            if association.association_type == AssociationType::HasMember {
                self.membership_fits(association);
            } else {
                self.relationship_fits(association);
            }
        }
    }

    fn membership_fits(&mut self, association: &crate::metadata::Association) {
        let source = self.kinds.get(&association.source).copied();
        let target = self.kinds.get(&association.target).copied();
        let fits = matches!(
            (source, target),
            (Some(Kind::SubmissionSet), _)
                | (Some(Kind::Folder) | None, Some(Kind::DocumentEntry) | None)
        );
        if !fits {
            let rule =
                "HasMember leads from the SubmissionSet, or from a Folder to a DocumentEntry";
            self.metadata(rule.to_owned(), &association.id);
        }
    }

    /// The source of a relationship is a new document; what it replaces is a registered one.
    fn relationship_fits(&mut self, association: &crate::metadata::Association) {
        use AssociationType as T;
        let kind = association.association_type;
        if matches!(kind, T::UpdateAvailabilityStatus | T::SubmitAssociation) {
            let rule = "metadata update operations are not part of this transaction (ITI-57)";
            return self.metadata(rule.to_owned(), &association.id);
        }
        if self.kinds.get(&association.source) != Some(&Kind::DocumentEntry) {
            let context = format!(
                "the sourceObject of {} is not a DocumentEntry of the submission",
                kind.urn()
            );
            self.refuse(XdsErrorCode::UnresolvedReference, context, &association.id);
        }
        let transforms_addendum = kind == T::Transforms
            && self.submission.associations.iter().any(|other| {
                other.association_type == T::Appends && other.source == association.target
            });
        if transforms_addendum {
            let rule = "an addendum is not transformed: transform the document that it belongs to";
            self.metadata(rule.to_owned(), &association.id);
        }
        let target = self.kinds.get(&association.target).copied();
        let new_target_allowed = matches!(kind, T::Transforms | T::Appends | T::Signs);
        let fits = match target {
            None => true,
            Some(Kind::DocumentEntry) => new_target_allowed,
            Some(Kind::SubmissionSet) => kind == T::Signs,
            Some(_) => false,
        };
        if !fits {
            let context =
                format!("the targetObject of {} is not a registered DocumentEntry", kind.urn());
            self.refuse(XdsErrorCode::UnresolvedReference, context, &association.id);
        }
    }
}

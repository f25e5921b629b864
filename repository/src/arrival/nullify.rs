//! Withdrawals: what a publisher has taken back is in no answer from that moment, and is kept.
//!
//! parentDocument/id decides which document it is, then the set. Each step can be taken again: what a
//! crash left under way is finished at the next start, or when the message comes again.

use super::papers::registered;
use super::versions::{SetMember, members_of_set};
use super::{Arrival, Disposition, beside, compose, unable};
use crate::Repository;
use crate::front_door::{Nullified, Said, Stage, WithdrawnEntry};
use node::actors::CallContext;
use schemas::cda::{Nullification, NullificationReason, patient_number};
use schemas::dtm::Dtm;
use schemas::entry_uuid::EntryUuid;
use schemas::error::{XdsError, XdsErrorCode};
use schemas::hl7::PatientId;
use schemas::itk::{ItkErrorCode, ItkFault, Manifested};
use schemas::metadata::ids::slot;
use schemas::metadata::{
    Association, AssociationType, AvailabilityStatus, Code, FoundEntry, ObjectId,
};
use schemas::ods_code::OdsCode;
use schemas::oid::{self, Oid};
use schemas::query::StoredQuery;
use schemas::submission::Submission;
use schemas::submission::assemble::{SOURCE_BRANCH, SetParts, assemble};
use schemas::unique_id::UniqueId;
use schemas::wire::Slot;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Takes a withdrawal in.
pub(super) async fn receive(
    repository: &Repository,
    arrival: &Arrival,
    payload: &Manifested,
    nullification: &Nullification,
    call: &CallContext,
) -> Result<Disposition, ItkFault> {
    let victim = &nullification.victim;
    if victim.unique_id.is_none() && victim.set_id.is_none() {
        let what =
            "the nullification names no document: relatedDocument/parentDocument/id, or a setId";
        return Err(ItkFault::invalid(format!("payload {}: {what}", payload.id)));
    }
    let said = Said {
        envelope: arrival.envelope.clone(),
        digest: Sha256::digest(&payload.bytes).iter().map(|byte| format!("{byte:02x}")).collect(),
        unique_id: victim.unique_id.clone(),
        set_id: victim.set_id.clone(),
        version: nullification.version,
        wrong_patient: nullification.reason == Some(NullificationReason::WrongPatient),
    };
    let until = repository.clock.now()
        + jiff::SignedDuration::from_hours(24 * i64::from(repository.rules.held_days));
    let (now, until) = (repository.clock.dtm(), Dtm::from_timestamp(until));
    let kept = repository.front_door.nullification(said, payload.bytes.clone(), now, until);
    let kept = kept.await.map_err(unable)?;
    match kept.stage {
        Stage::Applied => return Ok(told(&kept, Vec::new())),
        Stage::Applying => return apply(repository, &kept, kept.entries.clone(), call).await,
        Stage::Waiting | Stage::Refused | Stage::Expired => {}
    }
    let mut found = victims(repository, nullification, &kept.said, call).await?;
    // What was taken out of a document, or came beside it, goes with it.
    let inside = found.iter().flat_map(|entry| beside::unique_ids(&entry.facts.unique_id));
    let inside: Vec<UniqueId> = inside.collect();
    if !inside.is_empty() {
        found.extend(registered(repository, StoredQuery::documents(inside), call).await?);
    }
    let notes = contradictions(repository, arrival, nullification, &found);
    if found.is_empty() {
        repository
            .front_door
            .advance(kept.id, Stage::Waiting, Vec::new(), repository.clock.dtm())
            .await
            .map_err(unable)?;
        return Ok(Disposition::Held { until: kept.until, notes });
    }
    let entries: Vec<WithdrawnEntry> = found.iter().map(entry).collect();
    let disposition = apply(repository, &kept, entries, call).await?;
    Ok(match disposition {
        Disposition::Withdrawn { unique_id, patient_id, wrong_patient, .. } => {
            Disposition::Withdrawn { unique_id, patient_id, wrong_patient, notes }
        }
        other => other,
    })
}

/// The document that is meant; of a wrong patient, every version of it in that record.
async fn victims(
    repository: &Repository,
    nullification: &Nullification,
    said: &Said,
    call: &CallContext,
) -> Result<Vec<FoundEntry>, ItkFault> {
    let mut found = Vec::new();
    if let Some(id) = &said.unique_id {
        found = registered(repository, StoredQuery::documents(vec![id.clone()]), call).await?;
    }
    let patient = match found.first() {
        Some(named) => Some(named.facts.patient_id.clone()),
        None => patient_number(&nullification.header).ok().map(|(n, _)| PatientId::Nhs(n)),
    };
    let (Some(patient), Some(set)) = (patient, &said.set_id) else { return Ok(found) };
    if !found.is_empty() && !said.wrong_patient {
        return Ok(found);
    }
    let members = members_of_set(repository, &patient, set, call).await?;
    let mut members: Vec<SetMember> =
        members.into_iter().filter(|member| member.version < said.version).collect();
    if !said.wrong_patient {
        // The current one where there is one, else the last that was.
        let last = members.into_iter().max_by_key(|member| (member.is_approved(), member.version));
        members = last.into_iter().collect();
    }
    let known: Vec<EntryUuid> = found.iter().map(|entry| entry.facts.entry_uuid).collect();
    let members = members.into_iter().map(|member| member.found);
    found.extend(members.filter(|entry| !known.contains(&entry.facts.entry_uuid)));
    Ok(found)
}

/// Interaction, codes and text of withdrawals contradict each other; this is told, not acted on.
fn contradictions(
    repository: &Repository,
    arrival: &Arrival,
    nullification: &Nullification,
    found: &[FoundEntry],
) -> Vec<String> {
    let victim_type = found.first().map(|entry| entry.facts.type_code.as_str());
    let interaction = arrival.envelope.interaction.as_deref();
    let contradiction = nullification.contradicts(interaction, victim_type, &repository.code_sets);
    let mut notes: Vec<String> = nullification
        .warnings
        .iter()
        .chain(&contradiction)
        .map(|warning| format!("{}: {warning}", warning.code()))
        .collect();
    if !arrival.envelope.is_nullification() {
        notes.push(
            "NULLIFICATION_INTERACTION: the document withdraws, the interaction does not say so"
                .to_owned(),
        );
    }
    let named = patient_number(&nullification.header).ok().map(|(n, _)| PatientId::Nhs(n));
    if found.iter().any(|entry| named.as_ref().is_some_and(|n| *n != entry.facts.patient_id)) {
        notes.push(
            "NULLIFICATION_PATIENT: it names another patient than the document is about".to_owned(),
        );
    }
    notes
}

fn entry(found: &FoundEntry) -> WithdrawnEntry {
    let facts = &found.facts;
    let read = found.read();
    let created = read.and_then(|entry| entry.creation_time);
    WithdrawnEntry {
        entry_uuid: Some(facts.entry_uuid.to_string()),
        unique_id: facts.unique_id.to_string(),
        repository_unique_id: facts.repository_unique_id.to_string(),
        patient_id: facts.patient_id.text(),
        type_code: facts.type_code.clone(),
        practice_setting: facts.practice_setting.clone(),
        publisher_ods: facts.publisher_ods.clone(),
        creation_time: created.map(|time| time.to_string()),
        recipients: facts.recipients.clone(),
    }
}

/// Out of the index, out of reach, on the books; in that order, each durable.
async fn apply(
    repository: &Repository,
    nullified: &Nullified,
    entries: Vec<WithdrawnEntry>,
    call: &CallContext,
) -> Result<Disposition, ItkFault> {
    let door = &repository.front_door;
    let publisher = &nullified.said.envelope.publisher;
    let now = || repository.clock.dtm();
    door.advance(nullified.id, Stage::Applying, entries.clone(), now()).await.map_err(unable)?;
    if let Some(update) = update(repository, nullified, &entries) {
        let errors = repository.update.update(update, call).await;
        let errors = errors.map_err(|error| {
            let what = format!("the registry cannot be reached ({error}): send the message again");
            ItkFault::new(ItkErrorCode::TemporarilyUnable, what)
        })?;
        if let Some(error) = errors.iter().find(|error| error.is_error()) {
            let others = entries.iter().any(|e| e.publisher_ods.as_ref() != Some(publisher));
            if !is_temporary(error) {
                door.advance(nullified.id, Stage::Refused, entries, now()).await.map_err(unable)?;
            }
            return Err(refusal(error, others));
        }
    }
    let keys = entries.iter().filter_map(WithdrawnEntry::key).collect();
    repository.index.nullify(keys, now().to_string()).await.map_err(unable)?;
    door.advance(nullified.id, Stage::Applied, entries.clone(), now()).await.map_err(unable)?;
    Ok(told(&Nullified { entries, ..nullified.clone() }, Vec::new()))
}

fn is_temporary(error: &XdsError) -> bool {
    matches!(
        error.code,
        XdsErrorCode::RegistryBusy | XdsErrorCode::Registry | XdsErrorCode::RegistryNotAvailable
    )
}

fn refusal(error: &XdsError, others: bool) -> ItkFault {
    if is_temporary(error) {
        return ItkFault::new(ItkErrorCode::TemporarilyUnable, error.to_string());
    }
    if others {
        let what = "the document was published by another organisation: only its publisher, or one with a co-authoring agreement, may withdraw it";
        return ItkFault::denied(what);
    }
    ItkFault::invalid(error.to_string())
}

fn told(nullified: &Nullified, notes: Vec<String>) -> Disposition {
    let first = nullified.entries.first();
    let named = nullified.said.unique_id.as_ref().map(UniqueId::to_string);
    Disposition::Withdrawn {
        unique_id: first.map(|entry| entry.unique_id.clone()).or(named).unwrap_or_default(),
        patient_id: first.map(|entry| entry.patient_id.clone()),
        wrong_patient: nullified.said.wrong_patient,
        notes,
    }
}

/// The metadata update that takes entries out of every answer; none where none is indexed.
fn update(
    repository: &Repository,
    nullified: &Nullified,
    entries: &[WithdrawnEntry],
) -> Option<Submission> {
    let publisher = &nullified.said.envelope.publisher;
    let patient_id = PatientId::parse(&entries.first()?.patient_id).ok()?;
    let targets: Vec<EntryUuid> = entries
        .iter()
        .filter_map(|entry| EntryUuid::parse(entry.entry_uuid.as_deref()?).ok())
        .collect();
    if targets.is_empty() {
        return None;
    }
    let other = Code::new("419891008", oid::SNOMED_CT, "Record artifact");
    let mut submission = assemble(
        SetParts {
            unique_id: set_unique_id(publisher, &nullified.said.digest),
            source_id: publisher.oid_under(&repository.oid_root, SOURCE_BRANCH),
            submission_time: repository.clock.dtm(),
            author: compose::author(publisher),
            intended_recipient: Vec::new(),
            title: Some("Nullification".to_owned()),
            content_type_code: other,
            patient_id,
        },
        Vec::new(),
    );
    let reason = if nullified.said.wrong_patient { "02" } else { "01" };
    submission.submission_set.extra.push(Slot::one(slot::NULLIFIED, reason));
    submission.stamp_publisher(publisher);
    let source = submission.submission_set.id.clone();
    let status = |(n, target): (usize, EntryUuid)| Association {
        id: ObjectId::Symbolic(format!("Withdrawal{:02}", n + 1)),
        association_type: AssociationType::UpdateAvailabilityStatus,
        source: source.clone(),
        target: ObjectId::Uuid(target),
        submission_set_status: None,
        documentation: None,
        operation: vec![
            Slot::one(slot::ORIGINAL_STATUS, AvailabilityStatus::Approved.urn()),
            Slot::one(slot::NEW_STATUS, AvailabilityStatus::Deprecated.urn()),
        ],
        extra: Vec::new(),
    };
    submission.associations = targets.into_iter().enumerate().map(status).collect();
    Some(submission)
}

/// Drawn anew: a withdrawal that is carried out again is no conflict with itself.
fn set_unique_id(publisher: &OdsCode, digest: &str) -> Oid {
    let name = format!("{publisher} {digest} {}", node::ids::uuid());
    Oid::from_uuid(Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()))
}

/// The nullification that a document of a publisher comes after; `Err` where it only covers an
/// earlier version of a set that was withdrawn by its id.
pub(super) async fn before_its_document(
    repository: &Repository,
    publisher: &OdsCode,
    unique_id: &UniqueId,
    set: Option<(String, u32)>,
) -> Result<Option<(Nullified, bool)>, ItkFault> {
    let found = repository.front_door.nullifies(publisher.clone(), unique_id.clone(), set);
    let found = found.await.map_err(unable)?;
    let named = |n: &&Nullified| n.said.unique_id.as_ref() == Some(unique_id);
    if let Some(exact) = found.iter().find(named) {
        return Ok(Some((exact.clone(), true)));
    }
    // One that names a document by its id waits for that one.
    let by_set = |n: &&Nullified| n.stage == Stage::Waiting && n.said.unique_id.is_none();
    if let Some(by_set) = found.iter().find(by_set) {
        return Ok(Some((by_set.clone(), true)));
    }
    Ok(found.into_iter().next().map(|nullified| (nullified, false)))
}

/// A document that was registered as withdrawn from the first: its nullification is applied.
pub(super) async fn arrived(
    repository: &Repository,
    nullified: &Nullified,
    entry: WithdrawnEntry,
    call: &CallContext,
) -> Result<Disposition, ItkFault> {
    let nullified = Nullified { entries: vec![entry.clone()], ..nullified.clone() };
    apply(repository, &nullified, vec![entry], call).await
}

/// Finishes what a stopped process left under way, and lets go what nobody sent a document for;
/// returns the latter.
pub(super) async fn attend(repository: &Repository) -> Result<Vec<Nullified>, ItkFault> {
    let door = &repository.front_door;
    let call = CallContext { correlation_id: node::ids::uuid() };
    for under_way in door.nullifications(Some(Stage::Applying)).await.map_err(unable)? {
        let names = vec![under_way.said.digest.clone()];
        let _turn = repository.turns.of(names).await;
        let entries = under_way.entries.clone();
        apply(repository, &under_way, entries, &call).await?;
    }
    let now = repository.clock.dtm();
    let waiting = door.nullifications(Some(Stage::Waiting)).await.map_err(unable)?;
    let mut expired: Vec<Nullified> = waiting;
    expired.retain(|nullified| nullified.until.as_str() < now.as_str());
    for nullified in &expired {
        let entries = Vec::new();
        door.advance(nullified.id, Stage::Expired, entries, now.clone()).await.map_err(unable)?;
    }
    Ok(expired)
}

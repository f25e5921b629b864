//! The front door: one message from one sender, however it came, to what became of it.
//!
//! The road is the same for ITK, the watched folder and the upload: duplicates, identity, mapping,
//! versions, ceilings, provide, acknowledge, quality. Each stage is a module with a pure core. A
//! message is registered whole, put into quarantine whole, or refused whole.

mod beside;
mod compose;
pub(crate) mod duplicates;
mod extracted;
mod identify;
mod nullify;
mod papers;
mod process;
mod quarantine;
mod retrace;
mod rules;
mod turns;
mod versions;

pub use extracted::Extract;
pub use identify::allowance;
pub use quarantine::attend;
pub use retrace::retrace;
pub use rules::{Rules, UnknownTypes};
pub use turns::Turns;

use crate::front_door::{MessageKey, Nullified, Reason, WithdrawnEntry};
use crate::provide::Provided;
use crate::{Repository, acknowledge, provide, quality};
use compose::Composed;
use duplicates::Recurrence;
use node::actors::CallContext;
use node::sqlite::SqliteError;
use papers::{Contents, Stop};
use schemas::cda::CdaHeader;
use schemas::described::Description;
use schemas::error::{XdsError, XdsErrorCode};
use schemas::itk::{Deviation, ItkErrorCode, ItkFault, Manifested, Warning};
use schemas::metadata::ObjectId;
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use schemas::submission::Submission;
use serde::{Deserialize, Serialize};

/// How a message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Route {
    Itk,
    Folder,
    Upload,
}

impl Route {
    pub fn name(self) -> &'static str {
        match self {
            Self::Itk => "itk",
            Self::Folder => "folder",
            Self::Upload => "upload",
        }
    }
}

/// Which acknowledgements a sender asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wished {
    pub infrastructure: bool,
    pub business: bool,
}

/// What a message says of itself beside its documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    pub route: Route,
    /// The organisation of the certificate, or of the watched folder; never what the envelope says.
    pub publisher: OdsCode,
    /// Upper case.
    pub tracking_id: String,
    pub service: String,
    /// Without its URN prefix.
    pub interaction: Option<String>,
    pub addresses: Vec<String>,
    pub sender_address: Option<String>,
    pub audit_identities: Vec<String>,
    pub wished: Wished,
    /// Whether its answer is a Distribution Envelope on its own connection (sendRecvDistEnvelope).
    #[serde(default)]
    pub synchronous: bool,
    /// What the sender says of a document that does not speak for itself; such a message has no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Description>,
}

impl Envelope {
    /// Whether the interaction withdraws a document instead of bringing one.
    pub fn is_nullification(&self) -> bool {
        self.interaction.as_deref().is_some_and(|name| name.starts_with("nullify"))
    }
}

/// One message from one sender.
#[derive(Clone, Debug)]
pub struct Arrival {
    pub envelope: Envelope,
    pub payloads: Vec<Manifested>,
    /// What a strict receiver would have refused.
    pub warnings: Vec<String>,
}

/// What became of a message. Everything but a fault is durable, and the sender is told OK.
#[derive(Clone, Debug)]
pub enum Disposition {
    Registered {
        submission: Box<Submission>,
        warnings: Vec<XdsError>,
        /// What was done beyond the sender's words.
        notes: Vec<String>,
    },
    /// The same message again: answered as before, nothing stored.
    Replayed,
    /// Documents that are registered already, for further recipients.
    Distributed {
        submission: Box<Submission>,
        notes: Vec<String>,
    },
    /// A document was nullified.
    Withdrawn {
        unique_id: String,
        /// CX form.
        patient_id: Option<String>,
        /// It was in another patient's record: an incident.
        wrong_patient: bool,
        notes: Vec<String>,
    },
    /// A nullification that came before its document.
    Held {
        until: String,
        notes: Vec<String>,
    },
    Quarantined {
        quarantine_id: i64,
        reason: Reason,
    },
}

impl Disposition {
    fn note(&mut self, note: &str) {
        match self {
            Self::Registered { notes, .. }
            | Self::Distributed { notes, .. }
            | Self::Withdrawn { notes, .. }
            | Self::Held { notes, .. } => notes.push(note.to_owned()),
            Self::Replayed | Self::Quarantined { .. } => {}
        }
    }

    /// The word in the store.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Registered { .. } => "registered",
            Self::Replayed => "replayed",
            Self::Distributed { .. } => "distributed",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Held { .. } => "held",
            Self::Quarantined { .. } => "quarantined",
        }
    }
}

/// What an operator has decided about a message in quarantine.
#[derive(Clone, Debug, Default)]
pub(crate) struct Resolution {
    /// An operator has looked at the document.
    pub resolved: bool,
    /// Whose it is.
    pub number: Option<NhsNumber>,
    /// Name and birth date were compared by a person.
    pub despite_mismatch: bool,
}

/// Takes a message in.
pub async fn receive(
    repository: &Repository,
    arrival: Arrival,
    call: &CallContext,
) -> Result<Disposition, ItkFault> {
    let disposition = arrive(repository, &arrival, call).await;
    quality::record(repository, &arrival, disposition.as_ref()).await;
    let disposition = disposition?;
    acknowledge::acknowledge(repository, &arrival, &disposition).await?;
    Ok(disposition)
}

async fn arrive(
    repository: &Repository,
    arrival: &Arrival,
    call: &CallContext,
) -> Result<Disposition, ItkFault> {
    let contents = papers::read(arrival)?;
    let _turn = repository.turns.of(names(arrival, &contents)).await;
    let key = duplicates::key(arrival);
    let known = repository.front_door.answered(key.publisher.clone(), key.tracking_id.clone());
    let recurrence = duplicates::recurrence(&known.await.map_err(unable)?, &key);
    if recurrence == Recurrence::Replay {
        return Ok(Disposition::Replayed);
    }
    if recurrence == Recurrence::Reused && repository.rules.strict {
        return Err(ItkFault::invalid(format!(
            "{}: this hub is strict ([itk] strict), each message needs a trackingid of its own",
            reused()
        )));
    }
    let taken = match contents {
        Contents::Documents(papers) => {
            take(repository, arrival, papers, &Resolution::default(), call).await
        }
        Contents::Withdrawal(payload, nullification) => {
            let done = nullify::receive(repository, arrival, payload, &nullification, call).await;
            done.map_err(Stop::Refused)
        }
    };
    let mut disposition = match taken {
        Ok(disposition) => disposition,
        Err(Stop::Quarantine(doubt)) => {
            return quarantine::keep(repository, arrival, key, doubt).await;
        }
        Err(Stop::Refused(fault)) => return Err(fault),
    };
    if recurrence != Recurrence::New {
        disposition.note(&reused());
    }
    remember(repository, key, &disposition).await;
    Ok(disposition)
}

fn reused() -> String {
    Warning::from(Deviation::TrackingIdReused).to_string()
}

/// What a message must not be taken in beside.
fn names(arrival: &Arrival, contents: &Contents<'_>) -> Vec<String> {
    let envelope = &arrival.envelope;
    let mut names = vec![format!("{} {}", envelope.publisher, envelope.tracking_id)];
    let headers: Vec<&CdaHeader> = match contents {
        Contents::Documents(papers) => {
            let notices = papers.iter().filter_map(|paper| paper.document.notice());
            names.extend(notices.flat_map(|notice| notice.references()));
            papers.iter().map(|paper| paper.document.header()).collect()
        }
        Contents::Withdrawal(_, nullification) => vec![&nullification.header],
    };
    for header in headers {
        let parent = header.parent.iter().flat_map(|parent| &parent.id);
        let ids = parent.chain([&header.id]).map(|id| id.root.to_ascii_lowercase());
        names.extend(ids.chain(header.set_id.as_ref().map(|set| set.to_ascii_lowercase())));
    }
    names
}

/// By what a message is told from others under its tracking id.
pub(crate) fn digest(arrival: &Arrival) -> String {
    duplicates::key(arrival).digest
}

async fn remember(repository: &Repository, key: MessageKey, disposition: &Disposition) {
    let now = repository.clock.dtm().to_string();
    if let Err(error) = repository.front_door.remember(key, disposition.name(), now).await {
        // What is registered is recognised by its own identity when it comes again.
        tracing::warn!(%error, "an answered message is not remembered");
    }
}

/// The road behind the gate: documents to a registered submission.
async fn take(
    repository: &Repository,
    arrival: &Arrival,
    papers: Vec<papers::Paper<'_>>,
    resolution: &Resolution,
    call: &CallContext,
) -> Result<Disposition, Stop> {
    let envelope = &arrival.envelope;
    let placed = papers::place(repository, envelope, papers, resolution, call).await?;
    let composed = compose::compose(repository, arrival, placed, resolution, call).await?;
    let Composed { submission, documents, superseded, nullified, notes } = composed;
    let copy = Box::new(submission.clone());
    let withdrawn = nullified.iter().map(|(id, _)| id.clone()).collect();
    let provided = Provided { submission, documents, superseded, withdrawn };
    let errors = provide::provide(repository, &envelope.publisher, provided, call).await;
    let replayed =
        errors.iter().any(|error| error.code == XdsErrorCode::DuplicateUniqueIdInRegistry);
    let warnings = refused(errors)?;
    if replayed {
        return Ok(Disposition::Replayed);
    }
    if let Some(withdrawn) = take_back(repository, &copy, nullified, call).await? {
        return Ok(withdrawn);
    }
    if copy.document_entries.is_empty() {
        return Ok(Disposition::Distributed { submission: copy, notes });
    }
    Ok(Disposition::Registered { submission: copy, warnings, notes })
}

/// Applies the nullifications that came before their documents.
async fn take_back(
    repository: &Repository,
    submission: &Submission,
    nullified: Vec<(ObjectId, Nullified)>,
    call: &CallContext,
) -> Result<Option<Disposition>, ItkFault> {
    let mut last = None;
    for (id, nullified) in nullified {
        let entry = submission.document_entries.iter().find(|entry| entry.id == id);
        let Some(entry) = entry else { continue };
        let publisher = &nullified.said.envelope.publisher;
        let entry = WithdrawnEntry {
            entry_uuid: None,
            unique_id: entry.unique_id.to_string(),
            repository_unique_id: repository.unique_ids.of(publisher).to_string(),
            patient_id: entry.patient_id.text(),
            type_code: entry.type_code.code.clone(),
            practice_setting: entry.practice_setting_code.code.clone(),
            publisher_ods: Some(publisher.clone()),
            creation_time: entry.creation_time.as_ref().map(ToString::to_string),
            recipients: Vec::new(),
        };
        last = Some(nullify::arrived(repository, &nullified, entry, call).await?);
    }
    Ok(last)
}

/// The first error as a fault, else the warnings. The SubmissionSet's uniqueId is made from the
/// whole message: the same one again is a replay.
fn refused(errors: Vec<XdsError>) -> Result<Vec<XdsError>, ItkFault> {
    let replay = |error: &&XdsError| error.code == XdsErrorCode::DuplicateUniqueIdInRegistry;
    let failure = errors.iter().filter(|error| error.is_error()).find(|error| !replay(error));
    let Some(error) = failure else { return Ok(errors) };
    let code = match error.code {
        XdsErrorCode::RegistryNotAvailable
        | XdsErrorCode::RegistryBusy
        | XdsErrorCode::RepositoryBusy
        | XdsErrorCode::Registry
        | XdsErrorCode::Repository => ItkErrorCode::TemporarilyUnable,
        _ => ItkErrorCode::InvalidMessage,
    };
    Err(ItkFault::new(code, error.to_string()))
}

/// The front door's own store does not answer; the sender tries again.
fn unable(error: SqliteError) -> ItkFault {
    tracing::error!(%error, "front door store failed");
    let what = "the hub could not keep its books; nothing was changed";
    ItkFault::new(ItkErrorCode::TemporarilyUnable, what)
}

//! The front door: one message from one sender, however it came, to what became of it.
//!
//! The road is the same for ITK, the watched folder and the upload: duplicates, identity, mapping,
//! ceilings, versions, provide, acknowledge, quality. Each stage is a module with a pure core.

mod compose;
mod identify;
mod rules;

pub use rules::{Rules, UnknownTypes};

use crate::front_door::Reason;
use crate::{Repository, acknowledge, provide, quality};
use node::actors::CallContext;
use schemas::error::{XdsError, XdsErrorCode};
use schemas::itk::{ItkErrorCode, ItkFault, Manifested};
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
    },
    /// The same message again: answered as before, nothing stored.
    Replayed,
    /// Documents that are registered already, for further recipients.
    Distributed {
        submission: Box<Submission>,
    },
    /// A document was nullified.
    Withdrawn {
        unique_id: String,
        patient_id: Option<String>,
    },
    /// A nullification that came before its document.
    Held {
        until: String,
    },
    Quarantined {
        quarantine_id: i64,
        reason: Reason,
    },
}

/// Takes a message in.
pub async fn receive(
    repository: &Repository,
    arrival: Arrival,
    call: &CallContext,
) -> Result<Disposition, ItkFault> {
    let disposition = take(repository, &arrival, call).await?;
    acknowledge::acknowledge(repository, &arrival, &disposition).await?;
    quality::record(repository, &arrival, &disposition).await;
    Ok(disposition)
}

async fn take(
    repository: &Repository,
    arrival: &Arrival,
    call: &CallContext,
) -> Result<Disposition, ItkFault> {
    let interaction = arrival.envelope.interaction.as_deref().unwrap_or_default();
    if interaction.starts_with("nullify") {
        let what = "withdrawals (nullify interactions) are not processed by this version of the hub: withdraw the document with the region's operator";
        return Err(ItkFault::new(ItkErrorCode::CannotProcess, what));
    }
    let composed = compose::compose(repository, arrival, call).await?;
    let compose::Composed { submission, documents } = composed;
    let publisher = &arrival.envelope.publisher;
    let copy = Box::new(submission.clone());
    let errors = provide::provide(repository, publisher, submission, documents, call).await;
    let replayed =
        errors.iter().any(|error| error.code == XdsErrorCode::DuplicateUniqueIdInRegistry);
    let warnings = refused(errors)?;
    if replayed {
        return Ok(Disposition::Replayed);
    }
    if copy.document_entries.is_empty() {
        return Ok(Disposition::Distributed { submission: copy });
    }
    Ok(Disposition::Registered { submission: copy, warnings })
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

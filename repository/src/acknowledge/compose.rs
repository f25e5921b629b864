//! The acknowledgements' own envelopes.

use super::Taken;
use super::decision::answer_to;
use crate::Repository;
use crate::arrival::{Arrival, Envelope};
use schemas::itk::{
    AcknowledgementType, AddressKind, AuthorDevice, BusinessResponse, DistributionEnvelope,
    DistributionErrorCode, ErrorInfo, InfrastructureResponse, InfrastructureResult, ItkAddress,
    ItkFault,
};
use uuid::Uuid;

/// The hub behind its organisation's code, in addresses and identities.
const LOCAL: &str = "DOCHUB";

/// What is made once for a message: its tracking id, its payload's id, and its content's own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ids {
    tracking: Uuid,
    payload: Uuid,
    content: Uuid,
}

pub(super) fn fresh() -> Ids {
    Ids { tracking: node::ids::uuid(), payload: node::ids::uuid(), content: node::ids::uuid() }
}

/// The ids of an answer on the request's own connection: the same for the same message.
pub(super) fn derived(envelope: &Envelope, occasion: &str, taken: Taken) -> Ids {
    let made_of = |what: &str| {
        let name = [
            envelope.publisher.as_str(),
            &envelope.tracking_id,
            occasion,
            taken.code().code(),
            what,
        ];
        Uuid::new_v5(&Uuid::NAMESPACE_OID, name.join("|").as_bytes())
    };
    Ids { tracking: made_of("tracking"), payload: made_of("payload"), content: made_of("content") }
}

fn receiver(envelope: &Envelope) -> ItkAddress {
    ItkAddress::new(answer_to(envelope).1, AddressKind::Address)
}

fn sender(repository: &Repository) -> ItkAddress {
    ItkAddress::address(&repository.acknowledging.ods, LOCAL)
}

fn identity(repository: &Repository) -> ItkAddress {
    ItkAddress::identity(&repository.acknowledging.ods, LOCAL)
}

/// Positive, or negative with the code of the part of the envelope that is at fault.
pub(super) fn infrastructure(
    repository: &Repository,
    envelope: &Envelope,
    ids: Ids,
    refused: Option<&ItkFault>,
) -> DistributionEnvelope {
    let errors = refused.map(|fault| {
        let code = fault.distribution_error.unwrap_or(DistributionErrorCode::Envelope);
        ErrorInfo::new(ids.content, code, fault.diagnostic.clone())
    });
    let result = match errors {
        Some(_) => InfrastructureResult::Failure,
        None => InfrastructureResult::Ok,
    };
    let response = InfrastructureResponse {
        result,
        timestamp: Some(repository.clock.now()),
        tracking_id_ref: envelope.tracking_id.clone(),
        service_ref: envelope.service.clone(),
        reporting_identities: vec![identity(repository)],
        errors: errors.into_iter().collect(),
    };
    response.envelope(ids.tracking, ids.payload, receiver(envelope), sender(repository))
}

/// About a message as a whole and each of its manifest items.
pub(super) fn business(
    repository: &Repository,
    arrival: &Arrival,
    ids: Ids,
    code: AcknowledgementType,
) -> DistributionEnvelope {
    let envelope = &arrival.envelope;
    let (to, from) = (receiver(envelope), sender(repository));
    let response = BusinessResponse {
        interaction: envelope.interaction.clone(),
        items: arrival.payloads.iter().map(|payload| (payload.id.clone(), code)).collect(),
        receiver: Some(to.uri.clone()),
        sender: Some(from.uri.clone()),
        author: Some(AuthorDevice {
            system: LOCAL.to_owned(),
            manufacturer_model_name: "Regional hub".to_owned(),
            software_name: "watling".to_owned(),
            organisation: repository.acknowledging.ods.clone(),
            organisation_name: "Document hub".to_owned(),
        }),
        ..BusinessResponse::new(ids.content, repository.clock.now(), code, &envelope.tracking_id)
    };
    response.envelope(ids.tracking, ids.payload, to, from, identity(repository))
}

//! The acknowledgements' own envelopes, put together from what is known of a message.

use super::Taken;
use super::decision::answer_to;
use crate::arrival::{Arrival, Envelope};
use schemas::itk::{
    AcknowledgementType, AddressKind, AuthorDevice, BusinessResponse, DistributionEnvelope,
    DistributionErrorCode, ErrorInfo, InfrastructureResponse, InfrastructureResult, ItkAddress,
    ItkFault,
};
use schemas::ods_code::OdsCode;
use uuid::Uuid;

/// The hub behind its organisation's code, in addresses and identities.
const LOCAL: &str = "DOCHUB";

/// Who answers, and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answerer<'a> {
    /// The organisation that runs the hub.
    pub ods: &'a OdsCode,
    pub now: jiff::Timestamp,
}

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

impl Answerer<'_> {
    fn address(&self) -> ItkAddress {
        ItkAddress::address(self.ods, LOCAL)
    }

    fn identity(&self) -> ItkAddress {
        ItkAddress::identity(self.ods, LOCAL)
    }
}

/// Positive, or negative with the code of the part of the envelope that is at fault.
pub(super) fn infrastructure(
    answerer: Answerer<'_>,
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
        timestamp: Some(answerer.now),
        tracking_id_ref: envelope.tracking_id.clone(),
        service_ref: envelope.service.clone(),
        reporting_identities: vec![answerer.identity()],
        errors: errors.into_iter().collect(),
    };
    response.envelope(ids.tracking, ids.payload, receiver(envelope), answerer.address())
}

/// About a message as a whole and each of its manifest items.
pub(super) fn business(
    answerer: Answerer<'_>,
    arrival: &Arrival,
    ids: Ids,
    code: AcknowledgementType,
) -> DistributionEnvelope {
    let envelope = &arrival.envelope;
    let (to, from) = (receiver(envelope), answerer.address());
    let response = BusinessResponse {
        interaction: envelope.interaction.clone(),
        items: arrival.payloads.iter().map(|payload| (payload.id.clone(), code)).collect(),
        receiver: Some(to.uri.clone()),
        sender: Some(from.uri.clone()),
        author: Some(AuthorDevice {
            system: LOCAL.to_owned(),
            manufacturer_model_name: "Regional hub".to_owned(),
            software_name: "watling".to_owned(),
            organisation: answerer.ods.clone(),
            organisation_name: "Document hub".to_owned(),
        }),
        ..BusinessResponse::new(ids.content, answerer.now, code, &envelope.tracking_id)
    };
    response.envelope(ids.tracking, ids.payload, to, from, answerer.identity())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrival::{Route, Wished};
    use schemas::itk::{Acknowledgement, Manifested};

    const TRACKING_ID: &str = "7E5B9A10-41D2-4F7E-9A51-2B9D0C6E8F33";

    fn arrival() -> Arrival {
        let envelope = Envelope {
            route: Route::Itk,
            publisher: OdsCode::parse("RXN").unwrap(),
            tracking_id: TRACKING_ID.to_owned(),
            service: "urn:nhs-itk:services:201005:SendCDADocument-v2-0".to_owned(),
            interaction: Some("primaryRecipientDischargeReport-v1-0".to_owned()),
            addresses: Vec::new(),
            sender_address: Some("urn:nhs-uk:addressing:ods:RXN:TIE".to_owned()),
            audit_identities: Vec::new(),
            wished: Wished { infrastructure: true, business: true },
            synchronous: false,
            description: None,
        };
        let payload = |id: &str| Manifested::new(id, "text/xml", None, b"<a/>".to_vec());
        let payloads = vec![payload("uuid_1"), payload("uuid_2")];
        Arrival { envelope, payloads, warnings: Vec::new() }
    }

    /// What a receiver reads of an envelope's payload.
    fn read(envelope: &DistributionEnvelope) -> Acknowledgement {
        let message = node::outbox::Message::of(envelope).unwrap();
        assert!(!message.wants_infrastructure_ack && !message.wants_business_ack);
        assert_eq!(message.sender_address, "urn:nhs-uk:addressing:ods:QE1:DOCHUB");
        Acknowledgement::read(message.payload.as_bytes()).unwrap()
    }

    fn with_answerer<T>(compose: impl FnOnce(Answerer<'_>) -> T) -> T {
        let ods = OdsCode::parse("QE1").unwrap();
        compose(Answerer { ods: &ods, now: "2026-07-15T12:00:00Z".parse().unwrap() })
    }

    #[test]
    fn an_infrastructure_acknowledgement_names_the_part_that_is_at_fault_and_its_code() {
        let envelope = &arrival().envelope;
        let of = |fault: Option<&ItkFault>| {
            with_answerer(|answerer| infrastructure(answerer, envelope, fresh(), fault))
        };
        let Acknowledgement::Infrastructure(good) = read(&of(None)) else { panic!() };
        assert!(good.is_positive() && good.errors.is_empty());
        assert_eq!(good.tracking_id_ref, TRACKING_ID);
        assert_eq!(good.service_ref, envelope.service);
        for code in DistributionErrorCode::ALL {
            let fault = ItkFault::in_part(code, "a rule and its element");
            let Acknowledgement::Infrastructure(bad) = read(&of(Some(&fault))) else { panic!() };
            assert!(!bad.is_positive());
            let [error] = &bad.errors[..] else { panic!() };
            assert_eq!(error.distribution_error(), Some(code));
            assert_eq!(error.text, code.text());
            assert_eq!(error.id, error.id.to_uppercase());
            assert!(Uuid::try_parse(&error.id).is_ok());
        }
    }

    #[test]
    fn a_business_acknowledgement_says_the_same_of_the_message_and_each_of_its_items() {
        let arrival = arrival();
        for code in
            [AcknowledgementType::Accept, AcknowledgementType::Error, AcknowledgementType::Reject]
        {
            let composed = with_answerer(|answerer| business(answerer, &arrival, fresh(), code));
            let Acknowledgement::Business(response) = read(&composed) else { panic!() };
            assert_eq!(response.acknowledgement, code);
            let items = [("uuid_1".to_owned(), code), ("uuid_2".to_owned(), code)];
            assert_eq!(response.items, items);
            assert_eq!(response.tracking_id_ref, TRACKING_ID);
            assert_eq!(response.receiver, arrival.envelope.sender_address);
            assert_eq!(response.interaction, arrival.envelope.interaction);
        }
    }

    #[test]
    fn an_answer_on_the_same_connection_has_ids_of_its_message_and_what_became_of_it() {
        let envelope = &arrival().envelope;
        let of = |occasion: &str, taken| {
            let Ids { tracking, payload, content } = derived(envelope, occasion, taken);
            assert!(tracking != payload && payload != content && content != tracking);
            tracking
        };
        assert_eq!(of("a", Taken::Accepted), of("a", Taken::Accepted));
        assert_ne!(of("a", Taken::Accepted), of("b", Taken::Accepted));
        assert_ne!(of("a", Taken::Accepted), of("a", Taken::Quarantined));
    }
}

//! Which acknowledgements a message is owed and where they go, as pure decisions.

use crate::arrival::{Envelope, Route};
use schemas::itk::{AcknowledgementType, BUSINESS_ACK, INFRASTRUCTURE_ACK, SERVICE_PREFIX, ods_of};
use schemas::ods_code::OdsCode;

/// What became of a message, as far as its sender is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Accepted,
    Quarantined,
    Refused,
}

impl Taken {
    pub fn code(self) -> AcknowledgementType {
        match self {
            Self::Accepted => AcknowledgementType::Accept,
            Self::Quarantined => AcknowledgementType::Error,
            Self::Refused => AcknowledgementType::Reject,
        }
    }
}

/// When a sender is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// With the answer to its message.
    Answered,
    /// After it, when something else became of the message.
    Later,
}

/// What has to be sent on connections of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Owed {
    pub infrastructure: bool,
    pub business: Option<AcknowledgementType>,
}

/// What was asked for. Acknowledgements are never acknowledged; folders and uploads have receipts; a
/// synchronous message has one of its acknowledgements in the answer.
pub(super) fn owed(envelope: &Envelope, taken: Taken, when: When) -> Owed {
    let wished = envelope.wished;
    if envelope.route != Route::Itk || is_acknowledgement(envelope) {
        return Owed { infrastructure: false, business: None };
    }
    let in_answer = envelope.synchronous && when == When::Answered;
    Owed {
        infrastructure: wished.infrastructure && (!in_answer || wished.business),
        business: (wished.business && !in_answer).then(|| taken.code()),
    }
}

fn is_acknowledgement(envelope: &Envelope) -> bool {
    let service = envelope.service.strip_prefix(SERVICE_PREFIX).unwrap_or(&envelope.service);
    let interaction = envelope.interaction.as_deref().unwrap_or_default();
    service.starts_with("SendInfrastructureAck-")
        || service.starts_with("SendBusinessAck-")
        || [INFRASTRUCTURE_ACK, BUSINESS_ACK].contains(&interaction)
}

/// Whose endpoint acknowledgements go to, and the address inside them: senderAddress; without an
/// ODS code there, auditIdentity's first; else the certificate's organisation. wsa:ReplyTo and
/// wsa:From are never asked.
pub(super) fn answer_to(envelope: &Envelope) -> (OdsCode, String) {
    let sender = envelope.sender_address.as_deref();
    let identities = envelope.audit_identities.iter().map(String::as_str);
    let named = sender.into_iter().chain(identities).find_map(ods_of);
    let ods = named.unwrap_or_else(|| envelope.publisher.clone());
    let address = sender.filter(|uri| !uri.is_empty()).map(str::to_owned);
    let address = address.unwrap_or_else(|| format!("urn:nhs-uk:addressing:ods:{ods}"));
    (ods, address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrival::Wished;

    fn envelope(infrastructure: bool, business: bool) -> Envelope {
        Envelope {
            route: Route::Itk,
            publisher: OdsCode::parse("RXN").unwrap(),
            tracking_id: "7E5B9A10-41D2-4F7E-9A51-2B9D0C6E8F33".to_owned(),
            service: format!("{SERVICE_PREFIX}SendCDADocument-v2-0"),
            interaction: Some("primaryRecipientDischargeReport-v1-0".to_owned()),
            addresses: vec!["urn:nhs-uk:addressing:ods:ZZP01".to_owned()],
            sender_address: Some("urn:nhs-uk:addressing:ods:XZ9:TIE".to_owned()),
            audit_identities: vec!["urn:nhs-uk:identity:ods:XZ901:1".to_owned()],
            wished: Wished { infrastructure, business },
            synchronous: false,
            description: None,
        }
    }

    #[test]
    fn what_was_asked_for_is_owed_and_nothing_else() {
        for (infrastructure, business) in
            [(false, false), (true, false), (false, true), (true, true)]
        {
            let envelope = envelope(infrastructure, business);
            for taken in [Taken::Accepted, Taken::Quarantined, Taken::Refused] {
                let code = business.then(|| taken.code());
                let expected = Owed { infrastructure, business: code };
                assert_eq!(owed(&envelope, taken, When::Answered), expected);
                assert_eq!(owed(&envelope, taken, When::Later), expected);
            }
        }
        let codes = [Taken::Accepted, Taken::Quarantined, Taken::Refused].map(|t| t.code().code());
        assert_eq!(codes, ["AA", "AE", "AR"]);
    }

    #[test]
    fn an_acknowledgement_is_never_acknowledged() {
        let none = Owed { infrastructure: false, business: None };
        for service in ["SendInfrastructureAck-v1-0", "SendBusinessAck-v1-0"] {
            let service = format!("{SERVICE_PREFIX}{service}");
            let envelope = Envelope { service, ..envelope(true, true) };
            assert_eq!(owed(&envelope, Taken::Accepted, When::Answered), none);
        }
        for interaction in [INFRASTRUCTURE_ACK, BUSINESS_ACK] {
            let interaction = Some(interaction.to_owned());
            let service = format!("{SERVICE_PREFIX}sendDistEnvelope");
            let generic = Envelope { service, interaction, ..envelope(true, true) };
            assert_eq!(owed(&generic, Taken::Accepted, When::Answered), none);
        }
        let folder = Envelope { route: Route::Folder, ..envelope(true, true) };
        assert_eq!(owed(&folder, Taken::Accepted, When::Answered), none);
    }

    #[test]
    fn a_synchronous_message_has_one_of_them_in_its_answer_and_what_comes_later_comes_as_a_call() {
        let of = |infrastructure, business, when| {
            let envelope = Envelope { synchronous: true, ..envelope(infrastructure, business) };
            let Owed { infrastructure, business } = owed(&envelope, Taken::Accepted, when);
            (infrastructure, business.is_some())
        };
        assert_eq!(of(true, false, When::Answered), (false, false));
        assert_eq!(of(false, true, When::Answered), (false, false));
        assert_eq!(of(true, true, When::Answered), (true, false));
        assert_eq!(of(false, true, When::Later), (false, true));
        assert_eq!(of(false, false, When::Later), (false, false));
    }

    #[test]
    fn acknowledgements_go_to_the_sender_address_or_whoever_is_known_next() {
        let xz9 = "urn:nhs-uk:addressing:ods:XZ9:TIE";
        let foreign = "urn:nhs-uk:addressing:AAA:XZ901";
        let identity = "urn:nhs-uk:identity:ods:xz901:1";
        for (sender, identities, ods, address) in [
            (Some(xz9), vec![identity], "XZ9", xz9),
            (None, vec![identity], "XZ901", "urn:nhs-uk:addressing:ods:XZ901"),
            (None, vec!["200000000001", identity], "XZ901", "urn:nhs-uk:addressing:ods:XZ901"),
            (None, vec!["urn:nhs-uk:identity:BBB:X"], "RXN", "urn:nhs-uk:addressing:ods:RXN"),
            (Some(foreign), vec!["urn:nhs-uk:identity:BBB:X"], "RXN", foreign),
        ] {
            let envelope = Envelope {
                sender_address: sender.map(str::to_owned),
                audit_identities: identities.into_iter().map(str::to_owned).collect(),
                ..envelope(true, true)
            };
            let found = answer_to(&envelope);
            assert_eq!((found.0.as_str(), found.1.as_str()), (ods, address));
        }
    }
}

//! WS-Addressing as ITK uses it: the action is the service, and the answer comes back where it was
//! asked.

use super::distribution_error::DistributionErrorCode as De;
use super::manifest::Items;
use super::security::Security;
use super::warning::{Deviation, Warnings};
use super::{ItkFault, SEND, SEND_AND_RECEIVE, SERVICE_PREFIX};
use crate::soap::{ANONYMOUS, Envelope};
use uuid::Uuid;

/// How the sender named the operation; the answer's action is of the same style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionStyle {
    /// wsa:Action is the service's own id.
    Specific,
    /// sendDistEnvelope: an envelope in, a simple answer out.
    Send,
    /// sendRecvDistEnvelope: an envelope in, an envelope out.
    SendAndReceive,
}

impl ActionStyle {
    fn of(action: &str) -> Self {
        match action.strip_prefix(SERVICE_PREFIX) {
            Some(SEND) => Self::Send,
            Some(SEND_AND_RECEIVE) => Self::SendAndReceive,
            _ => Self::Specific,
        }
    }
}

/// wsa:Action, or nothing.
pub(super) fn action(envelope: &Envelope<'_>) -> String {
    envelope.addressing.action.clone().unwrap_or_default()
}

/// The two must be equal; a generic action around a specific service (or the reverse) is forgiven.
pub(super) fn action_is_service(
    envelope: &Envelope<'_>,
    service: &str,
    warnings: &mut Warnings,
) -> Result<ActionStyle, ItkFault> {
    let action = action(envelope);
    if service.is_empty() {
        return Err(ItkFault::in_part(De::Header, "itk:header/@service is required"));
    }
    if action.is_empty() {
        return Err(ItkFault::invalid("wsa:Action is required: it repeats itk:header/@service"));
    }
    let style = ActionStyle::of(&action);
    if action != service {
        if style == ActionStyle::Specific && ActionStyle::of(service) == ActionStyle::Specific {
            return Err(ItkFault::invalid("wsa:Action and itk:header/@service differ"));
        }
        warnings.add(Deviation::ActionStyle);
    }
    let name = service.strip_prefix(SERVICE_PREFIX).unwrap_or_default();
    if name.is_empty() || name == "sendRecvDistEnvelop" {
        let what = format!(
            "itk:header/@service is not known here: it is {SERVICE_PREFIX} and the name of a service, such as {SEND} or {SEND_AND_RECEIVE}"
        );
        return Err(ItkFault::in_part(De::Header, what));
    }
    if let Some(http) = envelope.http_action.as_deref() {
        let http = http.trim().trim_matches('"').trim();
        if !http.is_empty() && http != action {
            warnings.add(Deviation::SoapActionDiffers);
        }
    }
    Ok(style)
}

/// wsa:MessageID as received; it must be a UUID, with or without a tool's prefix.
pub(super) fn message_id(
    envelope: &Envelope<'_>,
    warnings: &mut Warnings,
) -> Result<String, ItkFault> {
    let text = envelope.addressing.message_id.clone().unwrap_or_default();
    let uuid = uuid_of(&text).ok_or_else(|| ItkFault::invalid("wsa:MessageID must be a UUID"))?;
    if super::compose::upper(uuid) != text {
        warnings.add(Deviation::MessageIdForm);
    }
    Ok(text)
}

/// wsa:To is the next hop's address: an absolute URI, not necessarily this endpoint's own.
pub(super) fn to(envelope: &Envelope<'_>) -> Result<(), ItkFault> {
    let to = envelope.addressing.to.as_deref().unwrap_or_default();
    if to.is_empty() {
        return Err(ItkFault::invalid("wsa:To is required"));
    }
    let absolute = to.split_once(':').is_some_and(|(scheme, rest)| {
        let letter = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
        let named = scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
        letter && named && !rest.is_empty() && !rest.contains(char::is_whitespace)
    });
    if !absolute {
        return Err(ItkFault::invalid("wsa:To must be an absolute URI"));
    }
    Ok(())
}

/// Answers go back on the connection; acknowledgements go where the directory says.
pub(super) fn reply_to(envelope: &Envelope<'_>, warnings: &mut Warnings) -> Result<(), ItkFault> {
    if envelope.addressing.reply_to.as_deref().is_some_and(|to| to != ANONYMOUS) {
        return Err(ItkFault::invalid("wsa:ReplyTo must be absent or the anonymous URI"));
    }
    if envelope.addressing.fault_to.as_deref().is_some_and(|to| to != ANONYMOUS) {
        warnings.add(Deviation::FaultToUnused);
    }
    Ok(())
}

/// MessageID, Timestamp id, trackingid and payload ids: each should name one thing.
pub(super) fn all_differ(
    message_id: &str,
    tracking_id: &str,
    security: &Security<'_>,
    items: &Items<'_>,
    warnings: &mut Warnings,
) {
    if security.timestamp_id.is_some_and(|id| uuid_of(id).is_none()) {
        warnings.add(Deviation::TimestampIdForm);
    }
    let named = [Some(message_id), Some(tracking_id), security.timestamp_id];
    let named = named.into_iter().flatten().chain(items.ids());
    let mut ids: Vec<Uuid> = named.filter_map(uuid_of).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() < all {
        warnings.add(Deviation::SameIds);
    }
}

/// A UUID with or without a tool's or an XML id's prefix.
fn uuid_of(text: &str) -> Option<Uuid> {
    let bare = text.strip_prefix("urn:").unwrap_or(text);
    let bare = bare.strip_prefix("uuid:").or_else(|| bare.strip_prefix("uuid_")).unwrap_or(bare);
    Uuid::try_parse(bare).ok().filter(|_| bare.len() == 36)
}

//! Who took part: the system that asks, the person behind it, the service that answers.

use super::DCM;
use crate::audit::event::AuditEvent;
use schemas::atna::{ActiveParticipant, AuditCode};

pub(super) fn participants(event: &AuditEvent) -> Vec<ActiveParticipant> {
    let mut all = vec![source(event)];
    all.extend(event.user.as_deref().map(|user| person(event, user)));
    all.push(destination(event));
    all
}

fn source(event: &AuditEvent) -> ActiveParticipant {
    let address =
        event.address.as_deref().and_then(|a| a.rsplit_once(':')).map(|(host, _)| host.to_owned());
    // In an asynchronous exchange the source is its ReplyTo address (ITI TF-2 3.18.5.1 and others).
    let user_id = match (&event.reply_to, &event.organisation, &event.system) {
        (Some(reply_to), ..) => reply_to.clone(),
        (None, Some(organisation), Some(system)) => format!("{organisation}|{system}"),
        (None, None, Some(system)) => system.clone(),
        _ => address.clone().unwrap_or_else(|| "unknown".to_owned()),
    };
    let named = event.organisation.as_ref().zip(event.system.as_ref());
    let named = named.map(|(organisation, system)| format!("{organisation}|{system}"));
    // The ends of a feed are named as its messages name them (ITI TF-2 3.8.5.1).
    let sender = event.feed.as_ref().and_then(|feed| feed.sender.clone());
    let mut codes = vec![AuditCode::new("110153", DCM, "Source Role ID")];
    if event.user.is_none() {
        codes.extend(role(event));
    }
    ActiveParticipant {
        alternative_user_id: event.reply_to.as_ref().or(sender.as_ref()).and(named),
        user_id: sender.unwrap_or(user_id),
        user_name: acting_for(event),
        is_requestor: true,
        network_type: address.as_ref().map(|_| "2".to_owned()),
        network_id: address.map(|host| host.trim_matches(['[', ']']).to_owned()),
        role: codes,
    }
}

/// The organisation that is asked for, and its department.
fn acting_for(event: &AuditEvent) -> Option<String> {
    match (&event.acting_for, &event.department) {
        (Some(organisation), Some(department)) => Some(format!("{organisation}, {department}")),
        (organisation, department) => organisation.clone().or_else(|| department.clone()),
    }
}

fn role(event: &AuditEvent) -> Option<AuditCode> {
    event.role.as_ref().map(|role| AuditCode::new(role, "urn:watling:role", role))
}

/// The human requestor. UserName has the whole form, UserID what the issuer calls the person (ITI
/// TF-2 3.40.4.2).
fn person(event: &AuditEvent, user: &str) -> ActiveParticipant {
    let inner = user.split_once('<').map_or(user, |(_, inner)| inner.trim_end_matches('>'));
    let id = inner.rsplit_once('@').map_or(inner, |(id, _)| id);
    ActiveParticipant {
        user_id: if id.is_empty() { user.to_owned() } else { id.to_owned() },
        user_name: Some(user.to_owned()),
        is_requestor: true,
        role: role(event).into_iter().collect(),
        ..ActiveParticipant::default()
    }
}

fn destination(event: &AuditEvent) -> ActiveParticipant {
    let receiver = event.feed.as_ref().and_then(|feed| feed.receiver.clone());
    ActiveParticipant {
        user_id: receiver.unwrap_or_else(|| format!("watling-{}", event.service)),
        alternative_user_id: event.process.map(|id| id.to_string()),
        is_requestor: false,
        role: vec![AuditCode::new("110152", DCM, "Destination Role ID")],
        ..ActiveParticipant::default()
    }
}

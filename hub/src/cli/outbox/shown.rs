//! Items as a person and a program read them.

use crate::serve::Role;
use jiff::Timestamp;
use node::outbox::{DirectoryEntry, Shown, State};
use serde_json::{Value, json};

/// `45 s`, `12 min`, `3 h 12 min`, `4 days 3 h`.
pub(in crate::cli) fn age(milliseconds: i64) -> String {
    let seconds = milliseconds.max(0) / 1000;
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, ..) => format!("{hours} h {minutes} min"),
        (1, ..) => format!("1 day {hours} h"),
        _ => format!("{days} days {hours} h"),
    }
}

fn time(milliseconds: i64) -> String {
    Timestamp::from_millisecond(milliseconds).map_or_else(|_| "?".to_owned(), |at| at.to_string())
}

/// What happens to an item next, or has happened to it.
fn next(item: &Shown, now: i64, has_endpoint: bool) -> String {
    match item.state {
        State::Waiting if !has_endpoint => "waits to be collected: no endpoint".to_owned(),
        State::Waiting if item.next_attempt_at > now => {
            format!("next try in {}", age(item.next_attempt_at - now))
        }
        State::Waiting => "waits for its turn".to_owned(),
        State::Delivering => "on its way".to_owned(),
        State::Collected => "handed out, not confirmed".to_owned(),
        State::Delivered | State::Parked | State::Dropped => {
            let settled = item.settled_at.unwrap_or(item.created_at);
            format!("{} {} ago", item.state, age(now - settled))
        }
    }
}

/// Two lines for a person.
pub(super) fn line(item: &Shown, now: i64, has_endpoint: bool) {
    say!(
        "{:<10} {:>13}  {:<18} to {:<8} {}",
        item.state.name(),
        age(now - item.created_at),
        item.kind.name(),
        item.destination.as_str(),
        item.id
    );
    let tries = match item.attempts {
        0 => String::new(),
        1 => ", 1 try".to_owned(),
        many => format!(", {many} tries"),
    };
    let error = item.last_error.as_ref().map_or(String::new(), |error| format!("; {error}"));
    say!(
        "    about {}: {}{tries}{}{error}",
        item.reference,
        next(item, now, has_endpoint),
        acknowledged(item)
    );
}

fn acknowledged(item: &Shown) -> String {
    match item.acknowledged() {
        None => String::new(),
        Some(true) => ", acknowledged".to_owned(),
        Some(false) => ", ACKNOWLEDGED NEGATIVELY".to_owned(),
    }
}

/// Everything about one.
pub(super) fn whole(role: Role, item: &Shown, now: i64, entry: Option<&DirectoryEntry>) {
    let endpoint = entry
        .map_or("none: it waits to be collected".to_owned(), |entry| entry.url.as_str().to_owned());
    let waited = age(now - item.created_at);
    for (name, value) in [
        ("id", item.id.to_string()),
        ("outbox", role.name().to_owned()),
        ("kind", item.kind.name().to_owned()),
        ("state", item.state.name().to_owned()),
        ("about", item.reference.clone()),
        ("to", format!("{} ({})", item.destination, item.address)),
        ("endpoint", endpoint),
        ("tracking id", item.tracking_id.to_string().to_uppercase()),
        ("put", format!("{} ({waited} ago)", time(item.created_at))),
        ("tries", item.attempts.to_string()),
        ("next", next(item, now, entry.is_some())),
    ] {
        say!("{name:<12} {value}");
    }
    for (name, value) in [
        ("last error", &item.last_error),
        ("envelope", &item.infrastructure_answer),
        ("content", &item.business_answer),
        ("its codes", &item.answer_detail),
    ] {
        if let Some(value) = value {
            say!("{name:<12} {value}");
        }
    }
}

pub(super) fn json(role: Role, item: &Shown) -> Value {
    json!({
        "id": item.id.to_string(),
        "outbox": role.name(),
        "kind": item.kind.name(),
        "state": item.state.name(),
        "about": item.reference,
        "to": item.destination.as_str(),
        "address": item.address,
        "trackingId": item.tracking_id.to_string().to_uppercase(),
        "attempts": item.attempts,
        "createdAt": time(item.created_at),
        "nextAttemptAt": (item.state == State::Waiting).then(|| time(item.next_attempt_at)),
        "settledAt": item.settled_at.map(time),
        "lastError": item.last_error,
        "infrastructureAnswer": item.infrastructure_answer,
        "businessAnswer": item.business_answer,
        "answerDetail": item.answer_detail,
        "acknowledged": item.acknowledged(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_said_in_its_two_largest_units() {
        for (seconds, said) in [
            (-5, "0 s"),
            (45, "45 s"),
            (725, "12 min"),
            (11_530, "3 h 12 min"),
            (90_000, "1 day 1 h"),
            (4 * 86_400 + 3 * 3600 + 59, "4 days 3 h"),
        ] {
            assert_eq!(age(seconds * 1000), said);
        }
    }
}

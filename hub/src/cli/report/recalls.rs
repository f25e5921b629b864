//! `watling report recalls|incident|settle`: what was taken back, and who knows of it.

use super::args::{IncidentArgs, RecallsArgs, SettleArgs};
use super::{Desk, moment, moment_of_millis, readers};
use crate::cli::{Ended, print_json};
use crate::client::age;
use gateway::recall::notice::headline;
use gateway::recall::plan::{Affected, State};
use gateway::store::recall::Incident;
use node::audit::Reading;
use schemas::recall::Reason;
use serde_json::{Value, json};

const DAY_MILLIS: i64 = 24 * 3_600 * 1_000;

/// Whether there is anything to say of it: a correction that nobody else has seen is no news.
fn is_news(incident: &Incident) -> bool {
    incident.withdrawn.reason == Reason::WrongPatient
        || incident.affected.iter().any(|one| one.state != State::Own)
}

fn is_open(incident: &Incident) -> bool {
    incident.affected.iter().any(|one| one.state.is_open())
}

impl Desk {
    /// Whether a notice has waited too long for its acknowledgement.
    fn is_overdue(&self, incident: &Incident, one: &Affected) -> bool {
        let since = self.clock.now().as_millisecond() - incident.taken_at;
        one.state.is_open() && since >= i64::from(self.overdue_days) * DAY_MILLIS
    }

    fn state(&self, incident: &Incident, one: &Affected) -> String {
        let said = match one.state {
            State::Own => "took it back itself",
            State::ReportOnly => "is told nothing",
            State::ToldBefore => "was told before",
            State::Waiting => "notice waits to be sent",
            State::Sent => "notice in the outbox",
            State::Delivered => "notice delivered, not acknowledged",
            State::Acknowledged => "acknowledged",
            State::Refused => "REFUSED the notice",
            State::Undeliverable => "notice CANNOT BE DELIVERED",
            State::Settled => "settled by hand",
        };
        let detail = one.detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default();
        let overdue = if self.is_overdue(incident, one) { ", OVERDUE" } else { "" };
        format!("{said}{detail}{overdue}")
    }
}

pub(super) async fn list(desk: &Desk, args: &RecallsArgs) -> Result<Ended, String> {
    let mut incidents = desk.store.all().await.map_err(|error| error.to_string())?;
    incidents.retain(|incident| is_news(incident) && (!args.open || is_open(incident)));
    let what = format!("report of {} withdrawals", incidents.len());
    desk.record(what, Vec::new()).await?;
    if args.json {
        let all: Vec<Value> = incidents.iter().map(|one| json_of(desk, one, None)).collect();
        print_json(&all)?;
        return Ok(Ended::Done);
    }
    for incident in &incidents {
        say!("{}", summary(desk, incident));
    }
    let open = incidents.iter().filter(|incident| is_open(incident)).count();
    match incidents.len() {
        0 => say!("nothing was taken back that somebody else had seen"),
        1 => say!("1 withdrawal, {open} open"),
        count => say!("{count} withdrawals, {open} open"),
    }
    Ok(Ended::Done)
}

fn summary(desk: &Desk, incident: &Incident) -> String {
    let withdrawn = &incident.withdrawn;
    let notices = incident.affected.iter().filter(|one| one.state.is_a_notice());
    let (open, done): (Vec<_>, Vec<_>) = notices.partition(|one| one.state.is_open());
    let overdue = open.iter().filter(|one| desk.is_overdue(incident, one)).count();
    let total = open.len() + done.len();
    let late = if overdue > 0 { format!(", {overdue} OVERDUE") } else { String::new() };
    format!(
        "{}  {}  {} document(s) by {}: {}\n    {} organisation(s) affected, {} of {total} notices dealt with{late}",
        withdrawn.id,
        age(withdrawn.at.as_str()),
        withdrawn.documents.len(),
        withdrawn.by,
        headline(withdrawn.reason),
        incident.affected.len(),
        done.len(),
    )
}

pub(super) async fn one(desk: &Desk, args: &IncidentArgs) -> Result<Ended, String> {
    let found = desk.store.incident(args.id).await.map_err(|error| error.to_string())?;
    let Some(incident) = found else {
        return Err(format!("there is no withdrawal {}: watling report recalls", args.id));
    };
    let documents = incident.withdrawn.documents.iter();
    let unique_ids: Vec<String> = documents.map(|d| d.unique_id.to_string()).collect();
    let readings = desk.readings.of(unique_ids.clone(), 0).await.map_err(|e| e.to_string())?;
    desk.record(format!("report of the withdrawal {}", args.id), unique_ids).await?;
    if args.json {
        print_json(&json_of(desk, &incident, Some(&readings)))?;
    } else {
        people(desk, &incident, &readings);
    }
    Ok(Ended::Done)
}

fn people(desk: &Desk, incident: &Incident, readings: &[Reading]) {
    let withdrawn = &incident.withdrawn;
    let system = withdrawn.system.as_ref().map(|s| format!(" ({s})")).unwrap_or_default();
    say!("{}", headline(withdrawn.reason));
    say!("    taken back {} by {}{system}", age(withdrawn.at.as_str()), withdrawn.by);
    say!("    known here since {}", moment_of_millis(incident.taken_at));
    for document in &withdrawn.documents {
        let label = desk.type_label(&document.type_code, &document.practice_setting);
        let publisher = document.publisher_ods.as_ref().map_or("-", |ods| ods.as_str());
        let written = document.creation_time.as_ref().map_or("-".to_owned(), |t| age(t.as_str()));
        say!("{label}  {}", document.unique_id);
        say!("    published by {publisher}, written {written}");
        if let Some(new) = &document.replaced_by {
            say!("    replaced by {new}");
        }
    }
    say!("Organisations");
    for one in &incident.affected {
        let addressed = if one.addressed { ", addressed to it" } else { "" };
        say!(
            "    {:<6} opened {}, listed {}{addressed}: {}",
            one.organisation,
            one.retrieved,
            one.listed,
            desk.state(incident, one)
        );
        if let (Some(first), Some(last)) = (&one.first_at, &one.last_at) {
            say!("           first {}, last {}", moment(first), moment(last));
        }
    }
    say!("Answers of the gateway");
    readings.iter().for_each(|reading| say!("    {}", readers::line(reading)));
    if readings.is_empty() {
        say!("    none");
    }
}

fn json_of(desk: &Desk, incident: &Incident, readings: Option<&[Reading]>) -> Value {
    let withdrawn = &incident.withdrawn;
    let document = |d: &schemas::recall::WithdrawnDocument| {
        json!({
            "uniqueId": d.unique_id.to_string(),
            "entryUUID": d.entry_uuid.map(|id| id.to_string()),
            "typeCode": d.type_code,
            "documentType": desk.type_label(&d.type_code, &d.practice_setting),
            "publisherOds": d.publisher_ods.as_ref().map(ToString::to_string),
            "creationTime": d.creation_time.as_ref().map(ToString::to_string),
            "replacedBy": d.replaced_by.as_ref().map(ToString::to_string),
        })
    };
    let organisation = |one: &Affected| {
        json!({
            "organisation": one.organisation.as_str(),
            "retrieved": one.retrieved,
            "listed": one.listed,
            "addressed": one.addressed,
            "firstAt": one.first_at,
            "lastAt": one.last_at,
            "state": one.state.name(),
            "detail": one.detail,
            "overdue": desk.is_overdue(incident, one),
            "trackingId": one.state.is_a_notice().then(|| one.tracking_id.to_string()),
        })
    };
    let mut said = json!({
        "id": withdrawn.id.to_string(),
        "reason": withdrawn.reason.name(),
        "at": withdrawn.at.as_str(),
        "by": withdrawn.by.as_str(),
        "system": withdrawn.system,
        "open": is_open(incident),
        "documents": withdrawn.documents.iter().map(document).collect::<Vec<_>>(),
        "organisations": incident.affected.iter().map(organisation).collect::<Vec<_>>(),
    });
    if let Some(readings) = readings {
        said["readings"] = json!(readings);
    }
    said
}

pub(super) async fn settle(desk: &Desk, args: SettleArgs) -> Result<Ended, String> {
    let found = desk.store.incident(args.id).await.map_err(|error| error.to_string())?;
    let incident = found
        .ok_or_else(|| format!("there is no withdrawal {}: watling report recalls", args.id))?;
    let organisation = &args.organisation;
    let known = incident.affected.iter().find(|one| one.organisation == *organisation);
    let Some(one) = known else {
        return Err(format!("{organisation} is not affected by the withdrawal {}", args.id));
    };
    if !one.state.is_open() {
        let state = desk.state(&incident, one);
        return Err(format!("nothing is open with {organisation}: {state}"));
    }
    let detail = format!("{}: {}", args.by, args.reason);
    let now = desk.clock.now().as_millisecond();
    let what = format!("the notice of {} to {organisation} was settled, {detail}", args.id);
    desk.record(what, Vec::new()).await?;
    let noted = desk
        .store
        .note(incident.seq, organisation.clone(), State::Settled, now, Some(detail))
        .await;
    noted.map_err(|error| error.to_string())?;
    say!("settled: {organisation} has been told of {}", args.id);
    Ok(Ended::Done)
}

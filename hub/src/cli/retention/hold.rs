//! `watling retention hold place|lift|list`.

use super::args::{LiftArgs, PlaceArgs};
use super::{Records, event};
use crate::cli::{Ended, print_json};
use registry::retention::{Hold, Lifted, Scope};
use registry::store::StoreError;
use registry::store::retention::RetentionStore;
use schemas::nhs_number::NhsNumber;
use schemas::unique_id::UniqueId;
use serde_json::{Value, json};

pub(super) async fn place(records: &Records, args: PlaceArgs) -> Result<Ended, String> {
    let scope = scope(records, &args)?;
    if scope == Scope::default() && !args.everything {
        return Err(
            "say what is held: --patient, --publisher, --type, --document, or --everything"
                .to_owned(),
        );
    }
    if args.review <= records.clock.today() {
        return Err("--review is a day to come".to_owned());
    }
    let hold = Hold {
        name: args.name,
        kind: args.kind.into(),
        scope,
        reason: args.reason,
        placed_by: args.by,
        placed_at: records.clock.dtm().to_string(),
        review_on: args.review,
        lifted: None,
    };
    let what = format!(
        "the {} hold {} was placed by {} on {}: {}; to be reviewed on {}",
        hold.kind.name(),
        hold.name,
        hold.placed_by,
        covers(&hold.scope),
        hold.reason,
        hold.review_on
    );
    let name = hold.name.clone();
    records.index.place(hold).await.map_err(|error| match error {
        StoreError::Conflict => {
            format!("a hold was named {name} before (watling retention hold list --all)")
        }
        other => other.to_string(),
    })?;
    let mut event = event(what, args.patient);
    event.document_unique_ids = args.document.into_iter().collect();
    records.record(event).await?;
    say!("placed {name}: what it covers is kept until it is lifted");
    Ok(Ended::Done)
}

fn scope(records: &Records, args: &PlaceArgs) -> Result<Scope, String> {
    let type_code = match &args.document_type {
        None => None,
        Some(text) => {
            let known = crate::client::document_type(&records.code_sets, text)?;
            Some(known.type_code.clone())
        }
    };
    if let Some(document) = &args.document {
        UniqueId::parse(document).map_err(|error| format!("--document: {error}"))?;
    }
    Ok(Scope {
        patient: args.patient.map(NhsNumber::key),
        publisher: args.publisher.clone(),
        type_code,
        document: args.document.clone(),
    })
}

/// What a hold covers, in words that name no patient.
fn covers(scope: &Scope) -> String {
    let parts = [
        scope.patient.map(|_| "one patient".to_owned()),
        scope.publisher.as_ref().map(|ods| format!("published by {ods}")),
        scope.type_code.as_ref().map(|code| format!("of type {code}")),
        scope.document.as_ref().map(|id| format!("document {id}")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "every document".to_owned() } else { parts.join(", ") }
}

pub(super) async fn lift(records: &Records, args: LiftArgs) -> Result<Ended, String> {
    let lifted = Lifted {
        by: args.by.clone(),
        at: records.clock.dtm().to_string(),
        reason: args.reason.clone(),
    };
    let stood = records.index.lift(args.name.clone(), lifted).await;
    if !stood.map_err(|error| error.to_string())? {
        let name = args.name;
        return Err(format!("no hold named {name:?} stands (watling retention hold list)"));
    }
    let what = format!("the hold {} was lifted by {}: {}", args.name, args.by, args.reason);
    records.record(event(what, None)).await?;
    say!("lifted {}", args.name);
    Ok(Ended::Done)
}

pub(super) async fn list(records: &Records, all: bool, as_json: bool) -> Result<Ended, String> {
    let mut holds = records.index.holds().await.map_err(|error| error.to_string())?;
    holds.retain(|hold| all || hold.lifted.is_none());
    if as_json {
        print_json(&holds.iter().map(json_of).collect::<Vec<_>>())?;
        return Ok(Ended::Done);
    }
    if holds.is_empty() {
        say!("no hold {}", if all { "was ever placed" } else { "stands" });
    }
    let today = records.clock.today();
    for hold in &holds {
        let review = match &hold.lifted {
            Some(lifted) => format!("lifted {} by {}: {}", lifted.at, lifted.by, lifted.reason),
            None if hold.review_on <= today => format!("REVIEW WAS DUE {}", hold.review_on),
            None => format!("review {}", hold.review_on),
        };
        say!("{:<24} {:<8} {}", hold.name, hold.kind.name(), shown(&hold.scope));
        say!("    placed {} by {}: {}; {review}", hold.placed_at, hold.placed_by, hold.reason);
    }
    Ok(Ended::Done)
}

/// What a hold covers, for its operator.
fn shown(scope: &Scope) -> String {
    match scope.patient {
        Some(key) => covers(scope).replacen("one patient", &format!("patient {key:010}"), 1),
        None => covers(scope),
    }
}

fn json_of(hold: &Hold) -> Value {
    let lifted = hold.lifted.as_ref();
    json!({
        "name": hold.name,
        "kind": hold.kind.name(),
        "patient": hold.scope.patient.map(|key| format!("{key:010}")),
        "publisher": hold.scope.publisher.as_ref().map(ToString::to_string),
        "typeCode": hold.scope.type_code,
        "uniqueId": hold.scope.document,
        "reason": hold.reason,
        "placedBy": hold.placed_by,
        "placedAt": hold.placed_at,
        "review": hold.review_on.to_string(),
        "lifted": lifted.map(|end| json!({"by": end.by, "at": end.at, "reason": end.reason})),
    })
}

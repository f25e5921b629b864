//! `watling retention approve`, and the list of approvals.

use super::args::ApproveArgs;
use super::{Records, event};
use crate::cli::{Ended, print_json};
use registry::retention::{Approval, Purpose};
use registry::store::retention::RetentionStore;
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub(super) async fn approve(records: &Records, args: ApproveArgs) -> Result<Ended, String> {
    if args.valid_until < records.clock.today() {
        return Err("--valid-until is over".to_owned());
    }
    let documents = documents(records, &args).await?;
    let purpose = match args.destruction || args.due {
        true => Purpose::Destruction,
        false => Purpose::Correction,
    };
    let strangers = not_published(records, &args, &documents).await?;
    if !strangers.is_empty() {
        return Err(strangers.join("\n"));
    }
    let approval = Approval {
        id: 0,
        purpose,
        controller: args.controller,
        approved_by: args.approved_by,
        reason: args.reason,
        placed_at: records.clock.dtm().to_string(),
        valid_until: args.valid_until,
        documents,
    };
    let count = approval.documents.len();
    let id = keep(records, approval).await?;
    say!("approval {id} for the {} of {count} document(s)", purpose.name());
    Ok(Ended::Done)
}

/// Those that are named, or those that are due; each once.
async fn documents(records: &Records, args: &ApproveArgs) -> Result<Vec<String>, String> {
    let mut documents: BTreeSet<String> = args.documents.iter().cloned().collect();
    if args.due {
        let due = records.of_the_index().due().await.map_err(|error| error.to_string())?;
        let own = due.into_iter().filter(|due| {
            due.hold.is_none() && due.subject.publisher_ods.as_ref() == Some(&args.controller)
        });
        documents.extend(own.map(|due| due.subject.unique_id));
        if documents.is_empty() {
            return Err(format!("nothing of {} is due", args.controller));
        }
    }
    Ok(documents.into_iter().collect())
}

/// Stores an approval and puts it on record; its number.
async fn keep(records: &Records, approval: Approval) -> Result<i64, String> {
    let id = records.index.approve(approval.clone()).await.map_err(|error| error.to_string())?;
    let what = format!(
        "approval {id} for the {} of {} document(s) of {} by {}, valid until {}: {}",
        approval.purpose.name(),
        approval.documents.len(),
        approval.controller,
        approval.approved_by,
        approval.valid_until,
        approval.reason
    );
    let mut event = event(what, None);
    event.organisation = Some(approval.controller.to_string());
    event.document_unique_ids = approval.documents;
    records.record(event).await?;
    Ok(id)
}

/// An approval covers what its controller has published, so anything else is a mistake.
async fn not_published(
    records: &Records,
    args: &ApproveArgs,
    documents: &[String],
) -> Result<Vec<String>, String> {
    let retained = records.index.retained(documents.to_vec()).await;
    let retained = retained.map_err(|error| error.to_string())?;
    let controller = &args.controller;
    let problem = |id: &String| {
        let known = || retained.subjects.iter().filter(|subject| subject.unique_id == *id);
        if known().next().is_none() {
            return Some(format!("the registry has no document {id}"));
        }
        let own = known().any(|subject| subject.publisher_ods.as_ref() == Some(controller));
        (!own).then(|| format!("the document {id} was not published by {controller}"))
    };
    Ok(documents.iter().filter_map(problem).collect())
}

pub(super) async fn list(records: &Records, as_json: bool) -> Result<Ended, String> {
    let approvals = records.index.approvals().await.map_err(|error| error.to_string())?;
    if as_json {
        print_json(&approvals.iter().map(json_of).collect::<Vec<_>>())?;
        return Ok(Ended::Done);
    }
    if approvals.is_empty() {
        say!("no approval was ever entered");
    }
    let today = records.clock.today();
    for approval in &approvals {
        let over = if approval.valid_until < today { " (over)" } else { "" };
        say!(
            "{:<5} {:<12} {:<6} {} document(s), valid until {}{over}",
            approval.id,
            approval.purpose.name(),
            approval.controller,
            approval.documents.len(),
            approval.valid_until
        );
        say!("    by {}: {}", approval.approved_by, approval.reason);
    }
    Ok(Ended::Done)
}

fn json_of(approval: &Approval) -> Value {
    json!({
        "id": approval.id,
        "purpose": approval.purpose.name(),
        "controller": approval.controller.to_string(),
        "approvedBy": approval.approved_by,
        "reason": approval.reason,
        "enteredAt": approval.placed_at,
        "validUntil": approval.valid_until.to_string(),
        "uniqueIds": approval.documents,
    })
}

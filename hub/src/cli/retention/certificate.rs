//! The destruction certificate: which documents went, by which rule, under whose approval. It names
//! documents by uniqueId and hash, and no patient.

use super::Records;
use crate::data::write_atomic;
use node::audit::{AuditEvent, AuditKind, DecidedEntry, Outcome};
use registry::retention::Approval;
use registry::store::retention::Destroyed;
use schemas::hl7::PatientId;
use schemas::nhs_number::NhsNumber;
use schemas::xml::escape_into;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Certificate {
    pub name: String,
    /// ODS code of the organisation that runs the hub.
    hub: String,
    written_at: String,
    carried_out_by: String,
    approval: ApprovalPart,
    retention_table: String,
    retention_source: String,
    count: usize,
    destroyed: Vec<DestroyedPart>,
    /// What the approval names and has not gone.
    kept: Vec<KeptPart>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ApprovalPart {
    number: i64,
    controller: String,
    approved_by: String,
    reason: String,
    entered_at: String,
    valid_until: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DestroyedPart {
    unique_id: String,
    repository_unique_id: String,
    /// As in the metadata.
    #[serde(rename = "sha1")]
    sha1: String,
    /// Of the bytes; absent where the repository held none.
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    rule: String,
    table: String,
    retained_until: Option<String>,
    destroyed_at: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KeptPart {
    unique_id: String,
    reason: String,
}

impl Certificate {
    pub(super) fn of(
        records: &Records,
        approval: &Approval,
        by: &str,
        gone: &[Destroyed],
        hashes: &BTreeMap<String, String>,
        kept: &BTreeMap<String, String>,
    ) -> Self {
        let at = records.clock.dtm().to_string();
        let mut seen = BTreeSet::new();
        let once = gone.iter().filter(|one| seen.insert(one.going.subject.unique_id.clone()));
        let destroyed: Vec<_> = once.map(|one| DestroyedPart::of(one, hashes)).collect();
        let kept =
            kept.iter().map(|(id, why)| KeptPart { unique_id: id.clone(), reason: why.clone() });
        Self {
            name: free_name(&folder(records), &format!("destruction-{}-{at}", approval.id)),
            hub: records.ods.to_string(),
            written_at: at,
            carried_out_by: by.to_owned(),
            approval: ApprovalPart {
                number: approval.id,
                controller: approval.controller.to_string(),
                approved_by: approval.approved_by.clone(),
                reason: approval.reason.clone(),
                entered_at: approval.placed_at.clone(),
                valid_until: approval.valid_until.to_string(),
            },
            retention_table: records.keeping.table.version.clone(),
            retention_source: records.keeping.table.source.clone(),
            count: destroyed.len(),
            destroyed,
            kept: kept.collect(),
        }
    }

    fn json(&self) -> Result<String, String> {
        let json = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
        Ok(json + "\n")
    }

    /// SHA-256 of the JSON file.
    fn digest(&self) -> Result<String, String> {
        let digest = Sha256::digest(self.json()?);
        Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Writes it as JSON and as HTML into the registry's folder; where the HTML lies.
    pub(super) fn write(&self, records: &Records) -> Result<PathBuf, String> {
        let folder = folder(records);
        std::fs::create_dir_all(&folder)
            .map_err(|error| format!("{}: {error}", folder.display()))?;
        write_atomic(&folder.join(format!("{}.json", self.name)), self.json()?.as_bytes())?;
        let path = folder.join(format!("{}.html", self.name));
        write_atomic(&path, self.html()?.as_bytes())?;
        Ok(path)
    }

    fn html(&self) -> Result<String, String> {
        let approval = &self.approval;
        let facts = [
            ("Certificate", self.name.clone()),
            ("Written", self.written_at.clone()),
            ("Hub run by", self.hub.clone()),
            ("Carried out by", self.carried_out_by.clone()),
            ("Controller", approval.controller.clone()),
            ("Approval", approval.number.to_string()),
            ("Approved by", approval.approved_by.clone()),
            ("Reason", approval.reason.clone()),
            ("Approval valid until", approval.valid_until.clone()),
            ("Retention table", format!("{}, {}", self.retention_table, self.retention_source)),
            ("Documents destroyed", self.count.to_string()),
            ("SHA-256 of the JSON form", self.digest()?),
        ];
        let mut out = String::from(
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Certificate of destruction</title></head><body>\n<h1>Certificate of destruction</h1>\n<table>\n",
        );
        for (name, value) in facts {
            row(&mut out, &[name, &value]);
        }
        out.push_str("</table>\n<h2>Destroyed, metadata and bytes</h2>\n<table>\n");
        row(
            &mut out,
            &["uniqueId", "SHA-256", "SHA-1", "Rule", "Table", "Kept until", "Destroyed"],
        );
        for one in &self.destroyed {
            let until = one.retained_until.as_deref().unwrap_or("-");
            let sha256 = one.sha256.as_deref().unwrap_or("no bytes were held");
            let cells = [
                &one.unique_id,
                sha256,
                &one.sha1,
                &one.rule,
                &one.table,
                until,
                &one.destroyed_at,
            ];
            row(&mut out, &cells);
        }
        out.push_str("</table>\n<h2>Approved and kept</h2>\n<table>\n");
        for one in &self.kept {
            row(&mut out, &[&one.unique_id, &one.reason]);
        }
        out.push_str("</table>\n</body></html>\n");
        Ok(out)
    }
}

fn row(out: &mut String, cells: &[&str]) {
    out.push_str("<tr>");
    for cell in cells {
        out.push_str("<td>");
        escape_into(out, cell);
        out.push_str("</td>");
    }
    out.push_str("</tr>\n");
}

impl DestroyedPart {
    fn of(one: &Destroyed, hashes: &BTreeMap<String, String>) -> Self {
        let (subject, retention) = (&one.going.subject, &one.going.retention);
        Self {
            unique_id: subject.unique_id.clone(),
            repository_unique_id: subject.repository_unique_id.clone(),
            sha1: subject.hash.clone(),
            sha256: hashes.get(&subject.unique_id).cloned(),
            rule: retention.rule.clone(),
            table: retention.version.clone(),
            retained_until: retention.until.map(|until| until.to_string()),
            destroyed_at: one.at.clone(),
        }
    }
}

fn folder(records: &Records) -> PathBuf {
    records.data.join("registry").join("certificates")
}

/// No certificate takes another's place, not even one of the same second.
fn free_name(folder: &Path, name: &str) -> String {
    let taken = |name: &String| folder.join(format!("{name}.json")).exists();
    let numbered = (2..).map(|n: u32| format!("{name}-{n}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names.find(|name| !taken(name)).unwrap_or_else(|| name.to_owned())
}

/// Whose document it was, where that is an NHS number: for the audit record only.
fn patient(one: &Destroyed) -> Option<String> {
    let key = one.going.subject.patients.first()?;
    let number = NhsNumber::parse(&format!("{key:010}")).ok()?;
    Some(PatientId::Nhs(number).text())
}

/// The record of a destruction: every document, and the certificate by its hash.
pub(super) fn event(certificate: &Certificate, gone: &[Destroyed]) -> Result<AuditEvent, String> {
    let what = format!(
        "{} document(s) destroyed under approval {} of {} by {}; certificate {}.json, SHA-256 {}",
        certificate.count,
        certificate.approval.number,
        certificate.approval.controller,
        certificate.carried_out_by,
        certificate.name,
        certificate.digest()?
    );
    let kind = AuditKind::Destruction;
    let mut event = AuditEvent::new("registry", kind, Outcome::Success).because(what);
    event.organisation = Some(certificate.approval.controller.clone());
    event.removed_objects =
        gone.iter().map(|one| one.going.subject.entry_uuid.to_string()).collect();
    event.document_unique_ids =
        certificate.destroyed.iter().map(|one| one.unique_id.clone()).collect();
    let decided = gone.iter().map(|one| DecidedEntry {
        unique_id: one.going.subject.unique_id.clone(),
        patient_id: patient(one),
        publisher_ods: certificate.approval.controller.clone(),
        type_code: one.going.subject.type_code.clone(),
        decision: "destroyed".to_owned(),
        ..DecidedEntry::default()
    });
    event.decided(decided.collect());
    Ok(event)
}

//! What a long audit log costs to walk, beside a bare read of the same rows.

use hub::data::DataFolder;
use hub::pki::DevelopmentPki;
use node::audit::{
    Audit, AuditEvent, AuditKind, AuditSettings, DamageKind, DecidedEntry, Outcome, Proof, Signer,
    Trust, Verification, verify_by,
};
use node::caller::GATEWAY_SYSTEM;
use node::clock::Clock;
use schemas::ods_code::OdsCode;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long each step took.
#[derive(Clone, Copy, Debug)]
pub struct Walked {
    pub records: u64,
    pub bytes: u64,
    pub written: Duration,
    /// Every column of every row, read and forgotten.
    pub read: Duration,
    pub verified: Duration,
}

/// Records under way at once: a group commit takes as many as wait.
const LANES: u64 = 1_000;

/// Writes so many records into a folder, walks them, alters one and walks them again.
pub async fn measure(folder: &Path, records: u64) -> Result<Walked, String> {
    let said = |error: &dyn std::fmt::Display| error.to_string();
    let ods = OdsCode::parse("QE1").map_err(|error| said(&error))?;
    let pki = DevelopmentPki::of(&DataFolder { path: folder.to_owned() });
    pki.ensure(&ods)?;
    let identity = pki.service(GATEWAY_SYSTEM);
    let trust = Trust::new(&identity, GATEWAY_SYSTEM, &ods).map_err(|error| said(&error))?;
    let signer = Signer::of(&identity).map_err(|error| said(&error))?;
    let settings = AuditSettings::default();
    let audit = Audit::serving(folder, "gateway", Clock::System, settings, signer);
    let audit = audit.map_err(|error| said(&error))?;
    let begun = Instant::now();
    write(&audit, records).await?;
    let written = begun.elapsed();
    let database = folder.join("audit.db");
    let begun = Instant::now();
    read(&database).map_err(|error| said(&error))?;
    let read = begun.elapsed();
    let every = Some(1_000);
    let proof = Proof { trust: Some(&trust), service: "gateway", elsewhere: None, every };
    let begun = Instant::now();
    let whole = walk(folder, &proof)?;
    let verified = begun.elapsed();
    if !whole.is_whole() || whole.records.unsigned_abs() != records {
        return Err(format!("the log is not whole: {whole:?}"));
    }
    shows_one(folder, &proof, records)?;
    let bytes = std::fs::metadata(&database).map_err(|error| said(&error))?.len();
    Ok(Walked { records, bytes, written, read, verified })
}

fn walk(folder: &Path, proof: &Proof<'_>) -> Result<Verification, String> {
    verify_by(folder, proof, &mut |_, _| ()).map_err(|error| error.to_string())
}

/// One altered record among all is found, and named.
fn shows_one(folder: &Path, proof: &Proof<'_>, records: u64) -> Result<(), String> {
    let seq = i64::try_from(records / 3).unwrap_or_default().max(1);
    let altered = || {
        let connection = rusqlite::Connection::open(folder.join("audit.db"))?;
        let sql = "UPDATE record SET event = replace(event, 'RX7', 'RX8') WHERE seq = ?1";
        connection.execute(sql, [seq])
    };
    altered().map_err(|error| error.to_string())?;
    let found = walk(folder, proof)?.damage;
    match &found[..] {
        [one] if one.kind == DamageKind::Altered && one.seq == seq => Ok(()),
        _ => Err(format!("record {seq} was altered, found: {found:?}")),
    }
}

async fn write(audit: &Audit, records: u64) -> Result<(), String> {
    let mut lanes = tokio::task::JoinSet::new();
    for lane in 0..LANES.min(records) {
        let audit = audit.clone();
        lanes.spawn(async move {
            for number in (lane..records).step_by(LANES as usize) {
                audit.record(query(number)).await?;
            }
            Ok::<(), node::audit::AuditError>(())
        });
    }
    while let Some(done) = lanes.join_next().await {
        done.map_err(|e| e.to_string())?.map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn read(database: &Path) -> rusqlite::Result<u64> {
    let connection = rusqlite::Connection::open(database)?;
    let sql = "SELECT seq, at, event, content_digest, digest FROM record ORDER BY seq";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        let event: String = row.get(2)?;
        bytes += event.len() as u64;
    }
    Ok(bytes)
}

/// A query of a clinician, with four entries decided on.
fn query(number: u64) -> AuditEvent {
    let kind = AuditKind::Transaction("ITI-18".to_owned());
    let mut event = AuditEvent::new("gateway", kind, Outcome::Success);
    let patient = format!("{}^^^&2.16.840.1.113883.2.1.4.1&ISO", 9_990_000_000 + number % 5_000);
    event.organisation = Some("RX7".to_owned());
    event.acting_for = Some("RX7".to_owned());
    event.system = Some("rx7-integration".to_owned());
    event.address = Some("10.0.0.5:50311".to_owned());
    event.purpose = Some("urgent-care".to_owned());
    event.role = Some("clinician".to_owned());
    event.query = Some("FindDocuments".to_owned());
    event.query_request = Some("PEFkaG9jUXVlcnlSZXF1ZXN0Lz4=".repeat(32));
    let decided = |document: u64| DecidedEntry {
        unique_id: format!("1.2.826.0.1.99999.20.{number}.{document}"),
        patient_id: Some(patient.clone()),
        publisher_ods: "RXN".to_owned(),
        type_code: "736373009".to_owned(),
        decision: "permit".to_owned(),
        agreement: Some("LTHT-GP-2026#3".to_owned()),
        relationship: Some("gp-registration".to_owned()),
        ..DecidedEntry::default()
    };
    event.decided((0..4).map(decided).collect());
    event
}

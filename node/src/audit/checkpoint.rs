//! Signed checkpoints: every so many records and minutes the service signs where its chain stands.
//! Whoever rewrites the log and computes the chain anew cannot sign it.
//!
//! They lie in the database and, one a line, in `audit.checkpoints` beside it: a file that is small,
//! only grows, and is worth copying to another machine.

use super::signer::{Signature, Signer, Trust, fingerprint, is_signed};
use super::store::{AuditError, hex};
use crate::sqlite::SqliteError;
use base64::Engine;
use rusqlite::{Connection, OptionalExtension, Row, params};
use rustls_pki_types::CertificateDer;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

pub(super) const MIGRATION: &str = "
CREATE TABLE checkpoint (
    -- The record whose digest is signed.
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    digest BLOB NOT NULL,
    -- seq of the checkpoint before it, 0 at the first.
    previous INTEGER NOT NULL,
    -- The next one follows after so many records.
    every INTEGER NOT NULL,
    -- SHA-256 of the certificate, the scheme's number in TLS.
    certificate BLOB NOT NULL,
    scheme INTEGER NOT NULL,
    signature BLOB NOT NULL
) STRICT;

CREATE TABLE checkpoint_certificate (
    sha256 BLOB PRIMARY KEY,
    -- DER, base64, leaf first, separated by spaces.
    chain TEXT NOT NULL
) STRICT, WITHOUT ROWID;
";

const COLUMNS: &str = "seq, at, digest, previous, every, certificate, scheme, signature";

/// One signed place of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Checkpoint {
    pub seq: i64,
    pub at: String,
    pub digest: Vec<u8>,
    pub previous: i64,
    pub every: i64,
    pub certificate: Vec<u8>,
    pub signature: Signature,
}

/// A line of the file beside the database.
#[derive(Deserialize, Serialize)]
#[serde(untagged)]
pub(super) enum Line {
    Checkpoint(Written),
    Certificate { certificate: String, chain: String },
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Written {
    checkpoint: i64,
    at: String,
    digest: String,
    previous: i64,
    every: i64,
    certificate: String,
    scheme: u16,
    signature: String,
}

impl Checkpoint {
    /// What is signed.
    fn text(&self, service: &str) -> String {
        let Self { seq, at, previous, every, .. } = self;
        let digest = hex(&self.digest);
        format!(
            "watling audit checkpoint 1\n{service}\n{seq}\n{at}\n{digest}\n{previous}\n{every}\n"
        )
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            at: row.get(1)?,
            digest: row.get(2)?,
            previous: row.get(3)?,
            every: row.get(4)?,
            certificate: row.get(5)?,
            signature: Signature { scheme: row.get(6)?, bytes: row.get(7)? },
        })
    }

    pub(super) fn line(&self) -> Line {
        Line::Checkpoint(Written {
            checkpoint: self.seq,
            at: self.at.clone(),
            digest: hex(&self.digest),
            previous: self.previous,
            every: self.every,
            certificate: hex(&self.certificate),
            scheme: self.signature.scheme,
            signature: base64::engine::general_purpose::STANDARD.encode(&self.signature.bytes),
        })
    }

    fn from_line(line: Written) -> Option<Self> {
        let bytes = base64::engine::general_purpose::STANDARD.decode(line.signature).ok()?;
        Some(Self {
            seq: line.checkpoint,
            at: line.at,
            digest: unhex(&line.digest)?,
            previous: line.previous,
            every: line.every,
            certificate: unhex(&line.certificate)?,
            signature: Signature { scheme: line.scheme, bytes },
        })
    }
}

pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

/// seq and time of the newest.
pub(super) fn newest(connection: &Connection) -> Result<Option<(i64, String)>, AuditError> {
    let mut statement =
        connection.prepare_cached("SELECT seq, at FROM checkpoint ORDER BY seq DESC LIMIT 1")?;
    Ok(statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

/// Signs a record, in the transaction that wrote it.
pub(super) fn sign(
    connection: &Connection,
    signer: &Signer,
    service: &str,
    every: i64,
    record: (i64, &str, &[u8]),
) -> Result<(), AuditError> {
    let previous = newest(connection)?.map_or(0, |(seq, _)| seq);
    let mut checkpoint = Checkpoint {
        seq: record.0,
        at: record.1.to_owned(),
        digest: record.2.to_vec(),
        previous,
        every,
        certificate: signer.fingerprint().to_vec(),
        signature: Signature { scheme: 0, bytes: Vec::new() },
    };
    let signature = signer.sign(checkpoint.text(service).as_bytes());
    checkpoint.signature = signature.map_err(|error| SqliteError::Failed(error.to_string()))?;
    let mut certificate = connection.prepare_cached(
        "INSERT OR IGNORE INTO checkpoint_certificate (sha256, chain) VALUES (?1, ?2)",
    )?;
    certificate.execute(params![checkpoint.certificate, chain_text(&signer.chain)])?;
    let sql = format!("INSERT INTO checkpoint ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    connection.prepare_cached(&sql)?.execute(params![
        checkpoint.seq,
        checkpoint.at,
        checkpoint.digest,
        checkpoint.previous,
        checkpoint.every,
        checkpoint.certificate,
        checkpoint.signature.scheme,
        checkpoint.signature.bytes,
    ])?;
    Ok(())
}

fn chain_text(chain: &[CertificateDer<'_>]) -> String {
    let encode = |der: &CertificateDer<'_>| base64::engine::general_purpose::STANDARD.encode(der);
    chain.iter().map(encode).collect::<Vec<_>>().join(" ")
}

fn chain_of(text: &str) -> Option<Vec<CertificateDer<'static>>> {
    let decode = |part: &str| base64::engine::general_purpose::STANDARD.decode(part).ok();
    text.split(' ').map(|part| decode(part).map(CertificateDer::from)).collect()
}

/// Checkpoints with the certificates behind them, wherever they were kept.
#[derive(Default)]
pub(super) struct Checkpoints {
    pub all: Vec<Checkpoint>,
    certificates: HashMap<Vec<u8>, String>,
}

impl Checkpoints {
    /// Of a database, behind a place, in order; none where it is older than checkpoints.
    pub(super) fn stored(connection: &Connection, after: i64) -> Result<Self, SqliteError> {
        let known = connection.query_row(
            "SELECT count(*) FROM sqlite_master WHERE name = 'checkpoint'",
            [],
            |row| row.get::<_, i64>(0),
        )?;
        if known == 0 {
            return Ok(Self::default());
        }
        let sql = format!("SELECT {COLUMNS} FROM checkpoint WHERE seq > ?1 ORDER BY seq");
        let mut statement = connection.prepare(&sql)?;
        let all = statement.query_map([after], Checkpoint::read)?;
        let all = all.collect::<Result<Vec<_>, _>>()?;
        let mut statement =
            connection.prepare("SELECT sha256, chain FROM checkpoint_certificate")?;
        let certificates = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Self { all, certificates: certificates.collect::<Result<_, _>>()? })
    }

    /// Of lines; what is none is passed over, since it proves nothing.
    pub(super) fn from_lines<'a>(lines: impl Iterator<Item = &'a str>) -> Self {
        let mut found = Self::default();
        for line in lines {
            match serde_json::from_str(line) {
                Ok(Line::Checkpoint(line)) => found.all.extend(Checkpoint::from_line(line)),
                Ok(Line::Certificate { certificate, chain }) => {
                    found.certificates.extend(unhex(&certificate).map(|sha256| (sha256, chain)));
                }
                Err(_) => {}
            }
        }
        found.all.sort_by_key(|checkpoint| checkpoint.seq);
        found
    }

    /// Of a file.
    pub(super) fn written(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        Self::from_lines(text.lines())
    }

    /// As lines: certificates first.
    pub(super) fn lines(&self) -> Vec<Line> {
        let used = |sha256: &Vec<u8>| self.all.iter().any(|one| one.certificate == *sha256);
        let certificates = self.certificates.iter().filter(|(sha256, _)| used(sha256));
        let certificates = certificates.map(|(sha256, chain)| Line::Certificate {
            certificate: hex(sha256),
            chain: chain.clone(),
        });
        certificates.chain(self.all.iter().map(Checkpoint::line)).collect()
    }

    /// Which of them are the service's own, by place: `true` where the signature is good.
    pub(super) fn judged(&self, service: &str, trust: &Trust) -> Vec<(&Checkpoint, bool)> {
        let key = |chain: &String| chain_of(chain).and_then(|chain| trusted(trust, &chain));
        let keys: HashMap<&Vec<u8>, (Vec<u8>, Vec<u8>)> = self
            .certificates
            .iter()
            .filter_map(|(sha256, chain)| Some((sha256, key(chain)?)))
            .collect();
        let good = |one: &Checkpoint| {
            let Some((key, leaf)) = keys.get(&one.certificate) else { return false };
            *leaf == one.certificate && is_signed(key, one.text(service).as_bytes(), &one.signature)
        };
        self.all.iter().map(|one| (one, good(one))).collect()
    }
}

/// The key of a certificate that is the service's, and its fingerprint.
fn trusted(trust: &Trust, chain: &[CertificateDer<'_>]) -> Option<(Vec<u8>, Vec<u8>)> {
    Some((trust.key_of(chain)?, fingerprint(chain).to_vec()))
}

pub(super) fn path(folder: &Path) -> PathBuf {
    folder.join("audit.checkpoints")
}

/// Adds to the file what has been signed since, and tells the newest place that stands there.
pub(super) fn follow(connection: &Connection, file: &Path, after: i64) -> Result<i64, AuditError> {
    let new = Checkpoints::stored(connection, after)?;
    let Some(newest) = new.all.last().map(|one| one.seq) else { return Ok(after) };
    let mut text = String::new();
    for line in new.lines() {
        let json = serde_json::to_string(&line).map_err(|e| SqliteError::Failed(e.to_string()))?;
        text.push_str(&json);
        text.push('\n');
    }
    let opened = std::fs::OpenOptions::new().create(true).append(true).open(file);
    let written = opened.and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_data()
    });
    written.map_err(|error| SqliteError::Failed(error.to_string()))?;
    Ok(newest)
}

/// The newest place in the file.
pub(super) fn followed(file: &Path) -> i64 {
    Checkpoints::written(file).all.last().map_or(0, |one| one.seq)
}

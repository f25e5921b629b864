//! The second log: a file of JSON lines, each chained to the one before it, signed, and on disk before
//! its answer is given.

use crate::audit::event::AuditEvent;
use crate::audit::signer::{Signature, Signer, is_signed, public_key};
use crate::audit::store::hex;
use base64::Engine;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{Error, Write};
use std::path::PathBuf;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Written {
    number: u32,
    /// The text that is signed with the place and what was before.
    event: String,
    digest: String,
    scheme: u16,
    signature: String,
}

/// A line read back.
pub(super) struct Line {
    pub number: u32,
    pub event: AuditEvent,
    pub digest: Vec<u8>,
    pub is_signed: bool,
}

pub(super) struct SecondLog {
    path: PathBuf,
    service: &'static str,
    signer: Signer,
    pub lines: u32,
    /// When the first of them was written.
    pub first: Option<Timestamp>,
    previous: Vec<u8>,
}

fn broken(error: &dyn std::fmt::Display) -> Error {
    Error::other(format!("the second log is broken: {error}"))
}

fn digest(previous: &[u8], number: u32, event: &str) -> Vec<u8> {
    let digest = Sha256::new().chain_update(previous).chain_update(number.to_be_bytes());
    digest.chain_update(event).finalize().to_vec()
}

impl SecondLog {
    /// Opens it, and sees that it can be written.
    pub(super) fn open(
        path: PathBuf,
        service: &'static str,
        signer: Signer,
    ) -> Result<Self, Error> {
        File::options().create(true).append(true).open(&path)?;
        let mut log = Self { path, service, signer, lines: 0, first: None, previous: Vec::new() };
        let lines = log.read()?;
        log.lines = u32::try_from(lines.len()).unwrap_or(u32::MAX);
        log.first = lines.first().and_then(|line| line.event.at.parse().ok());
        log.previous = lines.last().map(|line| line.digest.clone()).unwrap_or_default();
        Ok(log)
    }

    fn text(&self, number: u32, digest: &[u8]) -> String {
        let (service, digest) = (self.service, hex(digest));
        format!("watling audit fallback 1\n{service}\n{number}\n{digest}\n")
    }

    pub(super) fn append(&mut self, event: &AuditEvent) -> Result<(), Error> {
        let number = self.lines + 1;
        let event = serde_json::to_string(event).map_err(|error| broken(&error))?;
        let digest = digest(&self.previous, number, &event);
        let signature = self.signer.sign(self.text(number, &digest).as_bytes());
        let signature = signature.map_err(Error::other)?;
        let line = Written {
            number,
            event,
            digest: hex(&digest),
            scheme: signature.scheme,
            signature: base64::engine::general_purpose::STANDARD.encode(&signature.bytes),
        };
        let text = serde_json::to_string(&line).map_err(|error| broken(&error))? + "\n";
        let mut file = File::options().create(true).append(true).open(&self.path)?;
        let before = file.metadata()?.len();
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_data());
        if written.is_err() {
            // Half a line would hide the next one.
            let _ = file.set_len(before);
        }
        written?;
        (self.lines, self.previous) = (number, digest);
        Ok(())
    }

    /// Every line, with what can be said of its signature.
    pub(super) fn read(&self) -> Result<Vec<Line>, Error> {
        let text = std::fs::read_to_string(&self.path)?;
        let key = public_key(&self.signer.chain).unwrap_or_default();
        let mut previous = Vec::new();
        let mut lines = Vec::new();
        // A line without its end was never acknowledged.
        for line in text.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            let line: Written = serde_json::from_str(line).map_err(|error| broken(&error))?;
            let digest = digest(&previous, line.number, &line.event);
            let bytes = base64::engine::general_purpose::STANDARD.decode(&line.signature);
            let signature = Signature { scheme: line.scheme, bytes: bytes.unwrap_or_default() };
            let signed = is_signed(&key, self.text(line.number, &digest).as_bytes(), &signature);
            let event = serde_json::from_str(&line.event).map_err(|error| broken(&error))?;
            let is_signed = signed && hex(&digest) == line.digest;
            lines.push(Line { number: line.number, event, digest: digest.clone(), is_signed });
            previous = digest;
        }
        Ok(lines)
    }

    /// Keeps the merged file under another name, and begins anew.
    pub(super) fn set_aside(&mut self) -> Result<(), Error> {
        let name = hex(self.previous.get(..8).unwrap_or_default());
        std::fs::rename(&self.path, self.path.with_extension(format!("merged-{name}")))?;
        (self.lines, self.first, self.previous) = (0, None, Vec::new());
        File::options().create(true).append(true).open(&self.path).map(|_| ())
    }
}

//! A piece of a log that was exported, proved by what stands in it and by the hub's authorities.

use super::walk::{Row, Walk};
use super::{Ledger, Proof, Source, Verification};
use crate::audit::checkpoint::{Checkpoints, unhex};
use crate::audit::export::{ExportError, Head, Link};
use crate::audit::store::hex;
use std::fs::File;
use std::io::{BufRead, BufReader, Error};
use std::path::Path;

/// What the first line of a piece says that it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub service: String,
    pub from: i64,
    pub until: i64,
}

fn lines(path: &Path) -> Result<impl Iterator<Item = Result<String, Error>>, Error> {
    Ok(BufReader::new(File::open(path)?).lines())
}

fn head(path: &Path) -> Result<Head, ExportError> {
    let first = lines(path)?.next().transpose()?.unwrap_or_default();
    Ok(serde_json::from_str(&first)?)
}

/// What a file claims to be.
pub fn piece_of(path: &Path) -> Result<Piece, ExportError> {
    let Head { service, from, until, .. } = head(path)?;
    Ok(Piece { service, from, until })
}

/// Walks an exported piece; its service's name is in it, and in every signature.
pub fn verify_piece(path: &Path, proof: &Proof<'_>) -> Result<Verification, ExportError> {
    let head = head(path)?;
    let mut ledger = Ledger::empty(proof);
    // Two readings, so that a long piece is never whole in memory.
    let signed =
        lines(path)?.filter_map(Result::ok).filter(|line| line.contains("\"certificate\""));
    let signed: Vec<String> = signed.collect();
    let checkpoints = Checkpoints::from_lines(signed.iter().map(String::as_str));
    if let Some(trust) = proof.trust {
        ledger.know(&checkpoints.judged(&head.service, trust), Source::Piece);
    }
    let mut walk = Walk::behind(head.from - 1, unhex(&head.previous).unwrap_or_default());
    for line in lines(path)?.skip(1) {
        let Ok(link) = serde_json::from_str::<Link>(&line?) else { continue };
        let row = Row {
            seq: link.seq,
            at: link.at,
            event: link.event,
            content: unhex(&link.content_digest).unwrap_or_default(),
            digest: unhex(&link.digest).unwrap_or_default(),
        };
        if let Some(settled) = walk.push(row) {
            ledger.see(&settled);
        }
    }
    while let Some(settled) = walk.finish() {
        ledger.see(&settled);
    }
    let last = walk.next - 1;
    ledger.found.append(&mut walk.found);
    Ok(ledger.close_piece((head.from, head.until, last), hex(&walk.previous), proof))
}

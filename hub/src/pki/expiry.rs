//! Certificates and revocation lists that are about to end, or have: the hub's own, its authorities,
//! the issuers of assertions, and the clients of a development folder.

use super::DevelopmentPki;
use crate::config::Config;
use crate::data::DataFolder;
use jiff::Timestamp;
use node::tls::{Validity, certificate_ends, list_ends};
use node::xua::TrustStore;
use std::path::{Path, PathBuf};

/// A certificate with fewer days left is reported.
pub const DAYS_SOON: i64 = 30;

/// What ends soon or has ended, as a sentence for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    pub what: String,
    /// Negative once it has ended.
    pub days_left: i64,
}

impl Ending {
    pub fn sentence(&self) -> String {
        match self.days_left {
            days if days < 0 => format!("{} has ended {} days ago", self.what, -days),
            days => format!("{} ends in {days} days", self.what),
        }
    }
}

/// Everything that ends within [`DAYS_SOON`] days, the soonest first.
pub fn ending(config: &Config, data: Option<&Path>, now: Timestamp) -> Vec<Ending> {
    let mut found = Vec::new();
    let mut add = |what: String, ends: Timestamp| {
        let days_left = ends.duration_since(now).as_hours().div_euclid(24);
        if days_left < DAYS_SOON {
            found.push(Ending { what, days_left });
        }
    };
    let mut each = |what: &str, path: &Path| {
        for Validity { subject, ends } in certificate_ends(path) {
            add(format!("{what} {subject} ({})", path.display()), ends);
        }
    };
    let mut lists: Vec<PathBuf> = Vec::new();
    if let Some(own) = &config.pki {
        each("the authority", &own.trust);
        for pair in [&own.registry, &own.repository, &own.gateway].into_iter().flatten() {
            each("the hub's certificate", &pair.certificate);
        }
        lists.extend(own.revoked.clone());
    } else if let Some(path) = data.filter(|path| path.is_dir()) {
        let pki = DevelopmentPki::of(&DataFolder { path: path.to_owned() });
        each("the authority", &pki.ca());
        for path in pem_files(&pki.folder) {
            each("the hub's certificate", &path);
        }
        for path in pem_files(&pki.folder.join("clients")) {
            each("the client certificate", &path);
        }
        lists.push(pki.revoked());
    }
    if let Some(settings) = &config.xua {
        for issuer in TrustStore::load(settings).map(|t| t.expiring()).unwrap_or_default() {
            add(format!("the certificate of {}", issuer.whose), issuer.not_after);
        }
        lists.extend(settings.revoked.clone());
    }
    for path in lists {
        for ends in list_ends(&path) {
            add(format!("the revocation list {}", path.display()), ends);
        }
    }
    found.sort_by_key(|ending| ending.days_left);
    found
}

/// Certificates of a folder: `*.pem` but the authority and its lists.
fn pem_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let certificate = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default();
        path.extension().is_some_and(|e| e == "pem") && name != "ca.pem" && name != "revoked.pem"
    };
    let mut paths: Vec<PathBuf> = paths.filter(certificate).collect();
    paths.sort();
    paths
}

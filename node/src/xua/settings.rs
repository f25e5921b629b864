//! `[xua]`: whose assertions are believed, and what their codes mean here.

use crate::caller::{Role, SDS_ROLE_SYSTEM};
use jiff::{SignedDuration, Timestamp};
use schemas::saml::Coded;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Who may assert, by the exact text of Issuer (or `iss`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    pub name: String,
    /// PEM; several certificates for a change of keys. RSA of 2048 bits or more, P-256 or P-384.
    pub certificates: PathBuf,
    /// Whether an assertion serves one request only. `false` for issuers whose clients keep one for a
    /// session: it then serves only over the client certificate that showed it first.
    #[serde(default = "yes")]
    pub one_use: bool,
}

fn yes() -> bool {
    true
}

/// A role that issuers send, as an SDS job role.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RoleMapping {
    pub system: String,
    pub code: String,
    pub sds: String,
}

/// A purpose of use that issuers send, as the region's word.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PurposeMapping {
    pub system: String,
    pub code: String,
    pub purpose: String,
    /// The glass is broken: the assertion must give a reason.
    #[serde(default)]
    pub break_glass: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct XuaSettings {
    /// URIs by which issuers call this hub or its affinity domain.
    pub audience: Vec<String>,
    /// How far clocks may differ.
    pub skew_seconds: u32,
    /// The longest life of an assertion.
    pub life_seconds_max: u32,
    /// AuthnContextClassRef (or `acr`) of authentication by two factors.
    pub second_factor: Vec<String>,
    /// Revocation lists of the issuers' authorities, PEM; read again when the file changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked: Option<PathBuf>,
    /// Where uses are kept; absent: `xua.db` in the data folder. Processes that share the file share
    /// what was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<PathBuf>,
    pub issuer: Vec<Issuer>,
    pub role: Vec<RoleMapping>,
    pub purpose: Vec<PurposeMapping>,
}

const NHIN_PURPOSE: &str = "2.16.840.1.113883.3.18.7.1";
const ACT_REASON: &str = "2.16.840.1.113883.5.8";

impl Default for XuaSettings {
    fn default() -> Self {
        let purpose = |system: &str, code: &str, purpose: &str, break_glass| PurposeMapping {
            system: system.to_owned(),
            code: code.to_owned(),
            purpose: purpose.to_owned(),
            break_glass,
        };
        Self {
            audience: Vec::new(),
            skew_seconds: 60,
            life_seconds_max: 3_600,
            second_factor: [
                "urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorContract",
                "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI",
                "urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken",
            ]
            .map(str::to_owned)
            .to_vec(),
            revoked: None,
            store: None,
            issuer: Vec::new(),
            role: Vec::new(),
            purpose: vec![
                purpose(NHIN_PURPOSE, "TREATMENT", "direct-care", false),
                purpose(NHIN_PURPOSE, "EMERGENCY", "urgent-care", false),
                purpose(NHIN_PURPOSE, "RESEARCH", "research", false),
                purpose(ACT_REASON, "TREAT", "direct-care", false),
                purpose(ACT_REASON, "ETREAT", "urgent-care", false),
                purpose(ACT_REASON, "HRESCH", "research", false),
                purpose(ACT_REASON, "BTG", "break-glass", true),
            ],
        }
    }
}

impl XuaSettings {
    /// What is wrong with the section; files are looked at by [`super::TrustStore::load`].
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.audience.is_empty() || self.audience.iter().any(|uri| uri.trim().is_empty()) {
            problems.push("xua.audience: name at least one URI by which issuers call this hub");
        }
        if self.issuer.is_empty() {
            problems.push("xua.issuer: name at least one issuer, or leave [xua] out");
        }
        if self.issuer.iter().any(|issuer| issuer.name.trim().is_empty()) {
            problems.push("xua.issuer: a name is empty; it is the text of the assertion's Issuer");
        }
        let names: std::collections::BTreeSet<&str> =
            self.issuer.iter().map(|issuer| issuer.name.as_str()).collect();
        if names.len() != self.issuer.len() {
            problems.push("xua.issuer: two have one name; put both certificates into one file");
        }
        if self.skew_seconds > 300 {
            problems.push("xua.skew_seconds: at most 300");
        }
        if !(30..=86_400).contains(&self.life_seconds_max) {
            problems.push("xua.life_seconds_max: at least 30 and at most 86400");
        }
        problems.into_iter().map(str::to_owned).collect()
    }

    pub(super) fn skew(&self) -> SignedDuration {
        SignedDuration::from_secs(self.skew_seconds.into())
    }

    /// When a use need not be remembered any more.
    pub(super) fn forgotten_at(&self, expires: Timestamp) -> Timestamp {
        expires.saturating_add(self.skew()).unwrap_or(Timestamp::MAX)
    }

    /// The SDS job role of a pair; as asserted, and so no role, where none is mapped.
    pub(super) fn role(&self, role: &Coded) -> Role {
        let mapped = self.role.iter().find(|m| m.system == role.system && m.code == role.code);
        match mapped {
            Some(mapped) => Role { code: mapped.sds.clone(), system: SDS_ROLE_SYSTEM.to_owned() },
            None => Role { code: role.code.clone(), system: role.system.clone() },
        }
    }

    pub(super) fn purpose(&self, purpose: &Coded) -> Option<&PurposeMapping> {
        self.purpose.iter().find(|m| m.system == purpose.system && m.code == purpose.code)
    }
}

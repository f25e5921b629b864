//! Where messages go: endpoints by ODS code, from configuration alone.
//!
//! An address in a message (wsa:ReplyTo, wsa:From, senderAddress) is never posted to: whoever could
//! write one would have the hub's certificate speak for it.

use crate::asynchronous::ReplyAddress;
use schemas::ods_code::OdsCode;
use schemas::soap::SoapVersion;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The SOAP version that an endpoint wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Soap {
    /// Every ITK endpoint known takes it.
    #[default]
    #[serde(rename = "1.1")]
    V11,
    #[serde(rename = "1.2")]
    V12,
}

impl From<Soap> for SoapVersion {
    fn from(soap: Soap) -> Self {
        match soap {
            Soap::V11 => Self::V11,
            Soap::V12 => Self::V12,
        }
    }
}

/// How an endpoint is told what a message is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ServiceStyle {
    /// wsa:Action and service name it: `SendBusinessAck-v1-0`.
    #[default]
    Specific,
    /// Both are `sendDistEnvelope`; the interaction names it.
    Generic,
}

/// One organisation's endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectoryEntry {
    pub url: ReplyAddress,
    #[serde(default)]
    pub soap: Soap,
    #[serde(default)]
    pub service: ServiceStyle,
}

/// `[itk.directory."RXN"]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Directory(pub BTreeMap<OdsCode, DirectoryEntry>);

impl Directory {
    pub fn find(&self, ods: &OdsCode) -> Option<&DirectoryEntry> {
        self.0.get(ods)
    }

    pub(super) fn codes(&self) -> BTreeSet<OdsCode> {
        self.0.keys().cloned().collect()
    }
}

/// `[itk.outbox]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutboxSettings {
    /// How long an item is tried to be delivered, from its first try.
    pub deadline_seconds: u64,
    /// How long an item waits to be collected by an organisation without an endpoint.
    pub collect_seconds: u64,
    /// How long an item that was handed out waits for its confirmation before it is handed out again.
    pub visibility_seconds: u64,
    /// How long what is settled stays to be seen, and is not sent again.
    pub retention_seconds: u64,
}

const DAY: u64 = 24 * 3600;

impl Default for OutboxSettings {
    fn default() -> Self {
        Self {
            deadline_seconds: 7 * DAY,
            collect_seconds: 30 * DAY,
            visibility_seconds: 15 * 60,
            retention_seconds: 90 * DAY,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Directory, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn an_entry_is_soap_1_1_with_the_specific_service_unless_it_says_otherwise() {
        let directory = read(
            r#"{"rxn": {"url": "https://tie.example/itk"},
                "RXL": {"url": "https://b.example/", "soap": "1.2", "service": "generic"}}"#,
        );
        let directory = directory.unwrap();
        let find = |ods: &str| directory.find(&OdsCode::parse(ods).unwrap()).cloned();
        let rxn = find("RXN").unwrap();
        assert_eq!((rxn.soap, rxn.service), (Soap::V11, ServiceStyle::Specific));
        let rxl = find("RXL").unwrap();
        assert_eq!((rxl.soap, rxl.service), (Soap::V12, ServiceStyle::Generic));
        assert_eq!(find("ZZP01"), None);
    }

    #[test]
    fn an_entry_that_means_nothing_is_refused() {
        for json in [
            r#"{"RXN": {"url": "http://tie.example/itk"}}"#,
            r#"{"RXN": {"url": "https://a@tie.example/itk"}}"#,
            r#"{"RXN": {"url": "https://tie.example/itk", "soap": "2"}}"#,
            r#"{"RXN": {"url": "https://tie.example/itk", "style": "generic"}}"#,
            r#"{"no code": {"url": "https://tie.example/itk"}}"#,
        ] {
            assert!(read(json).is_err(), "{json}");
        }
    }
}

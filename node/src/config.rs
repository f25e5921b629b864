//! Configuration sections that every service shares. Unknown keys are refused where they are read.

use crate::asynchronous::{Network, ReplyAddress};
use serde::{Deserialize, Serialize};

/// Bytes, counts and seconds that a request may cost.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// The SOAP envelope, with any base64 documents inside it.
    pub envelope_bytes_max: u64,
    /// One document in a MIME part.
    pub document_bytes_max: u64,
    /// A whole request.
    pub request_bytes_max: u64,
    /// MIME parts of one package.
    pub parts_max: usize,
    /// Parts up to this size stay in memory; larger ones go to the spool folder.
    pub memory_bytes_max: u64,
    /// Time for a request to arrive.
    pub receive_seconds_max: u64,
    /// Entries that one query may find.
    pub results_max: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            envelope_bytes_max: 32 * 1024 * 1024,
            document_bytes_max: 1024 * 1024 * 1024,
            request_bytes_max: 2 * 1024 * 1024 * 1024,
            parts_max: 256,
            memory_bytes_max: 256 * 1024,
            receive_seconds_max: 600,
            results_max: 10_000,
        }
    }
}

/// What to do with a SAML assertion while none can be verified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SamlHeader {
    /// A fault: nothing unverified is trusted, and nothing is silently dropped.
    #[default]
    Refuse,
    Ignore,
}

/// Answers on connections of their own (WS-Addressing ReplyTo).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct AsyncReplies {
    /// Where answers may be sent: `https://host:port/path-prefix`. Empty: on the request's connection
    /// only.
    pub reply_to: Vec<ReplyAddress>,
    /// Networks in which a listed host name may resolve although they are not public.
    pub private_networks: Vec<Network>,
    /// How long an answer is tried to be delivered.
    pub deadline_seconds: u64,
    /// How long a repeated MessageID is recognised and its answer kept.
    pub retention_seconds: u64,
}

impl Default for AsyncReplies {
    fn default() -> Self {
        Self {
            reply_to: Vec::new(),
            private_networks: Vec::new(),
            deadline_seconds: 24 * 3600,
            retention_seconds: 48 * 3600,
        }
    }
}

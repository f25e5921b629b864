//! An acknowledgement that has come to the hub.

use super::{BusinessResponse, InfrastructureResponse};
use crate::xml::{Document, Limits};

/// Either kind, as read from a payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acknowledgement {
    Infrastructure(InfrastructureResponse),
    Business(BusinessResponse),
}

impl Acknowledgement {
    /// Reads a payload; `None` where it is something else.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let document = Document::parse_bytes(payload, &Limits::default()).ok()?;
        let root = document.root();
        let infrastructure = InfrastructureResponse::read(root).map(Self::Infrastructure);
        infrastructure.or_else(|| BusinessResponse::read(root).map(Self::Business))
    }

    pub fn is_positive(&self) -> bool {
        match self {
            Self::Infrastructure(response) => response.is_positive(),
            Self::Business(response) => response.is_positive(),
        }
    }

    /// The trackingid of what is acknowledged, upper case; empty where the sender left it out.
    pub fn tracking_id_ref(&self) -> &str {
        match self {
            Self::Infrastructure(response) => &response.tracking_id_ref,
            Self::Business(response) => &response.tracking_id_ref,
        }
    }
}

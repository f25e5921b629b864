//! The transactions that the hub speaks, their actions and body elements (ITI TF-2).

/// A SOAP transaction of the hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transaction {
    /// Registry Stored Query.
    Iti18,
    /// Provide and Register Document Set-b.
    Iti41,
    /// Register Document Set-b.
    Iti42,
    /// Retrieve Document Set.
    Iti43,
    /// A message of the NHS Interoperability Toolkit.
    Itk,
}

use crate::wire::{LCM, QUERY, XDSB};

impl Transaction {
    const XDS: [Self; 4] = [Self::Iti18, Self::Iti41, Self::Iti42, Self::Iti43];

    /// `ITI-18` and so on: the name in audit records, metrics and log lines.
    pub fn name(self) -> &'static str {
        match self {
            Self::Iti18 => "ITI-18",
            Self::Iti41 => "ITI-41",
            Self::Iti42 => "ITI-42",
            Self::Iti43 => "ITI-43",
            Self::Itk => "ITK",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Iti18 => "Registry Stored Query",
            Self::Iti41 => "Provide and Register Document Set-b",
            Self::Iti42 => "Register Document Set-b",
            Self::Iti43 => "Retrieve Document Set",
            Self::Itk => "ITK message",
        }
    }

    /// The request's wsa:Action.
    pub fn action(self) -> &'static str {
        match self {
            Self::Iti18 => "urn:ihe:iti:2007:RegistryStoredQuery",
            Self::Iti41 => "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b",
            Self::Iti42 => "urn:ihe:iti:2007:RegisterDocumentSet-b",
            Self::Iti43 => "urn:ihe:iti:2007:RetrieveDocumentSet",
            Self::Itk => "urn:nhs-itk:services:201005:sendDistEnvelope",
        }
    }

    /// The answer's wsa:Action.
    pub fn response_action(self) -> String {
        format!("{}Response", self.action())
    }

    /// Namespace and name of the request's body element.
    pub fn body(self) -> (&'static str, &'static str) {
        match self {
            Self::Iti18 => (QUERY, "AdhocQueryRequest"),
            Self::Iti41 => (XDSB, "ProvideAndRegisterDocumentSetRequest"),
            Self::Iti42 => (LCM, "SubmitObjectsRequest"),
            Self::Iti43 => (XDSB, "RetrieveDocumentSetRequest"),
            Self::Itk => (crate::itk::NAMESPACE, "DistributionEnvelope"),
        }
    }

    /// Whether request and answer travel as MTOM by the profile (ITI TF-2 appendix V).
    pub fn is_mtom(self) -> bool {
        matches!(self, Self::Iti41 | Self::Iti43)
    }

    pub fn from_action(action: &str) -> Option<Self> {
        Self::XDS.into_iter().find(|transaction| transaction.action() == action)
    }

    pub fn from_body(uri: &str, local: &str) -> Option<Self> {
        Self::XDS.into_iter().find(|transaction| transaction.body() == (uri, local))
    }
}

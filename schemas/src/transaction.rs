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
    /// Patient Identity Feed HL7 V3.
    Iti44,
    /// Update Document Set.
    Iti57,
    /// Register On-Demand Document Entry.
    Iti61,
    /// Remove Metadata.
    Iti62,
    /// Remove Documents.
    Iti86,
    /// Restricted Update Document Set.
    Iti92,
    /// Between the hub's own services: documents were taken back, or a notice of it acknowledged.
    Recall,
    /// Between the hub's own services: what the region's systems say of who looks after a patient.
    Relationship,
    /// Between the hub's own services: what a list of a patient's documents may lack.
    Completeness,
    /// A message of the NHS Interoperability Toolkit.
    Itk,
}

use crate::completeness;
use crate::pix::NAMESPACE as HL7;
use crate::recall;
use crate::relationship;
use crate::remove_documents;
use crate::wire::{LCM, QUERY, XDSB};

/// One kind of request: its wsa:Action, and namespace and name of its body element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestForm {
    pub action: &'static str,
    pub body: (&'static str, &'static str),
}

const fn form(action: &'static str, namespace: &'static str, local: &'static str) -> RequestForm {
    RequestForm { action, body: (namespace, local) }
}

impl Transaction {
    /// Those of XDS endpoints, the hub's own among them.
    pub const XDS: [Self; 13] = [
        Self::Iti18,
        Self::Iti41,
        Self::Iti42,
        Self::Iti43,
        Self::Iti44,
        Self::Iti57,
        Self::Iti61,
        Self::Iti62,
        Self::Iti86,
        Self::Iti92,
        Self::Recall,
        Self::Relationship,
        Self::Completeness,
    ];

    /// `ITI-18` and so on: the name in audit records, metrics and log lines.
    pub fn name(self) -> &'static str {
        match self {
            Self::Iti18 => "ITI-18",
            Self::Iti41 => "ITI-41",
            Self::Iti42 => "ITI-42",
            Self::Iti43 => "ITI-43",
            Self::Iti44 => "ITI-44",
            Self::Iti57 => "ITI-57",
            Self::Iti61 => "ITI-61",
            Self::Iti62 => "ITI-62",
            Self::Iti86 => "ITI-86",
            Self::Iti92 => "ITI-92",
            Self::Recall => "Recall",
            Self::Relationship => "Relationship",
            Self::Completeness => "Completeness",
            Self::Itk => "ITK",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Iti18 => "Registry Stored Query",
            Self::Iti41 => "Provide and Register Document Set-b",
            Self::Iti42 => "Register Document Set-b",
            Self::Iti43 => "Retrieve Document Set",
            Self::Iti44 => "Patient Identity Feed HL7 V3",
            Self::Iti57 => "Update Document Set",
            Self::Iti61 => "Register On-Demand Document Entry",
            Self::Iti62 => "Remove Metadata",
            Self::Iti86 => "Remove Documents",
            Self::Iti92 => "Restricted Update Document Set",
            Self::Recall => "Recall of documents",
            Self::Relationship => "Relationship of a patient",
            Self::Completeness => "Completeness of a list",
            Self::Itk => "ITK message",
        }
    }

    /// The kinds of request that a transaction has; most have one.
    pub fn requests(self) -> &'static [RequestForm] {
        const ITI_18: [RequestForm; 1] =
            [form("urn:ihe:iti:2007:RegistryStoredQuery", QUERY, "AdhocQueryRequest")];
        const ITI_41: [RequestForm; 1] = [form(
            "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b",
            XDSB,
            "ProvideAndRegisterDocumentSetRequest",
        )];
        const ITI_42: [RequestForm; 1] =
            [form("urn:ihe:iti:2007:RegisterDocumentSet-b", LCM, "SubmitObjectsRequest")];
        const ITI_43: [RequestForm; 1] =
            [form("urn:ihe:iti:2007:RetrieveDocumentSet", XDSB, "RetrieveDocumentSetRequest")];
        const ITI_44: [RequestForm; 3] = [
            form("urn:hl7-org:v3:PRPA_IN201301UV02", HL7, "PRPA_IN201301UV02"),
            form("urn:hl7-org:v3:PRPA_IN201302UV02", HL7, "PRPA_IN201302UV02"),
            form("urn:hl7-org:v3:PRPA_IN201304UV02", HL7, "PRPA_IN201304UV02"),
        ];
        const ITI_57: [RequestForm; 1] =
            [form("urn:ihe:iti:2010:UpdateDocumentSet", LCM, "SubmitObjectsRequest")];
        const ITI_61: [RequestForm; 1] =
            [form("urn:ihe:iti:2010:RegisterOnDemandDocumentEntry", LCM, "SubmitObjectsRequest")];
        const ITI_62: [RequestForm; 1] =
            [form("urn:ihe:iti:2010:DeleteDocumentSet", LCM, "RemoveObjectsRequest")];
        const ITI_86: [RequestForm; 1] = [form(
            "urn:ihe:iti:2017:RemoveDocuments",
            remove_documents::NAMESPACE,
            remove_documents::REQUEST,
        )];
        const ITI_92: [RequestForm; 1] =
            [form("urn:ihe:iti:2018:RestrictedUpdateDocumentSet", LCM, "SubmitObjectsRequest")];
        const RECALL: [RequestForm; 2] = [
            form("urn:watling:recall:Withdrawn", recall::NAMESPACE, recall::WITHDRAWN),
            form("urn:watling:recall:Acknowledged", recall::NAMESPACE, recall::ACKNOWLEDGED),
        ];
        const RELATIONSHIP: [RequestForm; 1] =
            [form("urn:watling:relationship:Told", relationship::NAMESPACE, relationship::TOLD)];
        const COMPLETENESS: [RequestForm; 1] = [form(
            "urn:watling:completeness:Lacking",
            completeness::NAMESPACE,
            completeness::QUESTION,
        )];
        const ITK: [RequestForm; 1] = [form(
            "urn:nhs-itk:services:201005:sendDistEnvelope",
            crate::itk::NAMESPACE,
            "DistributionEnvelope",
        )];
        match self {
            Self::Iti18 => &ITI_18,
            Self::Iti41 => &ITI_41,
            Self::Iti42 => &ITI_42,
            Self::Iti43 => &ITI_43,
            Self::Iti44 => &ITI_44,
            Self::Iti57 => &ITI_57,
            Self::Iti61 => &ITI_61,
            Self::Iti62 => &ITI_62,
            Self::Iti86 => &ITI_86,
            Self::Iti92 => &ITI_92,
            Self::Recall => &RECALL,
            Self::Relationship => &RELATIONSHIP,
            Self::Completeness => &COMPLETENESS,
            Self::Itk => &ITK,
        }
    }

    /// The wsa:Action of a transaction's first (mostly only) kind of request.
    pub fn action(self) -> &'static str {
        self.requests()[0].action
    }

    /// The answer's wsa:Action.
    pub fn response_action(self) -> String {
        match self {
            Self::Iti44 => "urn:hl7-org:v3:MCCI_IN000002UV01".to_owned(),
            // Not the request's name with an ending: the Technical Framework leaves out "Entry".
            Self::Iti61 => "urn:ihe:iti:2010:RegisterOnDemandDocumentResponse".to_owned(),
            Self::Recall => "urn:watling:recall:Response".to_owned(),
            Self::Relationship => "urn:watling:relationship:Response".to_owned(),
            _ => format!("{}Response", self.action()),
        }
    }

    /// Whether request and answer travel as MTOM by the profile (ITI TF-2 appendix V).
    pub fn is_mtom(self) -> bool {
        matches!(self, Self::Iti41 | Self::Iti43)
    }

    /// The transaction and the kind of request that an action names.
    pub fn from_action(action: &str) -> Option<(Self, RequestForm)> {
        Self::XDS.into_iter().find_map(|transaction| {
            let form = transaction.requests().iter().find(|form| form.action == action)?;
            Some((transaction, *form))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_names_one_request() {
        for transaction in Transaction::XDS {
            for form in transaction.requests() {
                let found = Some((transaction, *form));
                assert_eq!(Transaction::from_action(form.action), found);
            }
        }
    }
}

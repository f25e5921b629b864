//! A consent document of others in the region's words. Pure.

use super::{Evidence, NewStatement, RecordedBy, Said};
use crate::region::{TypeSelector, Wish};
use jiff::civil::Date;
use schemas::code_set::CodeSets;
use schemas::consent::{About, ConsentDocument, Documents, Rule};
use schemas::ods_code::OdsCode;
use schemas::oid::Oid;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What acknowledging a privacy policy means.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyMeaning {
    /// The policy, as acknowledgements name it.
    pub oid: Oid,
    /// A wish, or consent to a purpose: one of both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wish: Option<Wish>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_type: Option<TypeSelector>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publisher: Option<OdsCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consumer: Option<OdsCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consents_to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refuses: Option<String>,
}

impl PolicyMeaning {
    fn said(&self) -> Option<Said> {
        let consent = |purpose: &String, given| Said::Consent { purpose: purpose.clone(), given };
        match (self.wish, &self.consents_to, &self.refuses) {
            (Some(wish), None, None) => Some(Said::Wish {
                wish,
                document_type: self.document_type.clone(),
                publisher: self.publisher.clone(),
                consumer: self.consumer.clone(),
            }),
            (None, Some(purpose), None) => Some(consent(purpose, true)),
            (None, None, Some(purpose)) => Some(consent(purpose, false)),
            _ => None,
        }
    }
}

/// The `[preference]` of the configuration.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Import {
    /// What acknowledgements of privacy policies (BPPC) mean.
    pub policy: Vec<PolicyMeaning>,
    /// The region's word for an ActReason of a FHIR Consent.
    pub purposes: BTreeMap<String, String>,
}

impl Default for Import {
    fn default() -> Self {
        let words = [("TREAT", "direct-care"), ("ETREAT", "urgent-care"), ("HRESCH", "research")];
        let purposes = words.map(|(code, word)| (code.to_owned(), word.to_owned()));
        Self { policy: Vec::new(), purposes: BTreeMap::from(purposes) }
    }
}

impl Import {
    /// Rows that mean nothing, or two things.
    pub fn problems(&self) -> Vec<String> {
        let unclear = self.policy.iter().filter(|meaning| meaning.said().is_none());
        let unclear = unclear.map(|meaning| {
            format!(
                "preference.policy {}: give exactly one of wish, consents_to and refuses",
                meaning.oid.as_str()
            )
        });
        unclear.collect()
    }

    fn meaning(&self, oid: &Oid) -> Option<Said> {
        self.policy.iter().find(|meaning| meaning.oid == *oid)?.said()
    }
}

/// Why a consent document is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    #[error("rule {0} names a document class that no document type of the code sets has")]
    Class(usize),
    #[error("rule {0} names a document type that the code sets do not know")]
    Type(usize),
    #[error("rule {0} names a purpose that [preference.purposes] gives no word for")]
    Purpose(usize),
    #[error(
        "rule {0} names a privacy policy that [[preference.policy]] gives no meaning: add it, or take the rule out"
    )]
    Policy(usize),
}

/// What goes along with each statement of an import.
pub struct Ground {
    pub by: RecordedBy,
    pub evidence: Evidence,
    /// First day of what names none.
    pub today: Date,
}

/// The statements that a document comes to; all, or none.
pub fn statements(
    document: &ConsentDocument,
    import: &Import,
    code_sets: &CodeSets,
    ground: &Ground,
) -> Result<Vec<NewStatement>, ImportError> {
    let mut statements = Vec::new();
    for (n, rule) in document.rules.iter().enumerate() {
        for said in meaning(rule, n + 1, import, code_sets)? {
            statements.push(NewStatement {
                patient: document.patient,
                said,
                starts: rule.starts.unwrap_or(ground.today),
                ends: rule.ends,
                by: ground.by.clone(),
                evidence: ground.evidence.clone(),
            });
        }
    }
    Ok(statements)
}

fn meaning(
    rule: &Rule,
    n: usize,
    import: &Import,
    code_sets: &CodeSets,
) -> Result<Vec<Said>, ImportError> {
    match &rule.about {
        About::Policy(oid) => import.meaning(oid).map(|s| vec![s]).ok_or(ImportError::Policy(n)),
        About::Purpose(code) => {
            let purpose = import.purposes.get(code).ok_or(ImportError::Purpose(n))?.clone();
            Ok(vec![Said::Consent { purpose, given: rule.permit }])
        }
        About::Sharing { documents, publisher, consumer } => {
            let wish = if rule.permit { Wish::Share } else { Wish::DoNotShare };
            let said = |document_type| Said::Wish {
                wish,
                document_type,
                publisher: publisher.clone(),
                consumer: consumer.clone(),
            };
            Ok(types(documents, n, code_sets)?.into_iter().map(said).collect())
        }
    }
}

/// The document types of a class or a code, each by its name.
fn types(
    documents: &Documents,
    n: usize,
    code_sets: &CodeSets,
) -> Result<Vec<Option<TypeSelector>>, ImportError> {
    let named = |fits: &dyn Fn(&schemas::code_set::DocumentType) -> bool| -> Vec<_> {
        let types = code_sets.document_type.iter().filter(|document_type| fits(document_type));
        types.map(|one| Some(TypeSelector::Name(one.name.clone()))).collect()
    };
    let (found, error) = match documents {
        Documents::Any => return Ok(vec![None]),
        Documents::Class(code) => (named(&|one| one.class_code == *code), ImportError::Class(n)),
        Documents::Type(code) => {
            let code = code_sets.canonical_type(code);
            (named(&|one| one.type_code == code), ImportError::Type(n))
        }
    };
    if found.is_empty() { Err(error) } else { Ok(found) }
}

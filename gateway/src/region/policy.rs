//! What the region has decided for all of its members.

use super::TypeSelector;
use super::evidence::EvidenceKind;
use schemas::code_set::DocumentType;
use schemas::ods_code::OdsCode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a citizen's preference does for a purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PreferenceMode {
    /// It is kept and not looked at.
    Off,
    /// It is noted beside the decision, and refuses nothing.
    Advisory,
    #[default]
    Enforcing,
}

/// How what is withheld shows to a role that may know of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WithheldShows {
    #[default]
    Nothing,
    /// A Warning with the number of withheld entries.
    Count,
    /// An entry of its own kind with no content.
    Placeholder,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BreakGlassPolicy {
    /// Roles that may break the glass; none: nobody may.
    pub roles: Vec<String>,
    /// Whether it stands in for the citizen's preference too.
    pub over_preference: bool,
    /// Whether a second factor must be shown.
    pub second_factor: bool,
    /// How long one use lasts.
    pub minutes: u32,
    /// Days after which a use that is not reviewed is overdue.
    pub review_days: u32,
    /// Days within which an encounter or another relationship is taken to have followed a use.
    pub followed_days: u32,
    /// Whether each publisher is told every day of what was opened of its documents.
    pub daily_digest: bool,
}

impl Default for BreakGlassPolicy {
    fn default() -> Self {
        Self {
            roles: Vec::new(),
            over_preference: false,
            second_factor: false,
            minutes: 240,
            review_days: 7,
            followed_days: 7,
            daily_digest: true,
        }
    }
}

/// For which publishers the region's operator may decide, where the framework says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecidesFor {
    /// For none: it suspends and withdraws, and every publisher signs for itself.
    #[default]
    Nobody,
    /// For groups: who signs the framework accepts what is agreed for the group.
    Groups,
    Everybody,
}

/// The office that runs the region's agreements.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    pub ods: OdsCode,
    #[serde(default)]
    pub decides_for: DecidesFor,
}

/// What members have to show, and what happens before it runs out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EvidencePolicy {
    /// Without these nobody joins.
    pub required: Vec<EvidenceKind>,
    /// Days before the end at which it is warned.
    pub warn_days: Vec<u16>,
    /// Days after the toolkit's end in which it counts as late, not as lapsed.
    pub dspt_grace_days: u16,
}

impl Default for EvidencePolicy {
    fn default() -> Self {
        Self {
            required: vec![EvidenceKind::Dspt, EvidenceKind::Ico, EvidenceKind::CaldicottGuardian],
            warn_days: vec![90, 30, 7],
            dspt_grace_days: 90,
        }
    }
}

/// From which impact on direct care a suspension needs a clinical-safety approval: whichever is
/// reached first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClinicalSafetyPolicy {
    /// Consumers that would lose something for direct care.
    pub consumers: u32,
    /// The same, as a share of all that have something for direct care.
    pub share_percent: u32,
}

impl Default for ClinicalSafetyPolicy {
    fn default() -> Self {
        Self { consumers: 5, share_percent: 20 }
    }
}

/// The `[policy]` of a region file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// By purpose; enforcing where none is named.
    pub preference: BTreeMap<String, PreferenceMode>,
    /// Purposes for which a citizen must have consented.
    pub consent_required: Vec<String>,
    /// Purposes that are never direct care: an agreement that names one of them and a purpose of
    /// care is refused.
    pub secondary_purposes: Vec<String>,
    /// Purposes that open with a patient's death and need no relationship.
    pub after_death_purposes: Vec<String>,
    pub break_glass: BreakGlassPolicy,
    /// Hours that a transactional flag lasts, by its kind.
    pub transactional_hours: BTreeMap<String, u32>,
    /// Days that a practice keeps a patient who has left its list.
    pub practice_tail_days: u32,
    /// Days that an organisation keeps a patient after a visit with it.
    pub encounter_tail_days: u32,
    /// Days without a word of a visit after which it counts as over: many an end is never sent.
    pub encounter_days: u32,
    /// Days that a referral is a relationship of whom it is addressed to; 0: it is none.
    pub referral_days: u32,
    /// The same for any other document that names its recipients.
    pub recipient_days: u32,
    /// By role; nothing where none is named.
    pub withheld_shows: BTreeMap<String, WithheldShows>,
    /// Document types of which not even the number is told, beside those that the code sets mark
    /// and those that are not known.
    pub existence_sensitive: Vec<TypeSelector>,
    /// Whether approving takes two persons.
    pub two_person_approval: bool,
    /// Whether types or parties may be added to or taken from an agreement without all signing again.
    pub amend_without_signing_again: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<Operator>,
    pub evidence: EvidencePolicy,
    pub clinical_safety: ClinicalSafetyPolicy,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            preference: BTreeMap::new(),
            consent_required: Vec::new(),
            secondary_purposes: vec!["planning".to_owned(), "research".to_owned()],
            after_death_purposes: vec!["examiner".to_owned(), "coroner".to_owned()],
            break_glass: BreakGlassPolicy::default(),
            transactional_hours: BTreeMap::new(),
            practice_tail_days: 28,
            encounter_tail_days: 7,
            encounter_days: 90,
            referral_days: 180,
            recipient_days: 90,
            withheld_shows: BTreeMap::new(),
            existence_sensitive: Vec::new(),
            two_person_approval: false,
            amend_without_signing_again: false,
            operator: None,
            evidence: EvidencePolicy::default(),
            clinical_safety: ClinicalSafetyPolicy::default(),
        }
    }
}

impl Policy {
    pub fn preference_for(&self, purpose: &str) -> PreferenceMode {
        self.preference.get(purpose).copied().unwrap_or_default()
    }

    /// Whether a purpose is none of direct care.
    pub fn is_secondary(&self, purpose: &str) -> bool {
        self.secondary_purposes.iter().any(|secondary| secondary == purpose)
    }

    /// How many persons an approval takes.
    pub fn approvers(&self) -> usize {
        if self.two_person_approval { 2 } else { 1 }
    }

    pub fn is_after_death(&self, purpose: &str) -> bool {
        self.after_death_purposes.iter().any(|after| after == purpose)
    }

    /// Whether purposes are of both kinds, so that a secondary one would ride along with care.
    pub fn mixes(&self, purposes: &[String]) -> bool {
        let secondary = purposes.iter().filter(|purpose| self.is_secondary(purpose)).count();
        0 < secondary && secondary < purposes.len()
    }

    pub fn withheld_shows_to(&self, role: &str) -> WithheldShows {
        self.withheld_shows.get(role).copied().unwrap_or_default()
    }

    /// Whether that there is such a document may not be told: of a type that is marked or not known,
    /// or with a confidentialityCode above normal.
    pub fn existence_is_sensitive(
        &self,
        document_type: Option<&DocumentType>,
        confidentiality: &[String],
    ) -> bool {
        let normal = |code: &String| matches!(code.as_str(), "U" | "L" | "M" | "N");
        let marked = |document_type: &DocumentType| {
            document_type.sensitivity.is_some()
                || self.existence_sensitive.iter().any(|selector| selector.matches(document_type))
        };
        document_type.is_none_or(marked) || !confidentiality.iter().all(normal)
    }
}

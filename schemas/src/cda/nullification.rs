//! Withdrawal of a document (POCD_MT130001UK05): which one, and why.

use super::HL7;
use super::header::{CdaHeader, Coded};
use super::mapping::unique_id;
use super::read::{attr, coded};
use super::warning::{CdaWarning, note};
use crate::code_set::CodeSets;
use crate::dtm::Dtm;
use crate::unique_id::UniqueId;
use crate::xml::Element;

pub(super) const MESSAGE_TYPE: &str = "POCD_MT130001UK05";
pub(super) const CODE: &str = "285091000000108";
/// ReasonForDocumentNullification.
const REASON: &str = "2.16.840.1.113883.2.1.3.2.4.17.176";

/// Words of an interaction, and the messageType of what it withdraws.
const WITHDRAWN: [(&str, &str); 7] = [
    ("AmbulanceServicePatientReport", "POCD_MT030001UK01"),
    ("EmergencyDepartmentReport", "POCD_MT160001UK06"),
    ("OutOfHoursReport", "POCD_MT020001UK01"),
    ("OutpatientReport", "POCD_MT170001UK06"),
    ("eDischargeInpatientDischargeSummary", "POCD_MT000026GB01"),
    ("DischargeReport", "POCD_MT150001UK06"),
    ("NHS111CDADocument", "POCD_MT200001GB02"),
];

/// Why a document is withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NullificationReason {
    SentInError,
    /// An incident: the document told one patient's record of another.
    WrongPatient,
}

impl NullificationReason {
    pub fn parse(code: &str) -> Option<Self> {
        match code {
            "01" => Some(Self::SentInError),
            "02" => Some(Self::WrongPatient),
            _ => None,
        }
    }

    pub fn code(self) -> &'static str {
        match self {
            Self::SentInError => "01",
            Self::WrongPatient => "02",
        }
    }
}

/// The document that is withdrawn: matched by its id first, then by its set and version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Victim {
    pub unique_id: Option<UniqueId>,
    pub set_id: Option<String>,
    pub version: Option<u32>,
    /// What the withdrawal says its type is; senders put the withdrawn code of another type here.
    pub code: Option<Coded>,
}

#[derive(Clone, Debug)]
pub struct Nullification {
    pub header: CdaHeader,
    /// `None` where ClinicalDocument/id is neither a UUID nor an OID.
    pub unique_id: Option<UniqueId>,
    pub set_id: Option<String>,
    /// 1 where it does not say.
    pub version: u32,
    pub victim: Victim,
    /// `None` where the body does not say; to be treated as sent in error.
    pub reason: Option<NullificationReason>,
    /// When it was withdrawn: the reason's time, else the document's.
    pub at: Option<Dtm>,
    pub warnings: Vec<CdaWarning>,
}

impl Nullification {
    pub(super) fn of(header: CdaHeader, root: Element<'_>) -> Self {
        let mut warnings = header.warnings.clone();
        let parent = header.parent.clone().unwrap_or_default();
        let victim = Victim {
            unique_id: parent.id.as_ref().and_then(unique_id),
            set_id: parent.set_id.clone().or_else(|| header.set_id.clone()),
            version: parent.version,
            code: parent.code,
        };
        if victim.unique_id.is_none() {
            note(&mut warnings, CdaWarning::NoParentDocument);
        }
        if header.set_id.is_some() && parent.set_id.is_some() && header.set_id != parent.set_id {
            note(&mut warnings, CdaWarning::NullificationSet);
        }
        let version = header.version.unwrap_or(1);
        if victim.version.is_some_and(|victim| version != victim.saturating_add(1)) {
            note(&mut warnings, CdaWarning::NullificationVersion);
        }
        let observation = reason_observation(root);
        let code = observation.and_then(|e| e.child(HL7, "code")).and_then(coded);
        let reason = code.and_then(|code| NullificationReason::parse(&code.code));
        if reason.is_none() {
            note(&mut warnings, CdaWarning::NullificationReason);
        }
        let time = observation.and_then(|e| e.child(HL7, "effectiveTime"));
        let at = time.and_then(|e| Dtm::from_cda(&attr(e, "value")?).ok());
        Self {
            unique_id: unique_id(&header.id),
            set_id: header.set_id.clone(),
            version,
            victim,
            reason,
            at: at.or_else(|| Dtm::from_cda(&header.effective_time).ok()),
            warnings,
            header,
        }
    }

    /// Whether interaction, parent code and the real type of the victim (where it is known) agree.
    /// They rarely do in practice: the parent's id decides, and this is only to be told.
    pub fn contradicts(
        &self,
        interaction: Option<&str>,
        victim_type: Option<&str>,
        code_sets: &CodeSets,
    ) -> Option<CdaWarning> {
        let of_code = |code: &str| code_sets.document_type(code, "").map(|t| t.type_code.as_str());
        let named = |(words, _): &&(&str, &str)| interaction.is_some_and(|i| i.contains(words));
        let by_interaction = WITHDRAWN.iter().find(named);
        let by_interaction = by_interaction
            .and_then(|(_, m)| code_sets.by_message_type(m))
            .map(|t| t.type_code.as_str());
        let by_code = self.victim.code.as_ref().and_then(|code| of_code(&code.code));
        let types = [by_interaction, by_code, victim_type.and_then(of_code)];
        let mut types = types.into_iter().flatten();
        let first = types.next()?;
        types.any(|other| other != first).then_some(CdaWarning::NullificationType)
    }
}

/// The observation of template COCD_TP146049UK05, known by the system of its code.
fn reason_observation(root: Element<'_>) -> Option<Element<'_>> {
    let is_reason = |e: &Element<'_>| {
        e.is(HL7, "observation")
            && e.child(HL7, "code").is_some_and(|code| code.attr("codeSystem") == Some(REASON))
    };
    root.descendants().find(is_reason)
}

#[cfg(test)]
mod tests {
    use super::super::{CdaDocument, sample};
    use super::*;

    fn read(text: &str) -> Nullification {
        match CdaDocument::read(text.as_bytes(), &Default::default()) {
            Ok(CdaDocument::Nullification(nullification)) => *nullification,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_withdrawal_names_its_victim_and_its_reason() {
        for (code, reason) in [
            ("01", Some(NullificationReason::SentInError)),
            ("02", Some(NullificationReason::WrongPatient)),
            ("03", None),
        ] {
            let read = read(&sample::nullification(code));
            assert_eq!(read.reason, reason);
            assert_eq!(
                read.reason.is_none(),
                read.warnings.contains(&CdaWarning::NullificationReason)
            );
            assert_eq!(read.set_id.as_deref(), Some(sample::SET));
            assert_eq!((read.version, read.victim.version), (2, Some(1)));
            assert_eq!(read.victim.unique_id, sample::unique_id(sample::DOCUMENT));
            assert_eq!(read.victim.set_id.as_deref(), Some(sample::SET));
            assert_eq!(read.at, Dtm::parse("20260115090000").ok());
        }
    }

    #[test]
    fn what_contradicts_itself_is_told_and_processed() {
        let whole = sample::nullification("01");
        let other_set = "0E9F0C36-6C0D-4B6C-8C55-0F6C1B5D7A99";
        for (from, to, warning) in [
            (
                "<versionNumber value='2'/>",
                "<versionNumber value='7'/>",
                CdaWarning::NullificationVersion,
            ),
            (
                &*format!("</title><setId root='{}'/>", sample::SET),
                &*format!("</title><setId root='{other_set}'/>"),
                CdaWarning::NullificationSet,
            ),
            ("POCD_MT130001UK05", "POCD_MT150001UK06", CdaWarning::NullificationKind),
            ("285091000000108", "163391000000107", CdaWarning::NullificationKind),
            (
                "<parentDocument><id root='",
                "<parentDocument><id nullFlavor='",
                CdaWarning::NoParentDocument,
            ),
        ] {
            let changed = whole.replacen(from, to, 1);
            assert_ne!(changed, whole, "{from}");
            assert!(read(&changed).warnings.contains(&warning), "{warning:?}");
            assert!(!read(&whole).warnings.contains(&warning), "{warning:?}");
        }
    }

    #[test]
    fn types_that_disagree_are_told() {
        let sets = sample::code_sets();
        let read = read(&sample::nullification("01"));
        let contradicts =
            |interaction, victim| read.contradicts(interaction, victim, &sets).is_some();
        assert!(!contradicts(Some("nullifyDischargeReport-v1-0"), Some("373942005")));
        assert!(contradicts(Some("nullifyAmbulanceServicePatientReport-v1-0"), None));
        assert!(contradicts(None, Some("823681000000100")));
        assert!(!contradicts(None, None));
    }
}

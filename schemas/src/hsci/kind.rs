//! Which notice: told by its SNOMED CT code, which the standard fixes for each message.

/// A message of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NoticeKind {
    AssessmentNotice,
    AssessmentAcceptance,
    AssessmentRejection,
    DischargeNotice,
    DischargeAgreement,
    DischargeDisagreement,
    WithdrawalOfAll,
    WithdrawalOfDischarge,
    WithdrawalOfAssessment,
    WithdrawalOfAcceptance,
    WithdrawalOfRejection,
}

/// What a notice or an answer is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    Assessment,
    Discharge,
}

/// Kind, SNOMED CT code, HSCI messageType where the kind has one of its own, and name.
const KINDS: [(NoticeKind, &str, Option<&str>, &str); 11] = {
    use NoticeKind as K;
    [
        (K::AssessmentNotice, "975701000000106", Some("COMT_MT000002UK03"), "Assessment Notice"),
        (
            K::AssessmentAcceptance,
            "975711000000108",
            Some("COMT_MT000007UK03"),
            "Assessment Notice Accept Response",
        ),
        (
            K::AssessmentRejection,
            "975721000000102",
            Some("COMT_MT000003UK03"),
            "Assessment Notice Reject Response",
        ),
        (K::DischargeNotice, "975731000000100", Some("COMT_MT000008UK03"), "Discharge Notice"),
        (
            K::DischargeAgreement,
            "975821000000109",
            Some("COMT_MT000006UK03"),
            "Discharge Notice Agreement",
        ),
        (
            K::DischargeDisagreement,
            "975831000000106",
            Some("COMT_MT000004UK03"),
            "Discharge Notice Disagreement",
        ),
        // COMT_MT000005UK03 withdraws either: only the code says which.
        (K::WithdrawalOfAll, "975841000000102", None, "Withdrawal of all notices"),
        (K::WithdrawalOfDischarge, "975851000000104", None, "Withdrawal of discharge notice only"),
        (
            K::WithdrawalOfAssessment,
            "1078011000000107",
            None,
            "Withdrawal of assessment notice only",
        ),
        (
            K::WithdrawalOfAcceptance,
            "1025651000000109",
            Some("COMT_MT020000GB01"),
            "Withdrawal of accept response",
        ),
        (
            K::WithdrawalOfRejection,
            "1025641000000106",
            Some("COMT_MT020001GB01"),
            "Withdrawal of reject response",
        ),
    ]
};

impl NoticeKind {
    pub const ALL: [Self; 11] = {
        let mut all = [Self::AssessmentNotice; 11];
        let mut n = 0;
        while n < all.len() {
            all[n] = KINDS[n].0;
            n += 1;
        }
        all
    };

    pub fn of_code(code: &str) -> Option<Self> {
        KINDS.iter().find(|row| row.1 == code).map(|row| row.0)
    }

    /// Of a messageType that one kind alone has.
    pub fn of_message_type(message_type: &str) -> Option<Self> {
        KINDS.iter().find(|row| row.2 == Some(message_type)).map(|row| row.0)
    }

    fn row(self) -> &'static (NoticeKind, &'static str, Option<&'static str>, &'static str) {
        &KINDS[Self::ALL.iter().position(|kind| *kind == self).unwrap_or_default()]
    }

    pub fn code(self) -> &'static str {
        self.row().1
    }

    /// Its name, which the national display follows with "under the Care Act 2014 Schedule 3".
    pub fn name(self) -> &'static str {
        self.row().3
    }

    /// What a notice gives notice of, or an answer answers; withdrawals say more than one.
    pub fn subject(self) -> Option<Subject> {
        use NoticeKind as K;
        match self {
            K::AssessmentNotice | K::AssessmentAcceptance | K::AssessmentRejection => {
                Some(Subject::Assessment)
            }
            K::DischargeNotice | K::DischargeAgreement | K::DischargeDisagreement => {
                Some(Subject::Discharge)
            }
            _ => None,
        }
    }

    pub fn is_notice(self) -> bool {
        matches!(self, Self::AssessmentNotice | Self::DischargeNotice)
    }

    /// `Some(true)` for an acceptance, `Some(false)` for a rejection.
    pub fn accepts(self) -> Option<bool> {
        match self {
            Self::AssessmentAcceptance | Self::DischargeAgreement => Some(true),
            Self::AssessmentRejection | Self::DischargeDisagreement => Some(false),
            _ => None,
        }
    }

    pub fn is_withdrawal(self) -> bool {
        !self.is_notice() && self.accepts().is_none()
    }

    /// Whether the council writes it; the hospital writes the others.
    pub fn is_of_council(self) -> bool {
        self.accepts().is_some()
            || matches!(self, Self::WithdrawalOfAcceptance | Self::WithdrawalOfRejection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_code_of_its_own_that_is_a_snomed_code() {
        for kind in NoticeKind::ALL {
            assert_eq!(NoticeKind::of_code(kind.code()), Some(kind));
            assert!(crate::code_set::is_sctid(kind.code()), "{kind:?}");
            let sorts = [kind.is_notice(), kind.accepts().is_some(), kind.is_withdrawal()];
            assert_eq!(sorts.iter().filter(|is| **is).count(), 1, "{kind:?}");
        }
        assert_eq!(NoticeKind::of_message_type("COMT_MT000005UK03"), None);
        assert_eq!(
            NoticeKind::of_message_type("COMT_MT000008UK03"),
            Some(NoticeKind::DischargeNotice)
        );
    }
}

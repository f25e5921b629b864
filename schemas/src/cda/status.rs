//! NHS number status (NHS Data Dictionary, patientIdStatus of COCD_TP145201GB02): how far a number
//! has been traced.

/// `01` to `08`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NhsNumberStatus {
    Verified,
    NotTraced,
    TraceRequired,
    NoOrSeveralMatches,
    NeedsResolving,
    TraceInProgress,
    NotPresent,
    /// A baby of less than six weeks.
    Postponed,
}

impl NhsNumberStatus {
    const ALL: [(&'static str, Self); 8] = [
        ("01", Self::Verified),
        ("02", Self::NotTraced),
        ("03", Self::TraceRequired),
        ("04", Self::NoOrSeveralMatches),
        ("05", Self::NeedsResolving),
        ("06", Self::TraceInProgress),
        ("07", Self::NotPresent),
        ("08", Self::Postponed),
    ];

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(code, _)| *code == text.trim()).map(|(_, status)| *status)
    }

    pub fn code(self) -> &'static str {
        Self::ALL.iter().find(|(_, status)| *status == self).map_or("02", |(code, _)| code)
    }

    /// Whether a number of this status may be indexed without a trace.
    pub fn is_verified(self) -> bool {
        self == Self::Verified
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_two_digits() {
        for n in 1..=8 {
            let text = format!("0{n}");
            assert_eq!(
                NhsNumberStatus::parse(&text).map(NhsNumberStatus::code),
                Some(text.as_str())
            );
        }
        assert_eq!(NhsNumberStatus::parse("09"), None);
        assert!(NhsNumberStatus::parse("1").is_none());
    }
}

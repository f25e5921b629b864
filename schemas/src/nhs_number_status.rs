//! NHS NUMBER STATUS INDICATOR: how far a number is known to be this patient's.

/// The national codes 01 to 08.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NhsNumberStatus {
    /// 01: present and verified.
    Verified,
    /// 02: present, not traced.
    NotTraced,
    /// 03: a trace is required.
    TraceRequired,
    /// 04: a trace found none or several.
    NoMatch,
    /// 05: a trace is to be resolved.
    NeedsResolving,
    /// 06: a trace is under way.
    InProgress,
    /// 07: not present, a trace is not required.
    NotRequired,
    /// 08: a trace is put off (a baby under six weeks).
    Postponed,
}

impl NhsNumberStatus {
    pub const ALL: [Self; 8] = [
        Self::Verified,
        Self::NotTraced,
        Self::TraceRequired,
        Self::NoMatch,
        Self::NeedsResolving,
        Self::InProgress,
        Self::NotRequired,
        Self::Postponed,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::Verified => "01",
            Self::NotTraced => "02",
            Self::TraceRequired => "03",
            Self::NoMatch => "04",
            Self::NeedsResolving => "05",
            Self::InProgress => "06",
            Self::NotRequired => "07",
            Self::Postponed => "08",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }
}

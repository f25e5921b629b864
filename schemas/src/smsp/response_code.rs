//! What a service answers with, and what the hub does then (national response codes v1.0).

/// What becomes of a document whose patient was asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Course {
    /// The answer counts.
    Use,
    /// An operator decides; asking again gives the same.
    Quarantine,
    /// The answer comes from a copy: it verifies nothing, and is asked for again later.
    NotVerified,
    /// Asked again with growing pauses.
    Retry,
    /// As retry, and an operator is told: this system's credentials are wrong.
    Alarm,
    /// Another number took this one's place: merged, the old one kept as an alias.
    Merge,
}

macro_rules! codes {
    ($($name:ident $code:literal $course:ident $meaning:literal)*) => {
        /// The closed set of codes (code system 2.16.840.1.113883.2.1.3.2.4.17.285).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ResponseCode {
            $(#[doc = $meaning] $name,)*
        }

        impl ResponseCode {
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            /// What it says, for an operator.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$name => $meaning,)*
                }
            }

            pub fn course(self) -> Course {
                match self {
                    $(Self::$name => Course::$course,)*
                }
            }
        }
    };
}

codes! {
    Success "SMSP-0000" Use "success"
    RequestInvalid "SMSP-0001" Quarantine "the request failed validation"
    ResponseInvalid "SMSP-0002" Quarantine "the response failed validation"
    LocalData "SMSP-0003" NotVerified "answered from a local store, the Spine is not available"
    NoConnection "SMSP-0004" Retry "the service could not connect to the Spine"
    Credentials "SMSP-0005" Alarm "the author's credentials were refused"
    ProviderFailure "SMSP-9999" Retry "the service failed"
    NoMatch "DEMOG-0001" Quarantine "no patient matches"
    SeveralMatches "DEMOG-0007" Quarantine "several patients match"
    Superseded "DEMOG-0017" Merge "the NHS number has been superseded by another"
    Invalidated "DEMOG-0022" Quarantine "the NHS number is invalid and has no successor"
    DetailsDiffer "DEMOG-0040" Quarantine "not verified: the demographics do not match"
    NotNewStyle "DEMOG-0042" Quarantine "not a new-style NHS number"
    SpineFailure "DEMOG-9999" Retry "another error of the Spine"
}

impl ResponseCode {
    pub const CODE_SYSTEM: &str = "2.16.840.1.113883.2.1.3.2.4.17.285";

    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.code() == code.trim())
    }

    /// The NHS number status that the answer gives the number (04 trace attempted, no match or several;
    /// 05 trace to be resolved), where it gives one.
    pub fn number_status(self) -> Option<&'static str> {
        match self {
            Self::Success => Some("01"),
            Self::NoMatch | Self::SeveralMatches => Some("04"),
            Self::DetailsDiffer => Some("05"),
            _ => None,
        }
    }
}

//! Why an assertion or token was not accepted: a closed set, for the audit record and the metrics.

use crate::sqlite::SqliteError;
use schemas::saml::SamlProblem;

#[derive(Clone, Debug, thiserror::Error)]
pub enum Refused {
    #[error("{0}")]
    Saml(#[from] SamlProblem),
    #[error("the issuer is none that this hub trusts: add it under [[xua.issuer]]")]
    UnknownIssuer,
    #[error("the certificate in the KeyInfo is none of the issuer's")]
    ForeignCertificate,
    #[error("no certificate of the issuer is within its validity")]
    CertificateExpired,
    #[error("the issuer's certificate is revoked")]
    CertificateRevoked,
    #[error("the issuer's trust cannot be read: {0}")]
    Trust(String),
    #[error("the signature is not one of the issuer's key over this assertion")]
    Signature,
    #[error("the assertion is not valid yet")]
    NotYetValid,
    #[error("the assertion has expired")]
    Expired,
    #[error("the assertion lives longer than [xua] life_seconds_max allows")]
    LivesTooLong,
    #[error("the person was authenticated in the future, or the session is over")]
    Session,
    #[error("the audience is none of this hub's: set it in [xua] audience")]
    Audience,
    #[error("no SubjectConfirmation is met by who presents the assertion")]
    Confirmation,
    #[error("the assertion was used before")]
    Replayed,
    #[error("the assertion was used before over another client certificate")]
    OtherPresenter,
    #[error("the purpose of use is not mapped: add the pair under [[xua.purpose]]")]
    UnknownPurpose,
    #[error("a purpose that breaks the glass needs a reason")]
    NoReason,
    #[error("the request acts for another organisation than the assertion names")]
    OtherOrganisation,
    #[error("the token is no JWT of three parts within 16 KiB, or lacks a claim")]
    Token,
    #[error("the token's algorithm is neither RS256 nor ES256, or not that of the issuer's key")]
    TokenAlgorithm,
    #[error("the uses of assertions cannot be kept: {0}")]
    Store(String),
}

impl From<SqliteError> for Refused {
    fn from(error: SqliteError) -> Self {
        Self::Store(error.to_string())
    }
}

impl Refused {
    /// The word in metrics and tests.
    pub fn code(&self) -> String {
        match self {
            Self::Saml(problem) => problem.code(),
            Self::UnknownIssuer => "unknown-issuer".to_owned(),
            Self::ForeignCertificate => "foreign-certificate".to_owned(),
            Self::CertificateExpired => "certificate-expired".to_owned(),
            Self::CertificateRevoked => "certificate-revoked".to_owned(),
            Self::Trust(_) => "trust".to_owned(),
            Self::Signature => "signature".to_owned(),
            Self::NotYetValid => "not-yet-valid".to_owned(),
            Self::Expired => "expired".to_owned(),
            Self::LivesTooLong => "lives-too-long".to_owned(),
            Self::Session => "session".to_owned(),
            Self::Audience => "audience".to_owned(),
            Self::Confirmation => "confirmation-not-met".to_owned(),
            Self::Replayed => "replayed".to_owned(),
            Self::OtherPresenter => "other-presenter".to_owned(),
            Self::UnknownPurpose => "unknown-purpose".to_owned(),
            Self::NoReason => "no-reason".to_owned(),
            Self::OtherOrganisation => "other-organisation".to_owned(),
            Self::Token => "token".to_owned(),
            Self::TokenAlgorithm => "token-algorithm".to_owned(),
            Self::Store(_) => "store".to_owned(),
        }
    }

    /// Whether the fault is the hub's: the same request may be accepted later.
    pub fn is_own(&self) -> bool {
        matches!(self, Self::Trust(_) | Self::Store(_))
    }
}

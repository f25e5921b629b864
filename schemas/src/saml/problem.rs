//! Why an assertion is none that the hub reads: a closed set.

/// What is wrong with an assertion's place, its signature's shape or what it says. The words are for
/// the audit record; a caller hears one sentence for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SamlProblem {
    #[error("there is more than one wsse:Security header")]
    SeveralSecurityHeaders,
    #[error("there is more than one assertion in the envelope")]
    SeveralAssertions,
    #[error("the assertion is no direct child of the wsse:Security header")]
    Misplaced,
    #[error("the assertion is encrypted, which is not taken")]
    Encrypted,
    #[error("the assertion is not of SAML 2.0")]
    Version,
    #[error("the assertion is larger than 64 KiB, or holds more or longer values than are read")]
    TooLarge,
    #[error("there is a comment, a processing instruction or a CDATA section in the assertion")]
    Markup,
    #[error("the assertion's ID is missing or no XML name of at most 128 characters")]
    Id,
    #[error("an ID occurs twice in the envelope")]
    DuplicateId,
    #[error("the assertion is not signed")]
    Unsigned,
    #[error("there is more than one signature in the assertion")]
    SeveralSignatures,
    #[error("the signature is no direct child of the assertion")]
    SignatureMisplaced,
    #[error("the signature is not SignedInfo, SignatureValue and at most one KeyInfo")]
    SignatureShape,
    #[error("the signature's canonicalization is not exclusive C14N without comments")]
    Canonicalization,
    #[error("the signature's algorithm is not RSA or ECDSA with SHA-256, SHA-384 or SHA-512")]
    SignatureAlgorithm,
    #[error("the signature has not exactly one reference")]
    References,
    #[error("the reference is not to the assertion's own ID")]
    ReferenceTarget,
    #[error("the transforms are not enveloped-signature and exclusive C14N without comments")]
    Transforms,
    #[error("the digest's algorithm is not SHA-256, SHA-384 or SHA-512")]
    DigestAlgorithm,
    #[error("the digest is not base64 of its algorithm's length")]
    DigestValue,
    #[error("the KeyInfo holds a certificate that is not base64")]
    KeyInfo,
    #[error("the assertion's text cannot be read on its own")]
    IllFormed,
    #[error("the assertion names no issuer")]
    Issuer,
    #[error("the assertion needs one Subject with one NameID")]
    Subject,
    #[error("the Subject has no SubjectConfirmation")]
    Confirmation,
    #[error("the assertion needs one Conditions with NotBefore and NotOnOrAfter")]
    Conditions,
    #[error("a condition is not known, and so not fulfilled")]
    UnknownCondition,
    #[error("the assertion is restricted to no audience")]
    NoAudience,
    #[error("the assertion has not exactly one AuthnStatement with a context")]
    AuthnStatement,
    #[error("a statement is neither AuthnStatement nor AttributeStatement")]
    UnknownStatement,
    #[error("a time is not an xs:dateTime with a zone")]
    Time,
    #[error("the assertion has not exactly one role, with code and codeSystem")]
    Role,
    #[error("the assertion has not exactly one purpose of use, with code and codeSystem")]
    Purpose,
    #[error("an attribute that stands once has several values or none")]
    Repeated,
    #[error("the subject's organisation is no ODS code")]
    Organisation,
    #[error("the resource-id is no patient identifier in CX form")]
    Patient,
}

impl SamlProblem {
    /// The word in metrics and tests.
    pub fn code(self) -> String {
        let mut out = String::new();
        for c in format!("{self:?}").chars() {
            if c.is_ascii_uppercase() && !out.is_empty() {
                out.push('-');
            }
            out.push(c.to_ascii_lowercase());
        }
        out
    }
}

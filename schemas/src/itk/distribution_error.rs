//! What an infrastructure acknowledgement calls an error of the Distribution Envelope.

/// The closed vocabulary of ITK 2.2, DE0001 to DE0012, one code for each part of the envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DistributionErrorCode {
    /// DE0001: anything not below: nothing could be stored, or decrypted.
    Envelope,
    /// DE0002: service unknown, trackingid malformed or used again for other content.
    Header,
    /// DE0003: no address is ours or can be reached.
    AddressList,
    /// DE0004: missing, more than four, or not the certificate's organisation.
    AuditIdentity,
    /// DE0005: one id of it is malformed.
    Id,
    /// DE0006: missing, or its count is wrong.
    Manifest,
    /// DE0007: no payload, no or unknown profile, contradictory flags.
    ManifestItem,
    /// DE0008: malformed, or missing where an acknowledgement is asked for.
    SenderAddress,
    /// DE0009: contradictory, or an unknown interaction.
    HandlingSpecifications,
    /// DE0010: one spec with a value that its key does not have, or a key twice.
    Spec,
    /// DE0011: count wrong, ids unmatched.
    Payloads,
    /// DE0012: not decodable, not well-formed, wrong content.
    Payload,
}

/// The vocabulary's OID.
pub const DISTRIBUTION_ERRORS: &str = "2.16.840.1.113883.2.1.3.2.4.17.516";

impl DistributionErrorCode {
    pub const ALL: [Self; 12] = [
        Self::Envelope,
        Self::Header,
        Self::AddressList,
        Self::AuditIdentity,
        Self::Id,
        Self::Manifest,
        Self::ManifestItem,
        Self::SenderAddress,
        Self::HandlingSpecifications,
        Self::Spec,
        Self::Payloads,
        Self::Payload,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::Envelope => "DE0001",
            Self::Header => "DE0002",
            Self::AddressList => "DE0003",
            Self::AuditIdentity => "DE0004",
            Self::Id => "DE0005",
            Self::Manifest => "DE0006",
            Self::ManifestItem => "DE0007",
            Self::SenderAddress => "DE0008",
            Self::HandlingSpecifications => "DE0009",
            Self::Spec => "DE0010",
            Self::Payloads => "DE0011",
            Self::Payload => "DE0012",
        }
    }

    /// The vocabulary's words, which a validator compares.
    pub fn text(self) -> &'static str {
        match self {
            Self::Envelope => "Distribution Envelope Processing Error",
            Self::Header => "Distribution Envelope Header Processing Error",
            Self::AddressList => "Distribution Envelope Address List Processing Error",
            Self::AuditIdentity => "Distribution Envelope Audit Identity Processing Error",
            Self::Id => "Distribution Envelope Id Processing Error",
            Self::Manifest => "Distribution Envelope Manifest Processing Error",
            Self::ManifestItem => "Distribution Envelope Manifest Item Processing Error",
            Self::SenderAddress => "Distribution Envelope Sender Address Processing Error",
            Self::HandlingSpecifications => {
                "Distribution Envelope Handling Specifications Processing Error"
            }
            Self::Spec => "Distribution Envelope Spec Processing Error",
            Self::Payloads => "Distribution Envelope Payloads Processing Error",
            Self::Payload => "Distribution Envelope Payload Processing Error",
        }
    }

    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.code() == code.trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_by_its_own_name() {
        for (at, code) in DistributionErrorCode::ALL.into_iter().enumerate() {
            assert_eq!(code.code(), format!("DE{:04}", at + 1));
            assert_eq!(DistributionErrorCode::of(code.code()), Some(code));
            assert!(code.text().starts_with("Distribution Envelope "));
            assert!(code.text().ends_with("Processing Error"));
        }
        assert_eq!(DistributionErrorCode::of("098765"), None);
    }
}

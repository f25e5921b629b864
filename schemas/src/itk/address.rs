//! ITK addresses and identities: URIs with a type, of which only some name an organisation.

use crate::ods_code::OdsCode;
use crate::xml::{Element, attribute};

const ADDRESSING: &str = "urn:nhs-uk:addressing:ods:";
const IDENTITY: &str = "urn:nhs-uk:identity:ods:";

/// What an address or identity is, by its `type` OID.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AddressKind {
    /// An ITK address, `urn:nhs-uk:addressing:...`; the default of addresses.
    Address,
    /// An ITK identity, `urn:nhs-uk:identity:...`; the default of audit identities.
    Identity,
    /// A Spine accredited system id, twelve digits.
    SpineAsid,
    /// A DTS or MESH mailbox.
    Mailbox,
    /// A service of NHS Pathways' directory, in urgent care.
    DirectoryOfServices,
    /// Any other OID, as received.
    Other(String),
}

impl AddressKind {
    /// The OID of ITK 2.2 (address types).
    pub fn oid(&self) -> &str {
        match self {
            Self::Address => "2.16.840.1.113883.2.1.3.2.4.18.22",
            Self::Identity => "2.16.840.1.113883.2.1.3.2.4.18.27",
            Self::SpineAsid => "1.2.826.0.1285.0.2.0.107",
            Self::Mailbox => "2.16.840.1.113883.2.1.3.2.4.21.1",
            Self::DirectoryOfServices => "2.16.840.1.113883.2.1.3.2.4.18.44",
            Self::Other(oid) => oid,
        }
    }

    pub fn of(oid: &str) -> Self {
        let known = [
            Self::Address,
            Self::Identity,
            Self::SpineAsid,
            Self::Mailbox,
            Self::DirectoryOfServices,
        ];
        let found = known.into_iter().find(|kind| kind.oid() == oid);
        found.unwrap_or_else(|| Self::Other(oid.to_owned()))
    }
}

/// A URI as received, with what it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ItkAddress {
    pub uri: String,
    pub kind: AddressKind,
}

impl ItkAddress {
    /// `urn:nhs-uk:addressing:ods:QE1:DOCHUB`; `local` may be empty.
    pub fn address(ods: &OdsCode, local: &str) -> Self {
        Self { uri: urn(ADDRESSING, ods, local), kind: AddressKind::Address }
    }

    /// `urn:nhs-uk:identity:ods:QE1:DOCHUB`; `local` may be empty.
    pub fn identity(ods: &OdsCode, local: &str) -> Self {
        Self { uri: urn(IDENTITY, ods, local), kind: AddressKind::Identity }
    }

    /// An accredited system of the Spine, as SMSP callers name themselves.
    pub fn asid(asid: &str) -> Self {
        Self { uri: asid.to_owned(), kind: AddressKind::SpineAsid }
    }

    /// A URI that was received or configured, of the kind that its place implies.
    pub fn new(uri: impl Into<String>, kind: AddressKind) -> Self {
        Self { uri: uri.into(), kind }
    }

    /// The organisation, where the naming authority is ODS.
    pub fn ods(&self) -> Option<OdsCode> {
        ods_of(&self.uri)
    }

    pub(super) fn read(element: Element<'_>, default: AddressKind) -> Option<Self> {
        let uri = element.attr("uri")?.trim().to_owned();
        let kind = element.attr("type").map(str::trim).filter(|oid| !oid.is_empty());
        Some(Self { uri, kind: kind.map_or(default, AddressKind::of) })
    }

    /// `<name uri="..."/>`; the type only where it is not the default of the place.
    pub(super) fn write(&self, out: &mut String, name: &str, default: &AddressKind) {
        out.push('<');
        out.push_str(name);
        if self.kind != *default {
            attribute(out, "type", self.kind.oid());
        }
        attribute(out, "uri", &self.uri);
        out.push_str("/>");
    }
}

fn urn(prefix: &str, ods: &OdsCode, local: &str) -> String {
    let colon = if local.is_empty() { "" } else { ":" };
    format!("{prefix}{ods}{colon}{local}")
}

/// The ODS code of an ITK address or identity, `urn:nhs-uk:addressing:ods:RHM:team1:A`; `None`
/// where the naming authority is not ODS.
pub fn ods_of(uri: &str) -> Option<OdsCode> {
    let rest = uri.trim().strip_prefix("urn:nhs-uk:")?;
    let rest = rest.strip_prefix("addressing:").or_else(|| rest.strip_prefix("identity:"))?;
    let (authority, rest) = rest.split_once(':')?;
    if !authority.eq_ignore_ascii_case("ods") {
        return None;
    }
    OdsCode::parse(rest.split(':').next()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_organisation_is_named_by_the_ods_authority_only() {
        let ods = |uri: &str| ods_of(uri).map(|ods| ods.to_string());
        assert_eq!(ods("urn:nhs-uk:addressing:ods:rhm:team1:A").as_deref(), Some("RHM"));
        assert_eq!(ods("urn:nhs-uk:identity:ods:XZ901").as_deref(), Some("XZ901"));
        for uri in ["urn:nhs-uk:addressing:AAA:XZ901", "urn:nhs-uk:identity:BBB:X0912", "", "ods"] {
            assert_eq!(ods(uri), None, "{uri}");
        }
    }

    #[test]
    fn a_kind_is_told_by_its_oid_and_an_unknown_one_is_kept() {
        assert_eq!(AddressKind::of("1.2.826.0.1285.0.2.0.107"), AddressKind::SpineAsid);
        assert_eq!(AddressKind::of("1.2.3"), AddressKind::Other("1.2.3".to_owned()));
        assert_eq!(AddressKind::of("1.2.3").oid(), "1.2.3");
    }
}

//! What a strict receiver would have refused and this one takes: the meaning is safe.

use std::fmt;

macro_rules! deviations {
    ($($(#[$doc:meta])* $name:ident $code:literal $text:literal)*) => {
        /// A departure from the rules that leaves the meaning of a message as it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Deviation {
            $($(#[$doc])* $name,)*
        }

        impl Deviation {
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The stable word for logs, reports and configuration.
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            /// The rule that was not kept.
            pub fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// Whether a strict receiver would refuse it, rather than only take note.
            pub fn is_breach(self) -> bool {
                !matches!(
                    self,
                    Self::SignatureNotVerified
                        | Self::FaultToUnused
                        | Self::TrackingIdReused
                        | Self::MessageIdForm
                )
            }
        }
    };
}

deviations! {
    ActionStyle "ACTION_STYLE" "wsa:Action and itk:header/@service differ in style"
    SoapActionDiffers "SOAP_ACTION_DIFFERS" "the HTTP SOAPAction (SOAP 1.1) or action parameter (SOAP 1.2) differs from wsa:Action, which counts"
    MessageIdForm "MESSAGE_ID_FORM" "wsa:MessageID should be an upper-case UUID without a prefix"
    ReferenceProperties "REFERENCE_PROPERTIES" "wsa:From holds reference properties or parameters, which are not kept"
    FaultToUnused "FAULT_TO_UNUSED" "wsa:FaultTo is not used: faults go back on the connection"
    TimestampIdForm "TIMESTAMP_ID_FORM" "wsu:Timestamp/@wsu:Id should be a UUID"
    TimeWithoutZone "TIME_WITHOUT_ZONE" "a security time has no zone and was read as UTC"
    SignatureNotVerified "SIGNATURE_NOT_VERIFIED" "the ds:Signature was not verified here; the certificate of the connection says who calls"
    TrackingIdCase "TRACKINGID_CASE" "itk:header/@trackingid is not upper case"
    TrackingIdReused "TRACKINGID_REUSED" "the trackingid has been used for another message before"
    SameIds "SAME_IDS" "MessageID, Timestamp id, trackingid and payload ids should all differ"
    PartOrder "PART_ORDER" "the parts of itk:header are out of order"
    UnknownPart "UNKNOWN_PART" "itk:header has a part that is not known here"
    UnknownAttribute "UNKNOWN_ATTRIBUTE" "an element of the envelope has an attribute that the schema does not have"
    BlankAttribute "BLANK_ATTRIBUTE" "an attribute is blank"
    SchemaLocation "SCHEMA_LOCATION" "xsi:schemaLocation has no place in a message and was ignored"
    FlagForm "FLAG_FORM" "a flag is not written as true or false"
    AddressForm "ADDRESS_FORM" "an address or identity is not of the form urn:nhs-uk:addressing|identity:ods:CODE and names no organisation here"
    UnknownSpec "UNKNOWN_SPEC" "itk:handlingSpecification has a key that is not known here"
    SpecKeyForm "SPEC_KEY_FORM" "a key of itk:handlingSpecification begins with urn:nhs:itk:ns: instead of urn:nhs-itk:ns:"
    ByteOrderMark "BYTE_ORDER_MARK" "the message begins with a byte order mark"
    ControlCharacter "CONTROL_CHARACTER" "the message holds control characters"
}

/// A deviation and the element or attribute where it is; never a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Warning {
    pub deviation: Deviation,
    pub place: Option<String>,
}

impl From<Deviation> for Warning {
    fn from(deviation: Deviation) -> Self {
        Self { deviation, place: None }
    }
}

/// `CODE: text (place)`.
impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.deviation.code(), self.deviation.text())?;
        self.place.as_ref().map_or(Ok(()), |place| write!(f, " ({place})"))
    }
}

/// The warnings of one message: each once, and not without end.
#[derive(Debug, Default)]
pub(super) struct Warnings(Vec<Warning>);

const WARNINGS_MAX: usize = 50;

impl Warnings {
    pub fn add(&mut self, deviation: Deviation) {
        self.push(deviation.into());
    }

    pub fn at(&mut self, deviation: Deviation, place: impl Into<String>) {
        self.push(Warning { deviation, place: Some(place.into()) });
    }

    fn push(&mut self, warning: Warning) {
        if self.0.len() < WARNINGS_MAX && !self.0.contains(&warning) {
            self.0.push(warning);
        }
    }

    pub fn into_vec(self) -> Vec<Warning> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_deviation_has_a_word_of_its_own() {
        let codes: std::collections::BTreeSet<_> =
            Deviation::ALL.iter().map(|deviation| deviation.code()).collect();
        assert_eq!(codes.len(), Deviation::ALL.len());
        let word = |code: &str| code.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
        assert!(codes.iter().all(|code| word(code)), "{codes:?}");
    }

    #[test]
    fn a_warning_is_said_once_and_names_its_place() {
        let mut warnings = Warnings::default();
        warnings.at(Deviation::BlankAttribute, "itk:payload/@filename");
        warnings.at(Deviation::BlankAttribute, "itk:payload/@filename");
        let all = warnings.into_vec();
        assert_eq!(all.len(), 1);
        assert_eq!(
            all[0].to_string(),
            "BLANK_ATTRIBUTE: an attribute is blank (itk:payload/@filename)"
        );
    }
}

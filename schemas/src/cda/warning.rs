//! What a document does wrong that its meaning survives: accepted, and said.

/// A deviation that was accepted, or a choice that the mapping had to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CdaWarning {
    ByteOrderMark,
    Utf16,
    HeaderOrder,
    NoMessageType,
    EmptyAttribute,
    SeveralTemplateIds,
    NoTitle,
    TitleCut,
    NumberNotTraced,
    StatusContradictsRoot,
    ForeignIdentifier,
    LocalIdWithoutAuthority,
    PracticeUnderSite,
    GenderUnknown,
    BirthTimeUnreadable,
    RoleDisplayDiffers,
    RoleUnknown,
    CustodianWithoutCode,
    SiteUnderOrganisation,
    NoZone,
    RepeatedHour,
    SkippedHour,
    ServiceTimeUnreadable,
    IntervalReversed,
    TypePair,
    ExpressionUnderCodeSystem,
    TypeByMessage,
    TypeByInteraction,
    TypeDefaulted,
    LocalType,
    SettingUnknown,
    ConfidentialityMapped,
    ConfidentialitySystem,
    ConfidentialityUnknown,
    LanguageUnreadable,
    ProfileUnknown,
    VersionUnreadable,
    NoVersion,
    ParentSetDiffers,
    NoBody,
    AttachmentByReference,
    ActionUnreadable,
    ConflictingCprDecisions,
    NegatedFinding,
    ObservationDateUnreadable,
    NullificationReason,
    NullificationVersion,
    NullificationSet,
    NullificationType,
    NullificationKind,
    NoParentDocument,
    TooMany,
}

impl CdaWarning {
    /// The word by which reports count it.
    pub fn code(self) -> &'static str {
        self.words().0
    }

    /// Code word and explanation. No value of the document is in either.
    fn words(self) -> (&'static str, &'static str) {
        self.encoding().or(self.identity()).or(self.time()).or(self.coding()).unwrap_or(self.rest())
    }

    fn encoding(self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Self::ByteOrderMark => ("byte-order-mark", "a byte order mark stands before the XML"),
            Self::Utf16 => ("utf-16", "the XML is UTF-16; NHS documents are UTF-8"),
            Self::HeaderOrder => {
                ("header-order", "the header's elements are not in the order of POCD_MT000002UK01")
            }
            Self::NoMessageType => (
                "no-message-type",
                "npfitlc:messageType is missing: it names the document's profile",
            ),
            Self::EmptyAttribute => {
                ("empty-attribute", "an attribute of the header is empty, and was read as absent")
            }
            Self::SeveralTemplateIds => {
                ("several-template-ids", "an element of the header has several templateIds")
            }
            Self::NoTitle => ("no-title", "title is missing: the document type's name stands in"),
            Self::TitleCut => ("title-cut", "title is longer than 128 characters, and was cut"),
            _ => return None,
        })
    }

    fn identity(self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Self::NumberNotTraced => (
                "number-not-traced",
                "the NHS number is not verified by its sender (root ...18.23): it is to be traced",
            ),
            Self::StatusContradictsRoot => (
                "status-contradicts-root",
                "patientIdStatus contradicts the root of the NHS number: the root was believed",
            ),
            Self::ForeignIdentifier => (
                "foreign-identifier",
                "patientRole has a national identifier that is not an NHS number: it was left out",
            ),
            Self::LocalIdWithoutAuthority => (
                "local-id-without-authority",
                "an id with root ...18.24 has no assigningAuthorityName: it is taken as the sender's own",
            ),
            Self::PracticeUnderSite => (
                "practice-under-site",
                "the patient's practice stands under the root of sites: nothing is routed by it",
            ),
            Self::GenderUnknown => {
                ("gender-unknown", "administrativeGenderCode is not 0, 1, 2 or 9: sent as unknown")
            }
            Self::BirthTimeUnreadable => {
                ("birth-time-unreadable", "birthTime is not a date, and was left out")
            }
            Self::RoleDisplayDiffers => (
                "role-display-differs",
                "the author's role code and its displayName disagree: the code was believed",
            ),
            Self::RoleUnknown => {
                ("role-unknown", "the author's role code is not in its vocabulary")
            }
            Self::CustodianWithoutCode => {
                ("custodian-without-code", "the custodian has no ODS code")
            }
            Self::SiteUnderOrganisation => (
                "site-under-organisation",
                "an organisation's code is a site's under the organisation root: its parent was taken where one was wanted",
            ),
            _ => return None,
        })
    }

    fn time(self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Self::NoZone => ("no-zone", "a time with hours has no zone: read as British wall time"),
            Self::RepeatedHour => (
                "repeated-hour",
                "a time without a zone lies in the repeated hour of autumn: its first pass was taken",
            ),
            Self::SkippedHour => (
                "skipped-hour",
                "a time without a zone lies in the hour that spring leaves out: read as Greenwich time",
            ),
            Self::ServiceTimeUnreadable => (
                "service-time-unreadable",
                "a time of the encounter is not a time, and was left out",
            ),
            Self::IntervalReversed => {
                ("interval-reversed", "the encounter ends before it begins: its end was left out")
            }
            Self::ObservationDateUnreadable => {
                ("observation-date-unreadable", "a date of a decision or review is not a date")
            }
            _ => return None,
        })
    }

    fn coding(self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Self::TypePair => {
                ("type-pair", "code is a pair of type and setting without the expression around it")
            }
            Self::ExpressionUnderCodeSystem => (
                "expression-under-code-system",
                "code is a compositional expression under ...15; its system is ...15.1",
            ),
            Self::TypeByMessage => (
                "type-by-message",
                "code is not known here: the messageType's document type was taken",
            ),
            Self::TypeByInteraction => (
                "type-by-interaction",
                "code is not known here: the interaction's document type was taken",
            ),
            Self::TypeDefaulted => (
                "type-defaulted",
                "the document type is not known here: the configured one was taken",
            ),
            Self::LocalType => {
                ("local-type", "code is from a vocabulary without an OID (...17.337)")
            }
            Self::SettingUnknown => (
                "setting-unknown",
                "the care setting is not in the code set: the document type's own was taken",
            ),
            Self::ConfidentialityMapped => (
                "confidentiality-mapped",
                "confidentialityCode was mapped by the rule of this sender and message type",
            ),
            Self::ConfidentialitySystem => (
                "confidentiality-system",
                "confidentialityCode's system is the value set's: normalised",
            ),
            Self::ConfidentialityUnknown => {
                ("confidentiality-unknown", "confidentialityCode is missing or not N, R or V")
            }
            Self::LanguageUnreadable => ("language-unreadable", "languageCode is no language tag"),
            Self::ProfileUnknown => {
                ("profile-unknown", "the manifest's profileid is not in the code set")
            }
            _ => return None,
        })
    }

    fn rest(self) -> (&'static str, &'static str) {
        match self {
            Self::VersionUnreadable => {
                ("version-unreadable", "versionNumber is not a whole number from 1: read as 1")
            }
            Self::NoVersion => ("no-version", "setId stands without versionNumber: read as 1"),
            Self::ParentSetDiffers => {
                ("parent-set-differs", "the replaced document has another setId than this one")
            }
            Self::NoBody => ("no-body", "the document has no readable body"),
            Self::AttachmentByReference => {
                ("attachment-by-reference", "an attachment is a reference: it was not fetched")
            }
            Self::ActionUnreadable => (
                "action-unreadable",
                "requested actions could not be read one by one: marked as action required",
            ),
            Self::ConflictingCprDecisions => {
                ("conflicting-cpr-decisions", "the document states both CPR decisions")
            }
            Self::NegatedFinding => {
                ("negated-finding", "a coded finding is negated, and was not taken as an event")
            }
            Self::NullificationReason => (
                "nullification-reason",
                "the reason of the withdrawal is missing or neither 01 nor 02",
            ),
            Self::NullificationVersion => (
                "nullification-version",
                "the withdrawal's versionNumber is not the next after its parent document's",
            ),
            Self::NullificationSet => {
                ("nullification-set", "the withdrawal's setId is not its parent document's")
            }
            Self::NullificationType => (
                "nullification-type",
                "interaction, parent code and text of the withdrawal speak of different document types",
            ),
            Self::NullificationKind => (
                "nullification-kind",
                "messageType and code disagree on whether this is a withdrawal",
            ),
            Self::NoParentDocument => {
                ("no-parent-document", "the withdrawal names its victim by setId only")
            }
            _ => ("too-many", "more was found than is indexed: the document has it all"),
        }
    }
}

impl std::fmt::Display for CdaWarning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.words().1)
    }
}

/// Notes a warning once.
pub(super) fn note(warnings: &mut Vec<CdaWarning>, warning: CdaWarning) {
    if !warnings.contains(&warning) {
        warnings.push(warning);
    }
}

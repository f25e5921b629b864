//! XDS errors: the closed vocabulary of ITI TF-3 table 4.2.4.1-2, and one error with its context.

use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $wire:literal,)*) => {
        /// An error code of the Technical Framework, spelled as on the wire.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum XdsErrorCode { $($(#[$doc])* $name,)* }

        impl XdsErrorCode {
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $wire,)* }
            }

            pub fn parse(text: &str) -> Option<Self> {
                match text { $($wire => Some(Self::$name),)* _ => None }
            }
        }
    };
}

codes! {
    /// A reference in the submission leads to nothing.
    UnresolvedReference = "UnresolvedReferenceException",
    /// No such document, or no permission: the two are never told apart.
    DocumentUniqueId = "XDSDocumentUniqueIdError",
    /// SubmissionSet or Folder uniqueId already registered (never a DocumentEntry's).
    DuplicateUniqueIdInRegistry = "XDSDuplicateUniqueIdInRegistry",
    ExtraMetadataNotSaved = "XDSExtraMetadataNotSaved",
    /// A DocumentEntry without its document.
    MissingDocument = "XDSMissingDocument",
    /// A document that no DocumentEntry names.
    MissingDocumentMetadata = "XDSMissingDocumentMetadata",
    MissingHomeCommunityId = "XDSMissingHomeCommunityId",
    NonIdenticalHash = "XDSNonIdenticalHash",
    NonIdenticalSize = "XDSNonIdenticalSize",
    PatientIdDoesNotMatch = "XDSPatientIdDoesNotMatch",
    RegistryBusy = "XDSRegistryBusy",
    RepositoryBusy = "XDSRepositoryBusy",
    DeprecatedDocument = "XDSRegistryDeprecatedDocumentError",
    RegistryDuplicateUniqueIdInMessage = "XDSRegistryDuplicateUniqueIdInMessage",
    RepositoryDuplicateUniqueIdInMessage = "XDSRepositoryDuplicateUniqueIdInMessage",
    /// Only where no more specific code fits.
    Registry = "XDSRegistryError",
    /// Only where no more specific code fits.
    Repository = "XDSRepositoryError",
    RegistryMetadata = "XDSRegistryMetadataError",
    RepositoryMetadata = "XDSRepositoryMetadataError",
    RegistryNotAvailable = "XDSRegistryNotAvailable",
    RegistryOutOfResources = "XDSRegistryOutOfResources",
    RepositoryOutOfResources = "XDSRepositoryOutOfResources",
    /// Metadata removal: something else refers to the object.
    ReferencesExist = "ReferencesExistException",
    /// Metadata removal: an object would be left that nothing refers to.
    UnreferencedObject = "XDSUnreferencedObjectException",
    /// Metadata update, where nothing more specific fits.
    MetadataUpdate = "XDSMetadataUpdateError",
    /// Metadata update: an operation is malformed, or two contradict each other.
    MetadataUpdateOperation = "XDSMetadataUpdateOperationError",
    /// Metadata update: not the version that is the latest, or no object with that logicalID.
    MetadataVersion = "XDSMetadataVersionError",
    /// Metadata update would connect objects of two patients.
    PatientIdReconciliation = "XDSPatientIDReconciliationError",
    /// Restricted update: the request is not one.
    InvalidRequest = "XDSInvalidRequestException",
    /// Restricted update: the SubmissionSet does not say which version is updated.
    MetadataAnnotation = "XDSMetadataAnnotationError",
    /// Restricted update: another uniqueId.
    MetadataIdentifier = "XDSMetadataIdentifierError",
    /// Restricted update: an attribute that may not change.
    UnmodifiableMetadata = "UnmodifiableMetadataError",
    /// Restricted update: this organisation may not.
    LocalPolicyRestriction = "LocalPolicyRestrictionError",
    /// ITI-86: the document may not be removed.
    RemoveDocuments = "XDSRemoveDocumentsError",
    /// LeafClass over several patients.
    ResultNotSinglePatient = "XDSResultNotSinglePatient",
    StoredQueryMissingParam = "XDSStoredQueryMissingParam",
    StoredQueryParamNumber = "XDSStoredQueryParamNumber",
    TooManyResults = "XDSTooManyResults",
    UnknownCommunity = "XDSUnknownCommunity",
    UnknownPatientId = "XDSUnknownPatientId",
    UnknownRepositoryId = "XDSUnknownRepositoryId",
    UnknownStoredQuery = "XDSUnknownStoredQuery",
}

/// How bad: an Error fails the request (or its part), a Warning accompanies success.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Warning,
    Error,
}

impl Severity {
    pub fn urn(self) -> &'static str {
        match self {
            Self::Warning => "urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Warning",
            Self::Error => "urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error",
        }
    }
}

/// One `rs:RegistryError`. The context names the attribute, the rule and the fix, never a
/// patient's number or name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XdsError {
    pub code: XdsErrorCode,
    pub context: String,
    /// The object or attribute at fault; for ITI-43 the uniqueId.
    pub location: String,
    pub severity: Severity,
}

impl XdsError {
    pub fn new(code: XdsErrorCode, context: impl Into<String>) -> Self {
        Self { code, context: context.into(), location: String::new(), severity: Severity::Error }
    }

    pub fn warning(code: XdsErrorCode, context: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::new(code, context) }
    }

    pub fn at(mut self, location: impl Into<String>) -> Self {
        self.location = location.into();
        self
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for XdsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.context)?;
        if self.location.is_empty() { Ok(()) } else { write!(f, " (at {})", self.location) }
    }
}

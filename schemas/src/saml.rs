//! SAML 2.0 assertions as ITI-40 (XUA) sends them: where one stands in an envelope ([`locate`]), the
//! shape of its signature ([`Enveloped`]), and what it says ([`Assertion`]).
//!
//! Nothing here knows a key. The order is the caller's: locate, look at the signature's shape, verify
//! the octets, and only then read an [`Assertion`] from those octets and from nothing else.

mod assertion;
mod attributes;
mod instant;
mod locate;
mod problem;
mod signature;
#[cfg(test)]
mod tests;

pub use assertion::{Assertion, Confirmation, ConfirmationMethod};
pub use attributes::{Attributes, Coded, FlagText};
pub use locate::locate;
pub use problem::SamlProblem;
pub use signature::{Digest, Enveloped, SignatureMethod};

pub const SAML2: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
pub const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
pub const EXCLUSIVE_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

/// Characters of an assertion as it stands in its envelope.
pub const ASSERTION_BYTES_MAX: usize = 64 * 1024;
/// Characters of one value.
pub const VALUE_CHARS_MAX: usize = 1_024;
/// Attributes of a statement, audiences of a restriction, confirmations of a subject.
pub const ITEMS_MAX: usize = 64;

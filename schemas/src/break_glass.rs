//! That a request breaks the glass: a header of the hub's own, for systems that send no assertion or
//! add a one-time code to it.
//!
//! ```xml
//! <g:BreakGlass xmlns:g="urn:watling:break-glass:2026">
//!   <g:Reason>Unconscious on arrival, no list of medicines</g:Reason>
//!   <g:User>555012345678</g:User>
//!   <g:SecondFactor>492039</g:SecondFactor>
//! </g:BreakGlass>
//! ```

use crate::xml::Element;
use std::fmt;

pub const NAMESPACE: &str = "urn:watling:break-glass:2026";
pub const HEADER: &str = "BreakGlass";

/// Longest reason and longest user, in characters.
const REASON_MAX: usize = 400;
const USER_MAX: usize = 128;

/// Why, who as the system says, and the one-time code of a second factor.
#[derive(Clone, PartialEq, Eq)]
pub struct BreakGlassHeader {
    pub reason: String,
    pub user: Option<String>,
    pub second_factor: Option<String>,
}

/// Neither what a person wrote nor a code is for a log.
impl fmt::Debug for BreakGlassHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BreakGlassHeader(..)")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BreakGlassError {
    #[error("the BreakGlass header stands more than once: a request has one reason")]
    Several,
    #[error(
        "the BreakGlass header holds one Reason and at most one User and one SecondFactor, nothing else"
    )]
    Shape,
    #[error("the Reason for breaking the glass takes 3 to {REASON_MAX} characters on one line")]
    Reason,
    #[error("the User who breaks the glass takes 1 to {USER_MAX} characters on one line")]
    User,
    #[error("the SecondFactor is a one-time code of six digits")]
    SecondFactor,
}

fn line(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

impl BreakGlassHeader {
    /// Reads it from a SOAP Header, if it is there.
    pub fn read(header: Element<'_>) -> Result<Option<Self>, BreakGlassError> {
        let mut found = header.children_named(NAMESPACE, HEADER);
        let Some(block) = found.next() else { return Ok(None) };
        if found.next().is_some() {
            return Err(BreakGlassError::Several);
        }
        let (mut reason, mut user, mut code) = (None, None, None);
        for child in block.children() {
            let place = match (child.namespace(), child.local()) {
                (NAMESPACE, "Reason") => &mut reason,
                (NAMESPACE, "User") => &mut user,
                (NAMESPACE, "SecondFactor") => &mut code,
                _ => return Err(BreakGlassError::Shape),
            };
            if place.replace(child.trimmed()).is_some() {
                return Err(BreakGlassError::Shape);
            }
        }
        let reason = reason.ok_or(BreakGlassError::Shape)?;
        if !line(reason, 3, REASON_MAX) {
            return Err(BreakGlassError::Reason);
        }
        if user.is_some_and(|user| !line(user, 1, USER_MAX)) {
            return Err(BreakGlassError::User);
        }
        let digits = |code: &str| code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit());
        if code.is_some_and(|code| !digits(code)) {
            return Err(BreakGlassError::SecondFactor);
        }
        Ok(Some(Self {
            reason: reason.to_owned(),
            user: user.map(str::to_owned),
            second_factor: code.map(str::to_owned),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Document, Limits};

    fn read(blocks: &str) -> Result<Option<BreakGlassHeader>, BreakGlassError> {
        let text = format!("<h xmlns:g=\"{NAMESPACE}\">{blocks}</h>");
        BreakGlassHeader::read(Document::parse(&text, &Limits::default()).unwrap().root())
    }

    fn block(inside: &str) -> String {
        format!("<g:BreakGlass>{inside}</g:BreakGlass>")
    }

    #[test]
    fn a_reason_is_enough_and_user_and_code_may_stand_beside_it() {
        let header = read(&block("<g:Reason> no list </g:Reason>")).unwrap().unwrap();
        assert_eq!(
            (header.reason.as_str(), header.user, header.second_factor),
            ("no list", None, None)
        );
        let whole = "<g:Reason>no list</g:Reason><g:User>555</g:User><g:SecondFactor>012345</g:SecondFactor>";
        let header = read(&block(whole)).unwrap().unwrap();
        assert_eq!(header.second_factor.as_deref(), Some("012345"));
        assert!(!format!("{header:?}").contains("no list"), "Debug shows no reason");
        assert_eq!(read("<other/>"), Ok(None));
    }

    #[test]
    fn what_is_no_reason_in_words_is_refused() {
        let reason = "<g:Reason>no list</g:Reason>";
        assert_eq!(read(&block(reason).repeat(2)), Err(BreakGlassError::Several));
        for (inside, error) in [
            (String::new(), BreakGlassError::Shape),
            (reason.repeat(2), BreakGlassError::Shape),
            (format!("{reason}<g:Patient/>"), BreakGlassError::Shape),
            (format!("{reason}<Reason/>"), BreakGlassError::Shape),
            ("<g:Reason>x</g:Reason>".to_owned(), BreakGlassError::Reason),
            (format!("<g:Reason>{}</g:Reason>", "x".repeat(401)), BreakGlassError::Reason),
            ("<g:Reason>two\nlines</g:Reason>".to_owned(), BreakGlassError::Reason),
            (format!("{reason}<g:User/>"), BreakGlassError::User),
            (
                format!("{reason}<g:SecondFactor>12345</g:SecondFactor>"),
                BreakGlassError::SecondFactor,
            ),
        ] {
            assert_eq!(read(&block(&inside)), Err(error), "{inside}");
        }
    }
}

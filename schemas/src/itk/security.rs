//! WS-Security as ITK uses it: a timestamp, and the calling system's label.

use super::warning::{Deviation, Warnings};
use super::{ItkFault, ReadContext};
use crate::soap::{Envelope, WSSE, WSU};
use crate::xml::Element;

const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
/// Longer labels name nothing.
const USERNAME_BYTES_MAX: usize = 256;

/// A point in time, and whether its text said in which zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct XsdDateTime {
    pub at: jiff::Timestamp,
    pub zoned: bool,
}

/// Reads `xsd:dateTime` and nothing else; a missing zone is UTC.
pub(super) fn date_time(text: &str) -> Option<XsdDateTime> {
    let bytes = text.as_bytes();
    let shape = b"0000-00-00T00:00:00";
    let (head, tail) = bytes.split_at_checked(shape.len())?;
    let fits = head.iter().zip(shape).all(|(byte, like)| match like {
        b'0' => byte.is_ascii_digit(),
        _ => byte == like,
    });
    let fraction = match tail.strip_prefix(b".") {
        Some(rest) => 1 + rest.iter().take_while(|byte| byte.is_ascii_digit()).count(),
        None => 0,
    };
    let zone = tail.get(fraction..)?;
    let offset = match zone {
        [] | b"Z" => true,
        [b'+' | b'-', h, i, b':', m, n] => [h, i, m, n].iter().all(|byte| byte.is_ascii_digit()),
        _ => false,
    };
    if !fits || head[0] == b'0' || fraction == 1 || fraction > 10 || !offset {
        return None;
    }
    let zoned = !zone.is_empty();
    let suffix = if zoned { "" } else { "Z" };
    let at = format!("{text}{suffix}").parse().ok()?;
    Some(XsdDateTime { at, zoned })
}

/// The `wsse:Security` header's parts that ITK reads.
pub(super) struct Security<'d> {
    pub timestamp_id: Option<&'d str>,
    window: Option<(jiff::Timestamp, jiff::Timestamp)>,
    username: Option<&'d str>,
}

impl<'d> Security<'d> {
    /// Created and Expires must be readable where there is a Timestamp.
    pub fn read(envelope: &Envelope<'d>, warnings: &mut Warnings) -> Result<Self, ItkFault> {
        let security = envelope.header.and_then(|header| header.child(WSSE, "Security"));
        let timestamp = security.and_then(|security| security.child(WSU, "Timestamp"));
        let signed = |security: Element<'_>| security.child(DSIG, "Signature").is_some();
        if security.is_some_and(signed) {
            warnings.add(Deviation::SignatureNotVerified);
        }
        let name = security.and_then(|s| s.path(WSSE, &["UsernameToken", "Username"]));
        Ok(Self {
            timestamp_id: timestamp.and_then(|e| e.attr_ns(WSU, "Id")),
            window: timestamp.map(|timestamp| window(timestamp, warnings)).transpose()?,
            username: name.map(|name| name.trimmed()),
        })
    }

    /// The calling system's label. It authenticates nothing: the certificate does.
    pub fn username(&self) -> Result<String, ItkFault> {
        match self.username {
            Some(name) if !name.is_empty() && name.len() <= USERNAME_BYTES_MAX => {
                Ok(name.to_owned())
            }
            _ => Err(ItkFault::denied(
                "wsse:UsernameToken/wsse:Username is required: it names the calling system",
            )),
        }
    }

    pub fn in_time(&self, context: &ReadContext) -> Result<(), ItkFault> {
        let Some((created, expires)) = self.window else {
            return Err(ItkFault::invalid(
                "wsse:Security/wsu:Timestamp with Created and Expires is required",
            ));
        };
        let skew = jiff::SignedDuration::from_secs(context.skew_seconds);
        if created.saturating_sub(skew).is_ok_and(|from| context.now < from) {
            return Err(ItkFault::invalid("wsu:Created lies in the future"));
        }
        if expires.saturating_add(skew).is_ok_and(|until| context.now >= until) {
            return Err(ItkFault::invalid("wsu:Expires has passed"));
        }
        Ok(())
    }
}

/// Created and Expires, in either order.
fn window(
    timestamp: Element<'_>,
    warnings: &mut Warnings,
) -> Result<(jiff::Timestamp, jiff::Timestamp), ItkFault> {
    let mut time = |name: &str| {
        let text = timestamp.child(WSU, name).map(|e| e.trimmed()).unwrap_or_default();
        let time = date_time(text)
            .ok_or_else(|| ItkFault::invalid(format!("wsu:{name} must be an xsd:dateTime")))?;
        if !time.zoned {
            warnings.at(Deviation::TimeWithoutZone, format!("wsu:{name}"));
        }
        Ok(time.at)
    };
    Ok((time("Created")?, time("Expires")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_an_xsd_date_time_and_no_other_form() {
        for text in
            ["2026-01-14T15:31:02Z", "2026-01-14T15:31:02.123+01:00", "2026-01-14T15:31:02-05:30"]
        {
            assert!(date_time(text).is_some_and(|time| time.zoned), "{text}");
        }
        assert!(!date_time("2026-01-14T15:31:02").unwrap().zoned);
        for text in [
            "",
            "__TIMESTAMP__",
            "2026-01-14",
            "20260114T153102Z",
            "2026-01-14 15:31:02Z",
            "2026-01-14T15:31Z",
            "2026-01-14T15:31:02.Z",
            "2026-01-14T15:31:02+0100",
            "2026-01-14T15:31:02[Europe/London]",
            "2026-13-14T15:31:02Z",
            "0026-01-14T15:31:02Z",
            "2026-01-14t15:31:02z",
        ] {
            assert_eq!(date_time(text), None, "{text}");
        }
    }
}

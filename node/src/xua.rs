//! ITI-40 Provide X-User Assertion: the person behind a system, verified whole or not at all.
//!
//! The order is that of ITI TF-2 3.40: structure before cryptography ([`schemas::saml`]), the issuer's
//! key from the trust store and never from the message, the signature over exactly the octets that are
//! then read, times, audience, confirmation, and one use. A bearer token takes the same road from the
//! issuer's key on ([`Bearer`]).

mod bearer;
mod presented;
mod refused;
mod replay;
mod rules;
mod settings;
mod signature;
mod trust;

pub use bearer::Bearer;
pub use presented::Presented;
pub use refused::Refused;
pub use replay::ReplayStore;
pub use settings::{Issuer, PurposeMapping, RoleMapping, XuaSettings};
pub use trust::{Expiring, TrustStore};

use crate::caller::{UserAssertion, fingerprint};
use crate::clock::Clock;
use replay::Use;
use schemas::saml::{Assertion, Enveloped, locate};
use schemas::soap::fault::Fault;
use schemas::xml::Element;
use std::sync::Arc;

/// The one sentence that a caller hears, whatever was wrong.
pub const PUBLIC_REASON: &str = "who asks was not accepted: ask the operator of the hub for the reason, naming the time or the MessageID";

/// Verifies assertions and tokens for every role of a process. Clones share it.
#[derive(Clone)]
pub struct Xua {
    inner: Arc<Inner>,
}

struct Inner {
    settings: XuaSettings,
    trust: TrustStore,
    replay: ReplayStore,
    clock: Clock,
}

impl Xua {
    pub fn new(
        settings: XuaSettings,
        trust: TrustStore,
        replay: ReplayStore,
        clock: Clock,
    ) -> Self {
        Self { inner: Arc::new(Inner { settings, trust, replay, clock }) }
    }

    /// The person that an envelope's assertion names; `None` where there is no assertion at all.
    pub async fn verify(
        &self,
        envelope: Element<'_>,
        header: Option<Element<'_>>,
        presented: &Presented,
    ) -> Result<Option<UserAssertion>, Refused> {
        let Some(found) = locate(envelope, header)? else { return Ok(None) };
        let enveloped = Enveloped::read(found)?;
        let assertion = self.inner.proved(&enveloped)?;
        let now = self.inner.clock.now();
        let (settings, issuer) = (&self.inner.settings, self.inner.issuer(&assertion.issuer)?);
        rules::hold(settings, &assertion, presented, now)?;
        let user = rules::user(settings, &assertion, presented)?;
        let used = Use {
            issuer: assertion.issuer.clone(),
            id: assertion.id.clone(),
            expires: settings.forgotten_at(assertion.not_on_or_after),
            by: presented.certificate.map(|certificate| fingerprint::hex(&certificate)),
            once: issuer.one_use || assertion.one_time_use,
        };
        self.inner.replay.take(used, now).await?;
        Ok(Some(user))
    }

    /// The same for an `Authorization: Bearer` token.
    pub fn bearer(&self) -> Bearer<'_> {
        Bearer { xua: self }
    }
}

impl Inner {
    fn issuer(&self, name: &str) -> Result<&Issuer, Refused> {
        let mut issuers = self.settings.issuer.iter();
        issuers.find(|issuer| issuer.name == name).ok_or(Refused::UnknownIssuer)
    }

    /// The assertion that one of its issuer's keys has signed, read from the octets it signed.
    fn proved(&self, enveloped: &Enveloped) -> Result<Assertion, Refused> {
        let octets = signature::octets(enveloped)?;
        // What it claims to be chooses the key; the octets below are only believed if that key made
        // their signature.
        let assertion = Assertion::read(&octets)?;
        if assertion.id != enveloped.id {
            return Err(Refused::Signature);
        }
        self.issuer(&assertion.issuer)?;
        let keys = self.trust.keys(&assertion.issuer, &enveloped.certificates, self.clock.now())?;
        signature::verify(enveloped, &octets, &keys)?;
        Ok(assertion)
    }
}

/// The fault of everything that was refused here.
pub fn public_fault() -> Fault {
    Fault::security(PUBLIC_REASON)
}

//! Who the person behind a request is, and what may be said where it is not believed.

use super::serve::Known;
use super::{Endpoint, Refusal};
use crate::caller::{Caller, Peer};
use crate::config::SamlHeader;
use crate::xua::{Presented, public_fault};
use schemas::soap::Envelope;
use schemas::soap::fault::Fault;
use schemas::xml::Element;

impl Endpoint {
    /// Where no issuer is trusted, an assertion is refused or, by configuration, passed over.
    pub(super) fn unverifiable(&self, envelope: &Envelope<'_>) -> Result<(), Fault> {
        let none_can_be = self.node.xua.is_none() && self.node.saml_header == SamlHeader::Refuse;
        if envelope.has_assertion && none_can_be {
            let reason = "a SAML assertion was sent and this hub trusts no issuer of assertions: send the request without wsse:Security, it is decided by your system's registered profile";
            return Err(Fault::security(reason));
        }
        Ok(())
    }

    /// Verifies the assertion of a request, if it has one: the caller then acts for the organisation
    /// that is asserted, which its profile must allow. A promised request was verified when it came.
    pub(super) async fn person(
        &self,
        root: Element<'_>,
        envelope: &Envelope<'_>,
        peer: &Peer,
        caller: &mut Caller,
        known: &mut Known,
    ) -> Result<(), Refusal> {
        let Some(xua) = &self.node.xua else { return Ok(()) };
        if known.later.is_none() {
            let presented = Presented::by(caller, peer);
            caller.user = match xua.verify(root, envelope.header, &presented).await {
                Ok(user) => user,
                Err(refused) => {
                    let service = self.audit.service();
                    crate::telemetry::assertion_refused(service, refused.code());
                    let own = refused.is_own();
                    known.unproved = Some(refused);
                    let busy = "the security header cannot be verified just now; try again";
                    return Err(if own { Fault::receiver(busy) } else { public_fault() }.into());
                }
            };
        }
        if let Some(user) = &caller.user {
            caller.claimed_for = Some(user.organisation.clone());
            known.caller = Some(caller.clone());
        }
        Ok(())
    }
}

//! What a request shows to break the glass: the header of the hub's own, an assertion's purpose and
//! reason, a second factor.

use super::actor;
use crate::Gateway;
use crate::asking::unavailable;
use crate::decision::{BREAK_GLASS, BreakGlass, Shown};
use crate::region::Region;
use node::endpoint::SoapRequest;
use schemas::break_glass::BreakGlassHeader;
use schemas::error::{XdsError, XdsErrorCode};
use std::fmt;

/// What stands in the header, and whether a second factor was shown now or with a use that lasts.
#[derive(Clone, Default)]
pub(crate) struct Glass {
    reason: Option<String>,
    pub(super) user: Option<String>,
    second_factor: bool,
}

/// What a person wrote is not for a log.
impl fmt::Debug for Glass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Glass").field("second_factor", &self.second_factor).finish_non_exhaustive()
    }
}

impl Glass {
    /// Reads the header and looks at its code. Nothing of it depends on a patient.
    pub(crate) async fn read(
        gateway: &Gateway,
        request: &SoapRequest<'_>,
        region: &Region,
        code: XdsErrorCode,
    ) -> Result<Self, XdsError> {
        let header = request.envelope.header.map_or(Ok(None), BreakGlassHeader::read);
        let header = header.map_err(|error| XdsError::new(code, error.to_string()))?;
        let caller = request.caller;
        let asserted = caller.user.as_ref().is_some_and(|user| user.break_glass.is_some());
        if header.is_none() && !asserted {
            return Ok(Self::default());
        }
        let mut glass = match header {
            None => Self::default(),
            Some(BreakGlassHeader { reason, user, second_factor }) => {
                let mut glass = Self { reason: Some(reason), user, second_factor: false };
                if let Some(shown) = second_factor {
                    glass.second_factor = glass.proved(gateway, request, shown, code).await?;
                }
                glass
            }
        };
        if region.policy.break_glass.second_factor && !glass.second_factor {
            let (actor, _) = actor(caller, &glass);
            let organisation = caller.asked_for().clone();
            let now = gateway.clock.now().as_millisecond();
            let proved = gateway.store.has_proved_glass(organisation, actor, now).await;
            glass.second_factor = proved.map_err(|error| unavailable(&error, code))?;
        }
        Ok(glass)
    }

    async fn proved(
        &self,
        gateway: &Gateway,
        request: &SoapRequest<'_>,
        shown: String,
        code: XdsErrorCode,
    ) -> Result<bool, XdsError> {
        let (actor, _) = actor(request.caller, self);
        let organisation = request.caller.asked_for().clone();
        let now = gateway.clock.now().as_millisecond();
        let proved = gateway.store.prove_second_factor(organisation, actor, shown, now).await;
        proved.map_err(|error| unavailable(&error, code))
    }

    /// Adds itself to what the request shows otherwise: a reason makes it a broken glass.
    pub(crate) fn complete(&self, shown: &mut Shown) {
        match (&mut shown.break_glass, &self.reason) {
            (Some(asserted), _) => asserted.second_factor |= self.second_factor,
            (None, Some(reason)) => {
                shown.purpose = Some(BREAK_GLASS.to_owned());
                let second_factor = self.second_factor;
                shown.break_glass = Some(BreakGlass { reason: reason.clone(), second_factor });
            }
            (None, None) => {}
        }
    }
}

//! `[tracing]`: who is asked, when, and how long an answer holds.

use super::pds_fhir::PdsFhir;
use super::smsp::Smsp;
use super::token::Token;
use super::{Cached, Trace};
use crate::identity::ProvidedModes;
use node::client::HttpsClient;
use node::clock::Clock;
use node::tls::Identity;
use schemas::ods_code::OdsCode;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TraceKind {
    /// Nobody: what is not verified waits for an operator.
    #[default]
    None,
    /// A Spine mini service, by ITK messages.
    Smsp,
    PdsFhir,
}

/// Whose numbers are traced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum When {
    /// Those that the document does not say were traced by its sender.
    #[default]
    Unverified,
    /// Every one: only so is the sensitivity of every patient known.
    Always,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct TraceSettings {
    pub kind: TraceKind,
    /// The service's address; PDS FHIR's base, `https://.../personal-demographics/FHIR/R4`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The ASID by which this hub is known to a mini service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asid: Option<String>,
    /// The organisation for which PDS FHIR is asked; absent: the hub's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ods: Option<OdsCode>,
    /// PEM of the authorities that signed the service's certificate; absent: the hub's trust.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust: Option<PathBuf>,
    /// PDS FHIR: a file with a bearer token, read anew for every request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_file: Option<PathBuf>,
    pub when: When,
    pub timeout_seconds: u32,
    /// How long an answer holds.
    pub cache_seconds: u32,
    /// So many answers are kept at most.
    pub cache_answers_max: usize,
    /// What ITI-41 makes of a contradiction: `pds`, `known`; each `strict`, `warn` or `off`.
    pub provided: ProvidedModes,
}

impl Default for TraceSettings {
    fn default() -> Self {
        Self {
            kind: TraceKind::None,
            url: None,
            asid: None,
            ods: None,
            trust: None,
            token_file: None,
            when: When::Unverified,
            timeout_seconds: 10,
            cache_seconds: 900,
            cache_answers_max: 1_000,
            provided: ProvidedModes::default(),
        }
    }
}

impl TraceSettings {
    /// What is missing or contradicts itself, before anything starts.
    pub fn check(&self) -> Result<(), String> {
        if self.kind == TraceKind::None {
            return match &self.url {
                Some(_) => Err("tracing.url is set, but tracing.kind is \"none\"".to_owned()),
                None => Ok(()),
            };
        }
        match &self.url {
            None => return Err("tracing.url: the address of the service is missing".to_owned()),
            Some(url) if !url.starts_with("https://") => {
                return Err(format!("tracing.url: {url:?} must begin with https://"));
            }
            Some(_) => {}
        }
        if self.kind == TraceKind::Smsp && self.asid.is_none() {
            return Err("tracing.asid: a mini service knows its callers by ASID".to_owned());
        }
        if self.timeout_seconds == 0 {
            return Err("tracing.timeout_seconds must be at least 1".to_owned());
        }
        Ok(())
    }
}

/// The longest answer that is read, in bytes: one record with its history is a tenth of it.
const ANSWER_BYTES_MAX: usize = 512 * 1024;

/// The configured service; `None` where nobody is asked. `own` is the hub's organisation.
pub fn open(
    settings: &TraceSettings,
    own: &OdsCode,
    identity: &Identity,
    clock: &Clock,
) -> Result<Option<Arc<dyn Trace>>, String> {
    settings.check()?;
    let Some(url) = settings.url.as_deref().filter(|_| settings.kind != TraceKind::None) else {
        return Ok(None);
    };
    let tls = match &settings.trust {
        Some(trust) => identity.client_config_trusting(trust),
        None => identity.client_config(),
    };
    let tls = tls.map_err(|error| format!("tracing: {error}"))?;
    let timeout = Duration::from_secs(settings.timeout_seconds.into());
    let https = HttpsClient::new(tls, timeout, ANSWER_BYTES_MAX);
    let ods = settings.ods.clone().unwrap_or_else(|| own.clone());
    Ok(Some(if settings.kind == TraceKind::Smsp {
        let asid = settings.asid.as_deref().unwrap_or_default();
        cached(settings, clock, Smsp::new(https, url, asid, clock.clone()))
    } else {
        let token = settings.token_file.clone().map(Token::File);
        cached(settings, clock, PdsFhir::new(https, url, ods, token.unwrap_or(Token::None)))
    }))
}

fn cached(
    settings: &TraceSettings,
    clock: &Clock,
    service: impl Trace + 'static,
) -> Arc<dyn Trace> {
    let (seconds, answers_max) = (settings.cache_seconds, settings.cache_answers_max);
    Arc::new(Cached::new(service, clock.clone(), seconds, answers_max))
}

//! `Authorization: Bearer`: a JWT of a trusted issuer, RS256 or ES256, with the same meaning as an
//! assertion. For requests that are no SOAP.

use super::replay::Use;
use super::rules::{Person, Window, meaning};
use super::trust::IssuerKey;
use super::{Presented, Refused, Xua};
use crate::caller::{UserAssertion, fingerprint};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use schemas::hl7::PatientId;
use schemas::ods_code::OdsCode;
use schemas::saml::{Attributes, Coded, FlagText, SignatureMethod, VALUE_CHARS_MAX};
use serde::Deserialize;

const TOKEN_BYTES_MAX: usize = 16 * 1024;

/// A verifier of tokens.
pub struct Bearer<'x> {
    pub(super) xua: &'x Xua,
}

#[derive(Deserialize)]
struct CodedClaim {
    code: String,
    system: String,
}

impl CodedClaim {
    fn read(self) -> Coded {
        let system = self.system.strip_prefix("urn:oid:").unwrap_or(&self.system).to_owned();
        Coded { code: self.code, system }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// The claims that are read; `jti`, `sub`, `iss`, `aud`, `nbf` and `exp` are required.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    jti: String,
    aud: Audience,
    nbf: i64,
    exp: i64,
    #[serde(default)]
    auth_time: Option<i64>,
    #[serde(default)]
    acr: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    organisation: Option<OdsCode>,
    role: CodedClaim,
    purpose: CodedClaim,
    /// CX form.
    #[serde(default)]
    patient: Option<String>,
    #[serde(default)]
    department: Option<String>,
    #[serde(default)]
    home_community_id: Option<String>,
    #[serde(default)]
    transactional: Option<String>,
    #[serde(default)]
    break_glass_reason: Option<String>,
}

#[derive(Deserialize)]
struct Claimed {
    iss: String,
}

impl Bearer<'_> {
    /// The person that a token names. The first use binds it to its presenter, or is the only one.
    pub async fn verify(&self, token: &str, by: &Presented) -> Result<UserAssertion, Refused> {
        let inner = &self.xua.inner;
        let now = inner.clock.now();
        let claims = self.proved(token, now)?;
        let issuer = inner.issuer(&claims.iss)?;
        let ends = claims.hold(&inner.settings, now)?;
        let used = Use {
            issuer: claims.iss.clone(),
            id: claims.jti.clone(),
            expires: inner.settings.forgotten_at(ends),
            by: by.certificate.map(|certificate| fingerprint::hex(&certificate)),
            once: issuer.one_use,
        };
        let user = claims.user(&inner.settings, by)?;
        inner.replay.take(used, now).await?;
        Ok(user)
    }

    /// Claims whose signature one of the issuer's keys has made.
    fn proved(&self, token: &str, now: Timestamp) -> Result<Claims, Refused> {
        if token.len() > TOKEN_BYTES_MAX || token.split('.').count() != 3 {
            return Err(Refused::Token);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| Refused::TokenAlgorithm)?;
        let wanted = match header.alg {
            Algorithm::RS256 => SignatureMethod::Rsa,
            Algorithm::ES256 => SignatureMethod::Ecdsa,
            _ => return Err(Refused::TokenAlgorithm),
        };
        // Read without belief, to choose the key; what is believed is decoded with that key below.
        let claimed = jsonwebtoken::dangerous::insecure_decode::<Claimed>(token);
        let claimed = claimed.map_err(|_| Refused::Token)?.claims;
        let keys = self.xua.inner.trust.keys(&claimed.iss, &[], now)?;
        let fits = |key: &&IssuerKey| {
            key.method == wanted && (wanted == SignatureMethod::Rsa || key.is_p256)
        };
        let mut fitting = keys.iter().filter(fits).peekable();
        fitting.peek().ok_or(Refused::TokenAlgorithm)?;
        let mut validation = Validation::new(header.alg);
        // Times and audience are held to the clock and the settings of assertions.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let mut outcome = Err(Refused::Signature);
        for key in fitting {
            let decoding = match wanted {
                SignatureMethod::Rsa => DecodingKey::from_rsa_der(&key.raw),
                SignatureMethod::Ecdsa => DecodingKey::from_ec_der(&key.raw),
            };
            match jsonwebtoken::decode::<serde_json::Value>(token, &decoding, &validation) {
                Ok(data) => {
                    let claims = serde_json::from_value(data.claims);
                    outcome = claims.map_err(|_| Refused::Token);
                    break;
                }
                Err(_) => continue,
            }
        }
        outcome.and_then(|claims: Claims| {
            if claims.iss == claimed.iss { Ok(claims) } else { Err(Refused::Signature) }
        })
    }
}

impl Claims {
    /// Until when it holds.
    fn hold(&self, settings: &super::XuaSettings, now: Timestamp) -> Result<Timestamp, Refused> {
        let time = |seconds| Timestamp::from_second(seconds).map_err(|_| Refused::Token);
        let (begins, ends) = (time(self.nbf)?, time(self.exp)?);
        let window = Window { settings, now };
        window.lives(begins, ends)?;
        if let Some(at) = self.auth_time
            && !window.has_begun(time(at)?)
        {
            return Err(Refused::Session);
        }
        let named = match &self.aud {
            Audience::One(one) => std::slice::from_ref(one),
            Audience::Several(several) => several,
        };
        match named.iter().any(|uri| settings.audience.contains(uri)) {
            true => Ok(ends),
            false => Err(Refused::Audience),
        }
    }

    fn user(self, settings: &super::XuaSettings, by: &Presented) -> Result<UserAssertion, Refused> {
        let texts =
            [&self.name, &self.department, &self.home_community_id, &self.break_glass_reason];
        let long = |text: &&String| text.chars().count() > VALUE_CHARS_MAX;
        if texts.into_iter().flatten().any(|text| long(&text))
            || self.sub.is_empty()
            || self.sub.contains(['<', '>'])
        {
            return Err(Refused::Token);
        }
        let patient = self.patient.as_deref().map(PatientId::parse).transpose();
        let flag = self.transactional.as_deref();
        let flag = flag.map(|text| FlagText::parse(text).ok_or(Refused::Token)).transpose()?;
        let attributes = Attributes {
            subject_id: self.name,
            organisation: self.organisation,
            role: self.role.read(),
            purpose: self.purpose.read(),
            patient: patient.map_err(|_| Refused::Token)?,
            home_community_id: self.home_community_id,
            department: self.department,
            transactional: flag,
            break_glass: self.break_glass_reason,
        };
        let person = Person {
            issuer: &self.iss,
            name_id: &self.sub,
            alias: None,
            context: self.acr.as_deref().unwrap_or_default(),
        };
        meaning(settings, &person, &attributes, by)
    }
}

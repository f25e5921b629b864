//! One request, from received bytes to packed answer.

use super::reply::{HttpBody, HttpReply, Sending, pack};
use super::{Dialect, Endpoint, Outcome, Refusal, SoapRequest};
use crate::asynchronous::{Later, ReplyAddress};
use crate::audit::{AuditEvent, AuditKind, Outcome as AuditOutcome};
use crate::caller::{Caller, Peer};
use crate::spool::{Received, SpoolError};
use crate::xua::Refused;
use schemas::itk::ItkFault;
use schemas::ods_code::OdsCode;
use schemas::soap::fault::Fault;
use schemas::soap::{Envelope, Headers, SoapVersion};
use schemas::transaction::Transaction;
use schemas::xml::{Document, Limits as XmlLimits};
use std::time::Instant;
use uuid::Uuid;

/// What is known of a request when it has to be answered with a fault.
#[derive(Default)]
pub(super) struct Known {
    pub transaction: Option<Transaction>,
    pub version: Option<SoapVersion>,
    pub message_id: Option<String>,
    pub caller: Option<Caller>,
    /// Why the person behind the caller was not believed.
    pub unproved: Option<Refused>,
    /// Where the answer goes, once it was promised.
    pub later: Option<Later>,
}

/// How far a request has come that was not refused.
pub(super) enum Begun {
    Answered(Box<Outcome>),
    /// It wants its answer on a connection of its own.
    Later(Later),
}

/// The caller behind a peer, or the fault that says what is missing.
pub(crate) fn identify(peer: &Peer) -> Result<Caller, Fault> {
    let certificate = peer.certificate.as_ref().ok_or_else(|| {
        Fault::unauthenticated(
            "no client certificate was presented: connect with the certificate and key that the hub's certificate authority issued to your system",
        )
    })?;
    if peer.trusted.as_ref().is_some_and(|trusted| !trusted.still_holds()) {
        let reason = "the client certificate has been revoked since the connection was opened";
        return Err(Fault::unauthenticated(reason));
    }
    let organisation = certificate.organisation.clone().ok_or_else(|| {
        Fault::unauthenticated("the client certificate names no organisation: its subject needs an OU with your ODS code")
    })?;
    Ok(Caller {
        system: certificate.system.clone(),
        organisation,
        claimed_for: None,
        address: peer.address,
        user: None,
    })
}

pub(super) fn spool_fault(error: &SpoolError) -> Fault {
    match error {
        SpoolError::TooLarge(what, limit) => Fault::too_large(what, *limit),
        SpoolError::Io(_) => Fault::receiver("the hub could not keep the request; try again"),
        other => Fault::sender(format!("the MIME package cannot be read: {other}")),
    }
}

/// Where a fault goes that was promised.
fn fault_to(known: &Known) -> Option<&str> {
    let later = known.later.as_ref()?;
    later.fault_to.as_ref().map(ReplyAddress::as_str)
}

impl Endpoint {
    /// Answers a request that was refused before or while it arrived.
    pub(super) async fn refuse_early(
        &self,
        peer: &Peer,
        caller: Option<Caller>,
        fault: Fault,
    ) -> HttpReply {
        let started = Instant::now();
        let known = Known { caller, ..Known::default() };
        self.refuse(peer, &known, Refusal::Soap(fault), None, started).await
    }

    /// Answers a request that has arrived whole.
    pub(super) async fn serve(&self, peer: Peer, caller: Caller, received: Received) -> HttpReply {
        let started = Instant::now();
        let mut known = Known { caller: Some(caller.clone()), ..Known::default() };
        let mut correlation_id = crate::ids::uuid();
        let begun =
            self.begin(&peer, caller.clone(), &received, &mut known, &mut correlation_id).await;
        let refusal = match begun {
            Ok(Begun::Answered(outcome)) => {
                let outcome = *outcome;
                return self
                    .answer(&peer, outcome, &known, &received, correlation_id, started)
                    .await;
            }
            Ok(Begun::Later(later)) => {
                match self.promise(later, &known, &caller, received, correlation_id).await {
                    Ok(reply) => return reply,
                    Err(refusal) => refusal,
                }
            }
            Err(refusal) => refusal,
        };
        self.refuse(&peer, &known, refusal, Some(correlation_id), started).await
    }

    /// Reads, admits and handles a request, unless it wants its answer later and that was not
    /// promised yet.
    pub(super) async fn begin(
        &self,
        peer: &Peer,
        caller: Caller,
        received: &Received,
        known: &mut Known,
        correlation_id: &mut Uuid,
    ) -> Result<Begun, Refusal> {
        let document = Document::parse_bytes(&received.envelope, &XmlLimits::default());
        let document = document
            .map_err(|error| Fault::sender(format!("the SOAP envelope cannot be read: {error}")))?;
        self.handle(&document, (peer, caller), received, known, correlation_id).await
    }

    async fn handle(
        &self,
        document: &Document<'_>,
        (peer, mut caller): (&Peer, Caller),
        received: &Received,
        known: &mut Known,
        correlation_id: &mut Uuid,
    ) -> Result<Begun, Refusal> {
        // ITK asks what must be understood in its own order.
        let envelope = match self.service.dialect() {
            Dialect::Xds => Envelope::read(document)?,
            Dialect::Itk => {
                let http_action = received.http_action.clone();
                Envelope { http_action, ..Envelope::read_any(document)? }
            }
        };
        known.version = Some(envelope.version);
        known.message_id = envelope.addressing.message_id.clone();
        if self.service.dialect() == Dialect::Xds && envelope.version == SoapVersion::V11 {
            let reason = "the envelope is SOAP 1.1; this endpoint speaks SOAP 1.2".to_owned();
            return Err(Fault { reason, ..Fault::version_mismatch() }.into());
        }
        self.unverifiable(&envelope)?;
        let transaction = self.transaction(&envelope)?;
        known.transaction = Some(transaction);
        let wanted = match (self.service.dialect(), &known.later) {
            (Dialect::Xds, None) => self.node.asynchronous.wanted(&envelope.addressing)?,
            _ => None,
        };
        if let Some(text) = envelope.acting_for {
            let ods = OdsCode::parse(text);
            let ods = ods.map_err(|rule| {
                Fault::sender(format!("the ActingFor header is not valid: {rule}"))
            })?;
            caller.claimed_for = Some(ods);
            known.caller = Some(caller.clone());
        }
        self.person(document.root(), &envelope, peer, &mut caller, known).await?;
        self.service.admit(&caller, Some(transaction))?;
        let between_services = self.node.hub.is_service(&caller);
        if let Some(given) = schemas::soap::correlation_id(&envelope).filter(|_| between_services) {
            *correlation_id = Uuid::try_parse(given).unwrap_or(*correlation_id);
        }
        if let Some(later) = wanted {
            return Ok(Begun::Later(later));
        }
        let request = SoapRequest {
            transaction,
            envelope,
            caller: &caller,
            received,
            correlation_id: *correlation_id,
        };
        self.service.handle(&request).await.map(|outcome| Begun::Answered(Box::new(outcome)))
    }

    /// wsa:Action decides, and the body's element must agree: several transactions share one, so
    /// that the element alone does not tell what is meant.
    fn transaction(&self, envelope: &Envelope<'_>) -> Result<Transaction, Fault> {
        let body = envelope.body;
        if self.service.dialect() == Dialect::Itk {
            return Ok(Transaction::Itk);
        }
        let action = envelope.addressing.action.as_deref().filter(|action| !action.is_empty());
        let action = action.ok_or_else(|| {
            let reason =
                "wsa:Action is missing: it names the transaction, the body element does not";
            Fault::addressing("MessageAddressingHeaderRequired", reason.to_owned())
        })?;
        let (chosen, form) =
            Transaction::from_action(action).ok_or_else(|| self.unsupported(action))?;
        if !self.service.transactions().contains(&chosen) {
            return Err(self.unsupported(form.action));
        }
        if form.body != (body.namespace(), body.local()) {
            let (uri, local) = form.body;
            let reason = format!(
                "the action {} needs the body element {{{uri}}}{local}, not {{{}}}{}",
                form.action,
                body.namespace(),
                body.local()
            );
            return Err(Fault::sender(reason));
        }
        Ok(chosen)
    }

    fn unsupported(&self, action: &str) -> Fault {
        let forms = self.service.transactions().iter().flat_map(|t| t.requests());
        let known: Vec<&str> = forms.map(|form| form.action).collect();
        let reason = format!(
            "the action {action} is not supported at {}; supported: {}",
            self.path,
            known.join(", ")
        );
        Fault::addressing("ActionNotSupported", reason)
    }

    pub(super) async fn answer(
        &self,
        peer: &Peer,
        outcome: Outcome,
        known: &Known,
        received: &Received,
        correlation_id: Uuid,
        started: Instant,
    ) -> HttpReply {
        let transaction = known.transaction;
        let mut event = outcome.audit;
        event.message_id = known.message_id.clone();
        event.correlation_id = Some(correlation_id.to_string());
        if event.organisation.is_none()
            && let Some(caller) = &known.caller
        {
            event = event.by(caller);
        }
        let reply_to = known.later.as_ref().and_then(|later| later.reply_to.as_ref());
        let to = reply_to.map(ReplyAddress::as_str);
        event.reply_to = to.map(str::to_owned);
        let result = event.outcome.name();
        if let Err(error) = self.audit.record(event.clone()).await {
            let fault = Fault::receiver("the request could not be audited, so it is not answered");
            tracing::error!(service = self.audit.service(), %error, "audit failed");
            return self.fault_reply(&fault.into(), known);
        }
        crate::telemetry::request(self.audit.service(), transaction, result, started.elapsed());
        let version = known.version.unwrap_or(SoapVersion::V12);
        let action = match (self.service.dialect(), transaction) {
            (Dialect::Xds, Some(transaction)) => transaction.response_action(),
            _ => self.itk_response_action(received),
        };
        let message_id = crate::ids::message_id();
        let bare = message_id.trim_start_matches("urn:uuid:").to_uppercase();
        let itk = self.service.dialect() == Dialect::Itk;
        let headers = Headers {
            action: &action,
            message_id: if itk { &bare } else { &message_id },
            to,
            relates_to: known.message_id.as_deref(),
            ..Headers::default()
        };
        let runtime = self.node.runtime.clone();
        let trusted = peer.trusted.clone();
        let sending = Sending { runtime, audit: self.audit.clone(), event, trusted };
        pack(outcome.reply, received.encoding, version, &headers, sending)
    }

    /// The request's own action plus `Response`.
    fn itk_response_action(&self, received: &Received) -> String {
        let document = Document::parse_bytes(&received.envelope, &XmlLimits::default());
        let action = document.ok().and_then(|document| {
            let envelope = Envelope::read(&document).ok()?;
            envelope.addressing.action
        });
        let generic = || Transaction::Itk.action().to_owned();
        format!("{}Response", action.filter(|a| !a.is_empty()).unwrap_or_else(generic))
    }

    /// Records the refusal, then answers with it.
    pub(super) async fn refuse(
        &self,
        peer: &Peer,
        known: &Known,
        refusal: Refusal,
        correlation_id: Option<Uuid>,
        started: Instant,
    ) -> HttpReply {
        let kind = match (&known.unproved, known.transaction) {
            (Some(_), _) => AuditKind::UserAuthenticationFailure,
            (None, Some(transaction)) => AuditKind::Transaction(transaction.name().to_owned()),
            (None, None) => AuditKind::UnknownRequest,
        };
        let mut event = AuditEvent::new(self.audit.service(), kind, AuditOutcome::SeriousFailure);
        event = match &known.caller {
            Some(caller) => event.by(caller),
            None => event.claimed_by(peer.certificate.as_ref()),
        };
        event.address = Some(peer.address.to_string());
        event.reply_to = fault_to(known).map(str::to_owned);
        event.message_id = known.message_id.clone();
        event.correlation_id = correlation_id.map(|id| id.to_string());
        event = event.because(match (&known.unproved, &refusal) {
            (Some(unproved), _) => format!("{}: {unproved}", unproved.code()),
            (None, Refusal::Soap(fault)) => fault.reason.clone(),
            (None, Refusal::Itk(fault)) => {
                format!("ITK {}: {}", fault.code.number(), fault.diagnostic)
            }
        });
        crate::telemetry::request(
            self.audit.service(),
            known.transaction,
            "fault",
            started.elapsed(),
        );
        match self.audit.record(event).await {
            Ok(()) => self.fault_reply(&refusal, known),
            Err(error) => {
                tracing::error!(service = self.audit.service(), %error, "audit failed");
                let fault =
                    Fault::receiver("the request could not be audited, so it is not answered");
                self.fault_reply(&fault.into(), known)
            }
        }
    }

    fn fault_reply(&self, refusal: &Refusal, known: &Known) -> HttpReply {
        let message_id = crate::ids::message_id();
        let relates_to = known.message_id.as_deref();
        let (status, version, envelope) = match self.service.dialect() {
            Dialect::Xds => {
                let fault = match refusal {
                    Refusal::Soap(fault) => fault.clone(),
                    Refusal::Itk(fault) => Fault::sender(fault.diagnostic.clone()),
                };
                let to = fault_to(known);
                let message_id = &message_id;
                let headers = Headers { message_id, to, relates_to, ..Headers::default() };
                let envelope = fault.write(SoapVersion::V12, &headers);
                (fault.http_status, SoapVersion::V12, envelope)
            }
            Dialect::Itk => {
                let (itk, soap) = match refusal {
                    Refusal::Soap(fault) => (ItkFault::from_soap(fault), Some(fault)),
                    Refusal::Itk(fault) => (fault.clone(), None),
                };
                let version = known.version.unwrap_or(SoapVersion::V11);
                let error_id = crate::ids::uuid().to_string().to_uppercase();
                let bare = message_id.trim_start_matches("urn:uuid:").to_uppercase();
                let envelope = itk.write(version, None, &bare, &error_id, relates_to);
                (itk.http_status(soap), version, envelope)
            }
        };
        let content_type = format!("{}; charset=UTF-8", version.media_type());
        HttpReply { status, content_type, body: HttpBody::Whole(envelope.into()), close: false }
    }
}

//! An upload: a page with a form for a person, the same address for a script. The certificate decides
//! who publishes.

mod page;
mod request;

use super::receipt::{Reason, Receipt, Status};
use super::submit::{Sent, event, submit};
use crate::arrival::Route;
use crate::{Repository, Submitter};
use async_trait::async_trait;
use node::actors::CallContext;
use node::audit::{AuditEvent, Outcome};
use node::caller::Caller;
use node::endpoint::page::{Form, PageReply, PageRequest, PageService, Refused};
use request::Read;
use std::sync::Arc;

/// The page, and how large a request it takes.
pub struct Upload {
    repository: Arc<Repository>,
    body_bytes_max: u64,
    security_policy: String,
}

impl Upload {
    pub fn new(repository: Arc<Repository>, body_bytes_max: u64) -> Self {
        Self { repository, body_bytes_max, security_policy: page::security_policy() }
    }

    fn submitter(&self, caller: &Caller) -> Result<Submitter<'_>, Refused> {
        let refused = |reason: String| Refused { status: 403, reason };
        self.repository.submitter(caller).map_err(|fault| refused(fault.reason))
    }

    fn types(&self) -> &[schemas::code_set::DocumentType] {
        &self.repository.code_sets.document_type
    }

    /// The answer to what was not read as far as a document.
    fn unread(&self, caller: &Caller, read: &Read, reason: Reason, form: Form) -> PageReply {
        let audit = failure().because(reason.text());
        let body = match form {
            Form::Html => page::form(caller, self.types(), &read.fields, &[reason], None),
            Form::Json => json(&[reason]),
        };
        PageReply { status: 400, body, audit: Some(audit) }
    }
}

fn failure() -> AuditEvent {
    event(Route::Upload, Outcome::SeriousFailure)
}

fn json(reasons: &[Reason]) -> String {
    serde_json::json!({ "status": Status::Refused, "reasons": reasons }).to_string()
}

fn http_status(status: Status) -> u16 {
    match status {
        Status::Registered => 201,
        Status::AlreadyRegistered | Status::Withdrawn => 200,
        Status::Held | Status::Quarantined => 202,
        Status::Refused => 422,
        Status::Waiting => 503,
    }
}

#[async_trait]
impl PageService for Upload {
    fn name(&self) -> &'static str {
        "UPLOAD"
    }

    fn security_policy(&self) -> &str {
        &self.security_policy
    }

    fn body_bytes_max(&self) -> u64 {
        self.body_bytes_max
    }

    fn admit(&self, caller: &Caller) -> Result<(), Refused> {
        self.submitter(caller).map(|_| ())
    }

    fn get(&self, caller: &Caller) -> PageReply {
        PageReply {
            status: 200,
            body: page::form(caller, self.types(), &[], &[], None),
            audit: None,
        }
    }

    async fn post(&self, request: PageRequest, form: Form) -> PageReply {
        let caller = &request.caller;
        let submitter = match self.submitter(caller) {
            Ok(submitter) => submitter,
            Err(refused) => return self.refuse(&refused, form),
        };
        let read = match request::read(&request.content_type, &request.body) {
            Ok(read) => read,
            Err(reason) => return self.unread(caller, &Read::default(), reason, form),
        };
        if read.bytes.is_empty() {
            let rule = "no document was chosen, or it is empty: choose the file to send";
            let reason = Reason { field: Some("document".to_owned()), rule: rule.to_owned() };
            return self.unread(caller, &read, reason, form);
        }
        let sent = Sent {
            route: Route::Upload,
            submitter: &submitter,
            reference: request.correlation_id,
            name: &read.file_name,
            bytes: read.bytes,
            fields: (!read.fields.is_empty()).then(|| read.fields.clone()),
            written: self.repository.clock.dtm(),
        };
        let call = CallContext { correlation_id: request.correlation_id };
        let submitted = submit(&self.repository, sent, &call).await;
        let receipt = submitted.receipt;
        let mut audit = submitted.audit;
        audit.correlation_id = Some(request.correlation_id.to_string());
        let body = match form {
            Form::Json => serde_json::to_string(&receipt).unwrap_or_default(),
            Form::Html if receipt.status.is_accepted() => page::receipt(caller, &receipt),
            Form::Html => {
                page::form(caller, self.types(), &read.fields, &receipt.reasons, Some(&receipt))
            }
        };
        PageReply { status: http_status(receipt.status), body, audit: Some(audit) }
    }

    fn refuse(&self, refused: &Refused, form: Form) -> PageReply {
        let reason = Reason::new(refused.reason.clone());
        let audit = failure().because(reason.text());
        let body = match form {
            Form::Html => page::refused(&reason),
            Form::Json => json(&[reason]),
        };
        PageReply { status: refused.status, body, audit: Some(audit) }
    }
}

/// A receipt's own number, to quote.
fn reference(receipt: &Receipt) -> String {
    receipt.reference.to_string()
}

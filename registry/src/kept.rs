//! What the repository asks before bytes go: has the document to be kept?

use crate::Registry;
use crate::retention::{Hold, NotRemovable, Purpose, RemovalPolicy, Retained};
use async_trait::async_trait;
use node::actors::{CallContext, Kept, NotAvailable, Retain};
use schemas::retrieve::DocumentRequest;

#[async_trait]
impl Retain for Registry {
    async fn kept(
        &self,
        documents: &[DocumentRequest],
        _context: &CallContext,
    ) -> Result<Vec<Option<Kept>>, NotAvailable> {
        let ids = documents.iter().map(|document| document.document_unique_id.clone());
        let retained = self.retained.retained(ids.collect()).await;
        let retained = retained.map_err(|error| NotAvailable(error.to_string()))?;
        Ok(documents.iter().map(|document| keeps(self, document, &retained)).collect())
    }
}

/// Every entry of the document has to let it go.
fn keeps(registry: &Registry, document: &DocumentRequest, retained: &Retained) -> Option<Kept> {
    let id = &document.document_unique_id;
    let mut known = retained.document(&document.repository_unique_id, id).peekable();
    if known.peek().is_none() {
        return unknown(registry.keeping.policy, id, &retained.holds);
    }
    let today = registry.clock.today();
    let decided =
        known.map(|subject| registry.keeping.decide(subject, retained, Purpose::Correction, today));
    // A hold is said before a period.
    let mut refused: Vec<NotRemovable> = decided.filter_map(Result::err).collect();
    refused.sort_by_key(|reason| !matches!(reason, NotRemovable::Held(_)));
    refused.first().map(said)
}

/// Of a document that the registry never had, only the name is known.
fn unknown(policy: RemovalPolicy, id: &str, holds: &[Hold]) -> Option<Kept> {
    let named = holds.iter().find(|hold| {
        let scope = &hold.scope;
        scope.document.as_deref().is_none_or(|held| held == id)
            && (scope.patient.is_none() && scope.publisher.is_none() && scope.type_code.is_none())
    });
    if let Some(hold) = named {
        return Some(said(&NotRemovable::Held(hold.name.clone())));
    }
    let unknown =
        "is kept: the registry has no entry of it, so its retention period cannot be told";
    (policy == RemovalPolicy::Approved)
        .then(|| Kept { code: "retention-period", reason: unknown.to_owned() })
}

fn said(reason: &NotRemovable) -> Kept {
    let code = match reason {
        NotRemovable::Held(_) => "hold",
        NotRemovable::WithinPeriod(_) | NotRemovable::NotApproved(_) => "retention-period",
    };
    Kept { code, reason: reason.reason() }
}

//! ITI-43 while it goes: what was permitted is decided again when the region has changed, and from
//! time to time whether it has or not, since agreements end, flags run out and documents are taken
//! back. What is permitted no longer is not delivered to its end.

use crate::Gateway;
use crate::asking::{Inquiry, stand};
use crate::break_glass::shown::Glass;
use crate::decision::{Asker, TransactionalFlag};
use crate::fallback;
use crate::iti43::permitted;
use async_trait::async_trait;
use node::actors::CallContext;
use node::audit::{AuditEvent, Outcome};
use node::caller::Caller;
use node::endpoint::{Leave, TakenBack};
use schemas::error::{XdsError, XdsErrorCode};
use schemas::retrieve::DocumentRequest;
use schemas::transaction::Transaction;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How often the region's epoch is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// After how long it is decided again although the region has not changed.
const AGAIN: Duration = Duration::from_secs(5);

/// How long an answer goes on where nothing can be decided.
const UNDECIDED_MAX: Duration = Duration::from_secs(5);

/// What was shown beside the certificate when the answer began.
#[derive(Clone, Debug, Default)]
pub(crate) struct Beside {
    transactional: Option<TransactionalFlag>,
    glass: Glass,
}

impl Beside {
    pub(crate) fn of(asker: &Asker<'_>, glass: &Glass) -> Self {
        Self { transactional: asker.transactional.clone(), glass: glass.clone() }
    }

    /// A flag that has ended since opens nothing: the decision looks at its end.
    fn shown_by(&self, asker: &mut Asker<'_>) {
        asker.transactional = asker.transactional.take().or_else(|| self.transactional.clone());
    }
}

/// Leave for one answer.
pub(crate) struct Standing {
    pub gateway: Arc<Gateway>,
    pub caller: Caller,
    pub beside: Beside,
    pub context: CallContext,
    /// The documents of the answer, in its order.
    pub documents: Vec<DocumentRequest>,
    /// The region's epoch before it was decided.
    pub epoch: i64,
}

#[async_trait]
impl Leave for Standing {
    async fn taken_back(&self, delivered: &AtomicUsize) -> TakenBack {
        let mut epoch = self.epoch;
        let mut decided = Instant::now();
        let mut undecided = None;
        loop {
            tokio::time::sleep(LOOK).await;
            let now = self.gateway.store.epoch();
            if now == epoch && undecided.is_none() && decided.elapsed() < AGAIN {
                continue;
            }
            let left = self.documents.get(delivered.load(Ordering::Relaxed)..);
            match self.decide_again(left.unwrap_or_default()).await {
                Ok(None) => (epoch, decided, undecided) = (now, Instant::now(), None),
                Ok(Some(why)) => return why,
                Err(error) => {
                    let since: &mut Instant = undecided.get_or_insert_with(Instant::now);
                    if since.elapsed() > UNDECIDED_MAX {
                        let reason = format!("it could not be decided again: {error}");
                        return TakenBack { reason, decisions: Vec::new() };
                    }
                }
            }
        }
    }
}

impl Standing {
    /// `None` where all that is left stays permitted; an error where it cannot be decided.
    async fn decide_again(&self, left: &[DocumentRequest]) -> Result<Option<TakenBack>, XdsError> {
        let gateway = &self.gateway;
        let busy = XdsErrorCode::RepositoryBusy;
        let (region, _) = fallback::region(gateway, busy)?;
        let (glass, code) = (&self.beside.glass, XdsErrorCode::Repository);
        let mut standing = match stand(gateway, &region, &self.caller, glass, code) {
            Ok(standing) => standing,
            Err((denial, _)) => {
                let reason = format!("it is permitted no longer: {}", denial.code());
                return Ok(Some(TakenBack { reason, decisions: Vec::new() }));
            }
        };
        self.beside.shown_by(&mut standing.asker);
        let context = self.context.clone();
        let inquiry = Inquiry { gateway, standing, context, busy };
        let mut event = AuditEvent::transaction("gateway", Transaction::Iti43, Outcome::Success);
        let permitted = permitted(&inquiry, left, &mut event).await?;
        if left.iter().all(|request| permitted.requests.contains(request)) {
            return Ok(None);
        }
        let refused = event.decisions.iter().map(|decided| decided.decision.as_str());
        let refused: Vec<&str> = refused.filter(|decision| *decision != "permit").collect();
        let reason = format!("it is permitted no longer: {}", refused.join(", "));
        Ok(Some(TakenBack { reason, decisions: event.decisions }))
    }
}

//! A gateway on another machine that is told who looks after a patient.

use super::actors::with_body;
use super::{Outgoing, SoapClient};
use crate::actors::{CallContext, NotAvailable, Relate};
use async_trait::async_trait;
use schemas::registry_response;
use schemas::relationship::Told;
use schemas::soap::{Headers, SoapVersion};
use schemas::transaction::Transaction;

/// It may start after those who tell it, so its address is looked for at each call.
pub struct RemoteRelate {
    pub client: SoapClient,
    pub url: Box<dyn Fn() -> String + Send + Sync>,
}

#[async_trait]
impl Relate for RemoteRelate {
    async fn relate(&self, told: &Told, context: &CallContext) -> Result<(), NotAvailable> {
        let url = (self.url)();
        let action = Transaction::Relationship.action();
        let correlation = context.correlation_id.to_string();
        let message_id = crate::ids::message_id();
        let headers = Headers {
            action,
            message_id: &message_id,
            to: Some(&url),
            correlation_id: Some(&correlation),
            ..Headers::default()
        };
        let outgoing = Outgoing::Simple {
            version: SoapVersion::V12,
            action: action.to_owned(),
            envelope: schemas::soap::write(SoapVersion::V12, &headers, &told.write()),
        };
        let received = self.client.call(&url, outgoing).await?;
        let (_, errors) = with_body(&received, registry_response::read)?;
        match errors.iter().find(|error| error.is_error()) {
            Some(error) => Err(NotAvailable(error.to_string())),
            None => Ok(()),
        }
    }
}

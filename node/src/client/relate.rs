//! A gateway on another machine that is told who looks after a patient.

use super::SoapClient;
use super::actors::tell;
use crate::actors::{CallContext, NotAvailable, Relate};
use async_trait::async_trait;
use schemas::relationship::Told;
use schemas::transaction::Transaction;

/// It may start after those who tell it, so its address is looked for at each call.
pub struct RemoteRelate {
    pub client: SoapClient,
    pub url: Box<dyn Fn() -> String + Send + Sync>,
}

#[async_trait]
impl Relate for RemoteRelate {
    async fn relate(&self, told: &Told, context: &CallContext) -> Result<(), NotAvailable> {
        let action = Transaction::Relationship.action();
        tell(&self.client, &(self.url)(), action, &told.write(), context).await.map(|_| ())
    }
}

//! The gateway and what runs beside it.

use super::{Builder, Ready, Role};
use crate::serve::recalling::Part;
use crate::serve::relating;
use gateway::break_glass::digest::Digests;
use gateway::recall::endpoint::RecallEndpoint;
use gateway::recall::{OutboxNotices, Recalls};
use gateway::relationship::Relationships;
use gateway::relationship::endpoint::RelationshipEndpoint;
use gateway::safeguarding::ReadNotices;
use gateway::store::GatewayStore;
use gateway::store::recall::RecallStore;
use gateway::{Gateway, GatewayEndpoint};
use node::audit::Readings;
use node::endpoint::{Endpoint, SoapService};
use node::outbox::Outbox;
use std::path::PathBuf;
use std::sync::Arc;

impl Builder<'_> {
    pub(super) async fn gateway(
        &mut self,
        ready: &mut Ready,
        folder: PathBuf,
    ) -> Result<(), String> {
        let region = self.options.config.gateway.region.clone();
        let region = region.unwrap_or_else(|| folder.join("region.db"));
        let store = GatewayStore::open(&region).await;
        let store = store.map_err(|error| format!("{}: {error}", region.display()))?;
        if let Some(region) = self.prepared.region.clone().filter(|_| store.is_empty()) {
            let now = self.options.clock.dtm().to_string();
            store.apply(region, now).await.map_err(|error| error.to_string())?;
        }
        let outbox = self.outbox(ready, &folder).await?;
        let (_, query, _, _) = self.reach_registry(Role::Gateway)?;
        let (repository, completeness) = self.reach_repository()?;
        let sender = folder.display().to_string();
        let read_notices = self.read_notices(&store, &outbox, sender);
        ready.read_notices = Some(read_notices.clone());
        let gateway = Arc::new(Gateway {
            read_notices,
            store: store.clone(),
            registry: query,
            repository,
            completeness,
            decision_types: self.options.config.gateway.decision_types.clone(),
            code_sets: self.code_sets.clone(),
            outbox: outbox.clone(),
            clock: self.options.clock.clone(),
            fallback: ready.audit.fallback(),
        });
        ready.actor = Some(gateway.clone());
        let notices = gateway::ItkEndpoint {
            gateway: gateway.clone(),
            outbox: outbox.clone(),
            outboxes: self.outboxes.clone(),
        };
        for (path, service) in [
            (Role::Gateway.path(), Arc::new(GatewayEndpoint { gateway }) as Arc<dyn SoapService>),
            ("/gateway/itk", Arc::new(notices)),
        ] {
            let audit = ready.audit.clone();
            let node = self.node(Role::Gateway)?;
            ready.endpoints.push(Endpoint { path, service, audit, node });
        }
        self.relationships(ready, &store)?;
        ready.digests = Some(self.digests(&store, &outbox));
        ready.gateway = Some(store);
        let recalls = Arc::new(Recalls {
            store: RecallStore::open(&folder).map_err(|error| error.to_string())?,
            readings: Readings::open(&folder).map_err(|error| error.to_string())?,
            notices: Arc::new(OutboxNotices { outbox, outboxes: self.outboxes.clone() }),
            policy: self.options.config.recall.clone(),
            code_sets: self.code_sets.clone(),
            clock: self.options.clock.clone(),
            hub: self.options.config.hub.ods.clone(),
            wake: Default::default(),
        });
        ready.endpoints.push(Endpoint {
            path: gateway::recall::endpoint::PATH,
            service: Arc::new(RecallEndpoint { recalls: recalls.clone(), hub: self.hub() }),
            audit: ready.audit.clone(),
            node: self.node(Role::Gateway)?,
        });
        ready.recalling = Some(Part::Listens(recalls));
        Ok(())
    }

    /// What councils are told of child protection entries that were read.
    fn read_notices(
        &self,
        store: &GatewayStore,
        outbox: &Outbox,
        sender: String,
    ) -> Arc<ReadNotices> {
        Arc::new(ReadNotices {
            settings: self.options.config.gateway.safeguarding.clone(),
            store: store.clone(),
            outbox: outbox.clone(),
            clock: self.options.clock.clone(),
            hub: self.options.config.hub.ods.clone(),
            sender,
            wake: Default::default(),
        })
    }

    /// What publishers are told of broken glass.
    fn digests(&self, store: &GatewayStore, outbox: &Outbox) -> Arc<Digests> {
        Arc::new(Digests {
            store: store.clone(),
            outbox: outbox.clone(),
            directory: self.options.config.itk.directory.clone(),
            code_sets: self.code_sets.clone(),
            clock: self.options.clock.clone(),
            hub: self.options.config.hub.ods.clone(),
            said_at: Default::default(),
        })
    }

    /// Who looks after a patient, as the registry is told.
    fn relationships(&self, ready: &mut Ready, store: &GatewayStore) -> Result<(), String> {
        let relationships = Arc::new(Relationships {
            store: store.clone(),
            code_sets: self.code_sets.clone(),
            clock: self.options.clock.clone(),
        });
        let service =
            RelationshipEndpoint { relationships: relationships.clone(), hub: self.hub() };
        ready.endpoints.push(Endpoint {
            path: gateway::relationship::endpoint::PATH,
            service: Arc::new(service),
            audit: ready.audit.clone(),
            node: self.node(Role::Gateway)?,
        });
        ready.relating = Some(relating::Part::Listens(relationships));
        Ok(())
    }
}

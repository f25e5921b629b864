//! News of patients on its way: from the registry to the gateway, wherever it runs.

use super::roles::{Builder, Ready};
use gateway::relationship::{Relationships, endpoint};
use node::actors::Relate;
use node::client::RemoteRelate;
use node::relating::{Tellings, run};
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// What a role does with news of patients while it runs.
pub(super) enum Part {
    /// It hears of it, and tells the gateway.
    Tells(Arc<dyn Tellings>, Arc<dyn Relate>),
    Listens(Arc<Relationships>),
}

impl Builder<'_> {
    /// Once all roles of the process are built: to the gateway among them, else to the one at its
    /// address.
    pub(super) fn relate(&self, ready: &mut [Ready]) -> Result<(), String> {
        let here = ready.iter().find_map(|role| match &role.relating {
            Some(Part::Listens(relationships)) => Some(relationships.clone() as Arc<dyn Relate>),
            _ => None,
        });
        for role in ready.iter_mut() {
            let Some(from) = role.tellings.take() else { continue };
            let to = match &here {
                Some(here) => here.clone(),
                None => {
                    let url = self.gateway_door(endpoint::PATH);
                    Arc::new(RemoteRelate { client: self.client(role.role)?, url })
                }
            };
            role.relating = Some(Part::Tells(from, to));
        }
        Ok(())
    }
}

/// Starts a role's part.
pub(super) fn start(role: &Ready, runtime: &Handle) -> Option<JoinHandle<()>> {
    match role.relating.as_ref()? {
        Part::Tells(from, to) => {
            Some(runtime.spawn(run(role.role.name(), from.clone(), to.clone())))
        }
        Part::Listens(_) => None,
    }
}

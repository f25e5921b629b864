//! Withdrawals on their way: from the registry and the repository to the gateway, wherever it runs.

use super::roles::{Builder, Ready, Role, default_url};
use gateway::recall::{Recalls, endpoint, watch};
use node::actors::Recall;
use node::client::RemoteRecall;
use node::recalls::{Withdrawals, run};
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// What a role does with withdrawals while it runs.
pub(super) enum Part {
    /// It takes documents back, and tells the gateway.
    Tells(Arc<dyn Withdrawals>, Arc<dyn Recall>),
    Listens(Arc<Recalls>),
}

impl Builder<'_> {
    /// Once all roles of the process are built: to the gateway among them, else to the one at its
    /// address.
    pub(super) fn tell(&self, ready: &mut [Ready]) -> Result<(), String> {
        let here = ready.iter().find_map(|role| match &role.recalling {
            Some(Part::Listens(recalls)) => Some(recalls.clone() as Arc<dyn Recall>),
            _ => None,
        });
        for role in ready.iter_mut() {
            let Some(from) = role.withdrawals.take() else { continue };
            let to = match &here {
                Some(here) => here.clone(),
                None => self.remote(role.role)?,
            };
            if here.is_none() && role.role == Role::Repository {
                self.outboxes.ask(to.clone());
            }
            role.recalling = Some(Part::Tells(from, to));
        }
        Ok(())
    }

    fn remote(&self, from: Role) -> Result<Arc<dyn Recall>, String> {
        let url = self.gateway_door(endpoint::PATH);
        Ok(Arc::new(RemoteRecall { client: self.client(from)?, url }))
    }

    /// A door of the gateway's, by its path. The gateway starts last, so its address may be known
    /// only later.
    pub(super) fn gateway_door(&self, path: &'static str) -> Box<dyn Fn() -> String + Send + Sync> {
        let options = self.options;
        let configured = options.gateway_url.clone().or(options.config.gateway.url.clone());
        let data = self.prepared.data.clone();
        let listen = options.config.gateway.listen;
        Box::new(move || {
            let published = || data.endpoints().ok()?.urls.get(Role::Gateway.name()).cloned();
            let gateway = configured.clone().or_else(published);
            let gateway = gateway.unwrap_or_else(|| default_url(listen, Role::Gateway));
            let below = path.trim_start_matches(Role::Gateway.path());
            format!("{}{below}", gateway.trim_end_matches('/'))
        })
    }
}

/// Starts a role's part.
pub(super) fn start(role: &Ready, runtime: &Handle) -> Option<JoinHandle<()>> {
    match role.recalling.as_ref()? {
        Part::Tells(from, to) => {
            Some(runtime.spawn(run(role.role.name(), from.clone(), to.clone())))
        }
        Part::Listens(recalls) => Some(runtime.spawn(watch::run(recalls.clone()))),
    }
}

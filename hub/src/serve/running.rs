//! A hub that runs: started from options, stopped with its requests answered.

use super::roles::{Builder, Ready, Role, UPLOAD_PATH};
use super::{Options, Prepared, prepare};
use super::{recalling, relating};
use crate::data::Lock;
use actix_web::dev::ServerHandle;
use gateway::break_glass::digest;
use gateway::safeguarding;
use node::asynchronous;
use node::audit::forward::{self, Forwarding};
use node::audit::{Audit, AuditKind};
use node::caller::PinnedCallers;
use node::endpoint::Mounted;
use node::mllp::MllpHandle;
use node::outbox;
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

/// The running roles of this process.
pub struct Hub {
    /// Role name (and `itk`) to URL, with the real port.
    pub urls: BTreeMap<String, String>,
    /// What was made or settled on the way, for the operator.
    pub said: Vec<String>,
    audits: Vec<Audit>,
    servers: Vec<ServerHandle>,
    /// What serves requests that are answered on connections of their own, and what delivers the
    /// outboxes.
    later: Vec<tokio::task::JoinHandle<()>>,
    folders: super::watching::Watched,
    gateway: Option<Arc<gateway::Gateway>>,
    feeds: Vec<MllpHandle>,
    actix: Option<JoinHandle<()>>,
    runtime: Option<tokio::runtime::Runtime>,
    _locks: Vec<Lock>,
}

impl Hub {
    /// Starts everything; on return every listener accepts connections.
    pub fn start(options: &Options) -> Result<Self, String> {
        let prepared = prepare(options)?;
        let roles = options.roles();
        let locks = roles.iter().map(|role| prepared.data.take_role(role.name()));
        let locks = locks.collect::<Result<Vec<_>, _>>()?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .thread_name("watling")
            .build()
            .map_err(|error| error.to_string())?;
        let mut ready = runtime.block_on(compose(options, &prepared, runtime.handle()))?;
        let mut urls = BTreeMap::new();
        let mut bound = Vec::new();
        for role in &ready {
            bound.push(bind(options, role, &mut urls)?);
        }
        let feeds = super::patients::listen(options, &prepared, &mut ready, &mut urls, &runtime)?;
        let audits: Vec<Audit> = ready.iter().map(|role| role.audit.clone()).collect();
        let endpoints: Vec<_> = ready.iter().map(|role| role.endpoints.clone()).collect();
        let outboxes: Vec<_> = ready
            .iter()
            .filter_map(|role| Some((role.outbox.clone()?, role.audit.clone())))
            .collect();
        let gateway = ready.iter().find_map(|role| role.actor.clone());
        let telling: Vec<_> = ready.iter().filter_map(|role| role.read_notices.clone()).collect();
        let folders = super::watching::begin(&mut ready, runtime.handle());
        let recalling: Vec<_> =
            ready.iter().filter_map(|role| recalling::start(role, runtime.handle())).collect();
        let relating: Vec<_> =
            ready.iter().filter_map(|role| relating::start(role, runtime.handle())).collect();
        let digests: Vec<_> = ready.iter().filter_map(|role| role.digests.clone()).collect();
        let digesting = digests.into_iter().map(|of| runtime.spawn(digest::run(of)));
        let digesting: Vec<_> = digesting.collect();
        let (servers, actix) = listen(options, &prepared, ready, bound, runtime.handle())?;
        for audit in &audits {
            runtime.block_on(audit.life(AuditKind::Start)).map_err(|error| error.to_string())?;
            runtime.spawn(anchor(audit.clone()));
        }
        let later = endpoints.into_iter().map(|of| runtime.spawn(asynchronous::run(Arc::new(of))));
        let delivering =
            outboxes.into_iter().map(|(outbox, audit)| runtime.spawn(outbox::run(outbox, audit)));
        let telling = telling.into_iter().map(|of| runtime.spawn(safeguarding::watch::run(of)));
        let forwarding = forwarding(options, &prepared, &audits, runtime.handle())?;
        let later = later.chain(delivering).chain(recalling).chain(relating).chain(forwarding);
        let later = later.chain(telling).chain(digesting).collect();
        prepared.data.publish_endpoints(&urls)?;
        Ok(Self {
            urls,
            said: prepared.said,
            audits,
            servers,
            later,
            folders,
            gateway,
            feeds,
            actix: Some(actix),
            runtime: Some(runtime),
            _locks: locks,
        })
    }

    pub fn url(&self, role: Role) -> &str {
        self.urls.get(role.name()).map(String::as_str).unwrap_or_default()
    }

    /// The gateway of this process, behind its door and before its record.
    pub fn gateway(&self) -> Option<Arc<gateway::Gateway>> {
        self.gateway.clone()
    }

    /// Runs until Ctrl-C or SIGTERM, then drains.
    pub fn wait(mut self) -> Result<(), String> {
        if let Some(runtime) = &self.runtime {
            runtime.block_on(stop_signal()).map_err(|error| error.to_string())?;
        }
        self.shut_down();
        Ok(())
    }

    /// Answers what has begun, takes nothing new, closes the books.
    pub fn stop(mut self) {
        self.shut_down();
    }

    fn shut_down(&mut self) {
        let Some(runtime) = self.runtime.take() else { return };
        for server in self.servers.drain(..) {
            runtime.block_on(server.stop(true));
        }
        self.folders.stop(&runtime);
        for later in self.later.drain(..) {
            // What is under way is begun again by the next process.
            later.abort();
            let _ = runtime.block_on(later);
        }
        for feed in self.feeds.drain(..) {
            runtime.block_on(feed.stop());
        }
        for audit in self.audits.drain(..) {
            let closing = async {
                let _ = audit.life(AuditKind::Stop).await;
                let _ = audit.checkpoint(true).await;
                let _ = audit.anchor().await;
            };
            runtime.block_on(closing);
        }
        if let Some(actix) = self.actix.take() {
            let _ = actix.join();
        }
        runtime.shutdown_timeout(Duration::from_secs(5));
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.shut_down();
    }
}

async fn stop_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result,
        _ = terminate.recv() => Ok(()),
    }
}

async fn compose(
    options: &Options,
    prepared: &Prepared,
    runtime: &tokio::runtime::Handle,
) -> Result<Vec<Ready>, String> {
    let mut builder = Builder::new(options, prepared, runtime.clone())?;
    let mut ready = Vec::new();
    for role in Role::ALL.into_iter().filter(|role| options.roles().contains(role)) {
        ready.push(builder.build(role).await?);
    }
    builder.tell(&mut ready)?;
    builder.relate(&mut ready)?;
    Ok(ready)
}

fn bind(
    options: &Options,
    ready: &Ready,
    urls: &mut BTreeMap<String, String>,
) -> Result<(TcpListener, String), String> {
    let wanted = options.listen(ready.role);
    let listener = TcpListener::bind(wanted).map_err(|error| {
        format!(
            "{} cannot listen on {wanted}: {error} (another address: --{}-listen, port 0 takes a free one)",
            ready.role, ready.role
        )
    })?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let base = format!("https://{address}");
    urls.insert(ready.role.name().to_owned(), format!("{base}{}", ready.role.path()));
    if ready.role == Role::Registry {
        urls.insert("pix".to_owned(), format!("{base}{}", super::patients::PIX_PATH));
    }
    if ready.role == Role::Repository {
        urls.insert("itk".to_owned(), format!("{base}/repository/itk"));
        if !ready.pages.is_empty() {
            urls.insert("upload".to_owned(), format!("{base}{UPLOAD_PATH}"));
        }
    }
    Ok((listener, base))
}

/// Certificates and lists near their end, to the log and the metrics.
fn say_what_ends(options: &Options) {
    let now = node::clock::Clock::System.now();
    for ending in crate::pki::expiry::ending(&options.config, Some(&options.data), now) {
        tracing::warn!("{}", ending.sentence());
        node::telemetry::certificate_days_left(ending.what, ending.days_left);
    }
}

/// Starts the servers on a thread of their own: actix brings its own runtime.
fn listen(
    options: &Options,
    prepared: &Prepared,
    ready: Vec<Ready>,
    bound: Vec<(TcpListener, String)>,
    runtime: &tokio::runtime::Handle,
) -> Result<(Vec<ServerHandle>, JoinHandle<()>), String> {
    let pinned = PinnedCallers::new(&options.config.caller)?;
    say_what_ends(options);
    let mut starting = Vec::new();
    for (role, (listener, address)) in ready.into_iter().zip(bound) {
        let identity = prepared.identity(options, role.role)?;
        let (tls, verifier) = identity.server_config().map_err(|error| error.to_string())?;
        verifier.pin(pinned.clone());
        node::server::watch_handshakes(verifier.clone(), role.audit.clone(), runtime);
        if let Some(repository) = role.repository {
            runtime.spawn(repository::arrival::attend(repository.clone(), role.audit.clone()));
            runtime.spawn(repository::arrival::retrace(repository.clone(), role.audit.clone()));
            runtime.spawn(repository::recovery::run(repository));
        }
        if let Some(store) = role.gateway {
            let (code_sets, clock) = (options.config.code_sets()?, options.clock.clone());
            runtime.spawn(super::expiring::watch(store.clone(), code_sets, clock));
            runtime.spawn(store.follow());
        }
        let (endpoints, pages) = (Arc::new(role.endpoints), Arc::new(role.pages));
        let mounted = Mounted { endpoints, pages, address };
        starting.push((listener, tls, verifier, mounted));
    }
    let (sender, receiver) = mpsc::channel();
    let serve = move || {
        let system = actix_web::rt::System::new();
        system.block_on(async move {
            let mut servers = Vec::new();
            let mut handles = Vec::new();
            for (listener, tls, verifier, mounted) in starting {
                match node::server::serve(listener, tls, verifier, mounted, 2) {
                    Ok(server) => {
                        handles.push(server.handle());
                        servers.push(actix_web::rt::spawn(server));
                    }
                    Err(error) => return drop(sender.send(Err(error.to_string()))),
                }
            }
            let _ = sender.send(Ok(handles));
            for server in servers {
                let _ = server.await;
            }
        });
    };
    let thread = std::thread::Builder::new().name("watling-http".to_owned()).spawn(serve);
    let thread = thread.map_err(|error| error.to_string())?;
    let handles = receiver.recv().map_err(|_| "the HTTP server did not start".to_owned())??;
    Ok((handles, thread))
}

/// Passes the records of each role on, where a receiver is configured.
fn forwarding(
    options: &Options,
    prepared: &Prepared,
    audits: &[Audit],
    runtime: &tokio::runtime::Handle,
) -> Result<Vec<tokio::task::JoinHandle<()>>, String> {
    let Some(settings) = &options.config.audit.forward else { return Ok(Vec::new()) };
    let mut running = Vec::new();
    for audit in audits {
        let role = Role::ALL.into_iter().find(|role| role.name() == audit.service());
        let Some(role) = role else { continue };
        let identity = prepared.identity(options, role)?;
        let forwarding = Forwarding::new(settings.clone(), &identity);
        let forwarding = forwarding.map_err(|error| format!("audit.forward: {error}"))?;
        running.push(runtime.spawn(forward::run(audit.clone(), forwarding)));
    }
    Ok(running)
}

/// Looks between two at what has been kept long enough: an hour.
const EXPIRY_EVERY: u64 = 720;

/// Signs a chain where that is due and writes its newest digest outside it, every few seconds.
async fn anchor(audit: Audit) {
    for looks in 0_u64.. {
        tokio::time::sleep(Duration::from_secs(5)).await;
        if looks.is_multiple_of(EXPIRY_EVERY)
            && let Err(error) = audit.expire().await
        {
            tracing::warn!(%error, "audit not expired");
        }
        if let Err(error) = audit.recover().await {
            tracing::warn!(%error, "audit not recovered");
        }
        if let Err(error) = audit.checkpoint(false).await {
            tracing::warn!(%error, "audit not signed");
        }
        if let Err(error) = audit.anchor().await {
            tracing::warn!(%error, "audit not anchored");
        }
    }
}

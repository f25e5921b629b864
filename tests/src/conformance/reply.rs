//! Where answers on a connection of their own arrive (WS-Addressing, ITI TF-2 Appendix V.3).

use super::http::{Identity, Incoming};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

type Arrived = Arc<Mutex<HashMap<String, Incoming>>>;

/// A listener on a thread of its own; it ends with the process.
pub struct Replies {
    base: String,
    arrived: Arrived,
}

/// The last part of a reply address.
fn key(message_id: &str) -> String {
    message_id.rsplit(':').next().unwrap_or_default().to_owned()
}

impl Replies {
    /// Listens with this certificate. `url` is how others name the address.
    pub async fn listen(
        address: &str,
        url: Option<&str>,
        identity: &Identity<'_>,
    ) -> Result<Self, String> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_no_client_auth()
            .with_single_cert(identity.certificates()?, identity.private_key()?)
            .map_err(|error| error.to_string())?;
        let arrived = Arrived::default();
        let (store, address) = (arrived.clone(), address.to_owned());
        let (ready, bound) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = HttpServer::new(move || {
                    let store = web::Data::new(store.clone());
                    App::new()
                        .app_data(store)
                        .app_data(web::PayloadConfig::new(64 << 20))
                        .route("/reply/{key}", web::post().to(take))
                });
                let server = server.workers(1).disable_signals().bind_rustls_0_23(&address, tls);
                let server = match server {
                    Ok(server) => server,
                    Err(error) => {
                        let _ = ready.send(Err(format!("{address}: {error}")));
                        return;
                    }
                };
                let _ = ready.send(server.addrs().first().copied().ok_or(address));
                let _ = server.run().await;
            });
        });
        let bound = tokio::task::spawn_blocking(move || bound.recv()).await;
        let bound = bound.map_err(|e| e.to_string())?.map_err(|e| e.to_string())??;
        let base = url.map_or_else(|| format!("https://{bound}"), str::to_owned);
        Ok(Self { base, arrived })
    }

    /// The address for the answer to a message.
    pub fn url(&self, message_id: &str) -> String {
        format!("{}/reply/{}", self.base.trim_end_matches('/'), key(message_id))
    }

    /// The answer to a message, when it comes.
    pub async fn wait(&self, message_id: &str, longest: Duration) -> Option<Incoming> {
        let look = async {
            loop {
                let found = self.arrived.lock().ok()?.remove(&key(message_id));
                if found.is_some() {
                    return found;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(longest, look).await.ok().flatten()
    }
}

async fn take(request: HttpRequest, body: web::Bytes, store: web::Data<Arrived>) -> HttpResponse {
    let key = request.match_info().get("key").unwrap_or_default().to_owned();
    let header = request.headers().get("content-type").and_then(|value| value.to_str().ok());
    let incoming = Incoming {
        status: 200,
        content_type: header.unwrap_or_default().to_owned(),
        body: body.to_vec(),
    };
    if let Ok(mut arrived) = store.lock() {
        arrived.insert(key, incoming);
    }
    HttpResponse::Accepted().finish()
}

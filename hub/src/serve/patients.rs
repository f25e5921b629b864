//! The registry's knowledge of patients: whom it believes, and its door for HL7 v2.

use super::roles::{Ready, Role};
use super::{Options, Prepared};
use crate::data::{DataFolder, Stamp};
use node::caller::PinnedCallers;
use node::caller::{CONFORMANCE_SYSTEM, conformance_ods};
use node::mllp::{MllpHandle, MllpLimits, MllpListener};
use registry::Patients;
use registry::identity::{Identities, IdentityPolicy, PatientIdentitySource};
use registry::store::identity::IdentityStore;
use schemas::code_set::CodeSets;
use schemas::nhs_number::NhsNumber;
use schemas::oid::Oid;
use schemas::pix::AffinityDomain;
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::Arc;

/// Where ITI-44 is answered.
pub(super) const PIX_PATH: &str = "/registry/pix";

/// The knowledge of the registry in a data folder, for commands; a hub may be serving it.
pub(crate) async fn open_identities(options: &Options) -> Result<Identities, String> {
    let data = DataFolder::open(&options.data)?;
    let stamp = data.stamp()?.ok_or("the folder was not made by `watling serve` yet")?;
    let code_sets = Arc::new(options.config.code_sets()?);
    let store = &options.config.registry.store;
    let index = super::store::open(store, &data.role("registry")?, code_sets.clone()).await?;
    identities(options, &code_sets, stamp, Arc::new(index))
}

/// The registry's knowledge of patients, over its store.
pub(super) fn identities(
    options: &Options,
    code_sets: &CodeSets,
    stamp: Stamp,
    store: Arc<dyn IdentityStore>,
) -> Result<Identities, String> {
    Ok(Identities {
        store,
        policy: policy(options, code_sets)?,
        patients: patients(options, stamp)?,
        known_patients: options.config.registry.patients.into(),
        clock: options.clock.clone(),
    })
}

fn patients(options: &Options, stamp: Stamp) -> Result<Patients, String> {
    if stamp == Stamp::Development {
        return Ok(Patients::Development);
    }
    let listed = options.config.hub.synthetic_numbers.iter().map(|n| NhsNumber::parse(n));
    let synthetic_allowed = listed.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    Ok(Patients::Live { synthetic_allowed })
}

fn policy(options: &Options, code_sets: &CodeSets) -> Result<IdentityPolicy, String> {
    let section = &options.config.registry;
    let authority =
        Oid::parse(&code_sets.domain).map_err(|error| format!("code sets: domain: {error}"))?;
    let mut sources = section.patient_identity_sources.clone();
    if options.conformance {
        sources.push(PatientIdentitySource {
            ods: conformance_ods(),
            system: Some(CONFORMANCE_SYSTEM.to_owned()),
            application: None,
            facility: None,
            merges: true,
            registrations: true,
            encounters: true,
        });
    }
    let local = section.local_authorities.clone();
    if local.iter().any(|local| local.oid == authority) {
        return Err(format!(
            "registry.local_authorities: {authority} is the authority of the domain's own identifiers"
        ));
    }
    let domain = AffinityDomain {
        namespace: section.patient_id_namespace.clone(),
        authority,
        local: local.iter().map(|local| local.oid.clone()).collect(),
    };
    Ok(IdentityPolicy { domain, sources, local })
}

/// Opens the door for HL7 v2 where an address is given; on return it accepts connections.
pub(super) fn listen(
    options: &Options,
    prepared: &Prepared,
    ready: &mut [Ready],
    urls: &mut BTreeMap<String, String>,
    runtime: &tokio::runtime::Runtime,
) -> Result<Vec<MllpHandle>, String> {
    let wanted = options.mllp_listen.or(options.config.registry.mllp_listen);
    let feed = ready.iter_mut().find_map(|role| role.feed.take());
    let (Some(wanted), Some(feed)) = (wanted, feed) else { return Ok(Vec::new()) };
    let socket = TcpListener::bind(wanted).map_err(|error| {
        format!("the registry cannot listen for HL7 v2 on {wanted}: {error} (another address: --mllp-listen, port 0 takes a free one)")
    })?;
    let address = socket.local_addr().map_err(|error| error.to_string())?;
    let identity = prepared.identity(options, Role::Registry)?;
    let (tls, verifier) = identity.server_config().map_err(|error| error.to_string())?;
    verifier.pin(PinnedCallers::new(&options.config.caller)?);
    let audit = feed.audit.clone();
    node::server::watch_handshakes(verifier.clone(), audit.clone(), runtime.handle());
    let service = Arc::new(feed);
    let listener = MllpListener { tls, verifier, service, audit, limits: MllpLimits::default() };
    let _inside = runtime.enter();
    let handle = node::mllp::serve(socket, listener).map_err(|error| error.to_string())?;
    urls.insert("mllp".to_owned(), format!("mllps://{address}"));
    Ok(vec![handle])
}

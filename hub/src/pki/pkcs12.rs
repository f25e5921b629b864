//! PKCS#12 for systems that take nothing else: Windows certificate stores, SoapUI, Java.

use node::tls::Identity;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::PKey;
use openssl::stack::Stack;
use openssl::x509::X509;

/// A certificate with its key and the CA, under a password.
pub fn export(identity: &Identity, name: &str, password: &str) -> Result<Vec<u8>, String> {
    let read = |path: &std::path::Path| {
        std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
    };
    let certificate = X509::from_pem(&read(&identity.certificate)?).map_err(|e| e.to_string())?;
    let key = PKey::private_key_from_pem(&read(&identity.key)?).map_err(|e| e.to_string())?;
    let mut chain = Stack::new().map_err(|e| e.to_string())?;
    for ca in X509::stack_from_pem(&read(&identity.trust)?).map_err(|e| e.to_string())? {
        chain.push(ca).map_err(|e| e.to_string())?;
    }
    let mut builder = Pkcs12::builder();
    builder.name(name).pkey(&key).cert(&certificate).ca(chain);
    let packed = builder.build2(password).map_err(|e| e.to_string())?;
    packed.to_der().map_err(|e| e.to_string())
}

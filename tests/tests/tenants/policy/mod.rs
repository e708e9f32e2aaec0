//! What the operator decides for a tenant.

mod compilers;
mod egress;
mod levels;
mod quarantine;

use insula_tests::Server;
use serde_json::Value;

/// What `insula tenants show` says.
async fn shown(server: &Server, tenant: &str) -> Value {
    server.insula(&["tenants", "show", tenant, "--json"]).await.json()
}

/// What the audit log says of a tenant, newest first: action and detail.
async fn audited(server: &Server, tenant: &str) -> Vec<(String, String)> {
    let audit = server.insula(&["audit", "--tenant", tenant, "--json"]).await.json();
    let entries = audit["entries"].as_array().expect("entries");
    let text = |entry: &Value, key: &str| entry[key].as_str().expect("a text").to_owned();
    entries.iter().map(|entry| (text(entry, "action"), text(entry, "detail"))).collect()
}

use std::collections::BTreeSet;

use insula_supervisor::{
    Blame, ErrorDetail, Limits, LimitsOverride, Policy, PolicyOverride, ReuseMode,
};
use serde_json::{Value, json};

use super::admin_api::Client;
use super::fixture::Fixture;

async fn document() -> Value {
    let fixture = Fixture::new().await;
    let client = Client::new(&fixture);
    let request = http::Request::get("/v1/openapi.json")
        .header("authorization", format!("Bearer {}", client.token()))
        .body("".into())
        .unwrap();
    super::admin_api::send(&client.router, request).await.json
}

#[tokio::test]
async fn every_path_and_method_is_described() {
    let document = document().await;
    let mut described = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            described.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    let expected = [
        "DELETE /v1/tenants/{name}",
        "DELETE /v1/tenants/{name}/hosts/{host}",
        "DELETE /v1/tenants/{name}/quarantine",
        "DELETE /v1/tenants/{name}/secrets/{key}",
        "GET /metrics",
        "GET /v1/audit",
        "GET /v1/health",
        "GET /v1/openapi.json",
        "GET /v1/status",
        "GET /v1/tenants",
        "GET /v1/tenants/{name}",
        "GET /v1/tenants/{name}/deployments",
        "GET /v1/tenants/{name}/secrets",
        "GET /v1/tenants/{name}/tail",
        "POST /v1/tenants/{name}/deployments",
        "POST /v1/tenants/{name}/rollback",
        "PUT /v1/tenants/{name}/hosts/{host}",
        "PUT /v1/tenants/{name}/policy",
        "PUT /v1/tenants/{name}/secrets/{key}",
    ];
    assert_eq!(described, expected.map(str::to_owned).into());
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(document["security"], json!([{"token": []}]));
    assert_eq!(document["paths"]["/v1/health"]["get"]["security"], json!([{}]));
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    let document = document().await;
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

#[tokio::test]
async fn borrowed_types_look_as_they_are_described() {
    let document = document().await;
    let keys = |value: &Value| -> BTreeSet<String> {
        value.as_object().unwrap().keys().cloned().collect()
    };
    // Its keys are there only with a value.
    let full = PolicyOverride {
        level: Some(Default::default()),
        wall: Some(Default::default()),
        jit: Some(true),
        wasm: Some(true),
        egress_allow: Some(Vec::new()),
        egress_deny: Some(Vec::new()),
        egress_only: Some(Vec::new()),
        egress_connections: Some(1),
        egress_response_bytes: Some(1),
    };
    for (name, value) in [
        ("ErrorDetail", json!(ErrorDetail::default())),
        ("Limits", json!(Limits::default())),
        ("LimitsOverride", json!(LimitsOverride::default())),
        ("Policy", json!(Policy::default())),
        ("EgressPolicy", json!(Policy::default().egress)),
        ("PolicyOverride", json!(full)),
    ] {
        let schema = &document["components"]["schemas"][name];
        assert_eq!(keys(&schema["properties"]), keys(&value), "{name}");
    }
    let blames = [Blame::Client, Blame::Tenant, Blame::Operator, Blame::Insula];
    assert_eq!(document["components"]["schemas"]["Blame"]["enum"], json!(blames));
    let modes = [ReuseMode::Shared, ReuseMode::Sequential, ReuseMode::Oneshot];
    assert_eq!(document["components"]["schemas"]["ReuseMode"]["enum"], json!(modes));
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get("$ref") {
                references.push(reference.clone());
            }
            object.values().for_each(|value| collect(value, references));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}

use axum::response::IntoResponse;
use http::StatusCode;
use insula_supervisor::{ErrorDetail, StartError};
use insula_wire::BootFailure;
use serde_json::{Value, json};

use crate::admin::answer::AdminError;
use crate::{BundleError, ControlError, DeployError, StoreError};

async fn answer(error: impl Into<AdminError>) -> (StatusCode, Value) {
    let (parts, body) = error.into().into_response().into_parts();
    #[expect(clippy::disallowed_methods, reason = "bounded by 64 KiB")]
    let bytes = axum::body::to_bytes(body, 64 << 10).await.unwrap();
    let json: Value = serde_json::from_slice(&bytes).unwrap();
    (parts.status, json["error"].clone())
}

#[tokio::test]
async fn code_that_does_not_start_is_shown_where_it_is_wrong() {
    let detail = ErrorDetail {
        message: "SyntaxError: missing }".to_owned(),
        stack: String::new(),
        file: "index.js".to_owned(),
        line: 3,
        column: 7,
        source_line: "  if (x {".into(),
        mapped: false,
    };
    let error = StartError::Boot { failure: BootFailure::Syntax, detail: detail.clone() };
    let (status, error) = answer(DeployError::Start(error)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        error,
        json!({
            "code": "deploy-rejected",
            "message": "the code does not parse: SyntaxError: missing }",
            "blame": "tenant",
            "detail": detail,
        })
    );
}

#[tokio::test]
async fn what_is_not_the_tenants_fault_is_not_called_a_rejection() {
    for (error, status, code, blame) in [
        (StartError::TimedOut(9), 422, "deploy-rejected", "tenant"),
        (StartError::CordonCrashed, 500, "cordon-crashed", "insula"),
        (StartError::NoCordon("no binary".to_owned()), 503, "no-cordon", "operator"),
        (StartError::ShuttingDown, 503, "shutting-down", "operator"),
    ] {
        let (found, error) = answer(DeployError::Start(error)).await;
        assert_eq!(
            (found.as_u16(), &error["code"], &error["blame"]),
            (status, &json!(code), &json!(blame))
        );
        assert_eq!(error.get("detail"), None);
    }
}

#[tokio::test]
async fn a_full_disk_is_the_operators_and_says_what_to_do() {
    let store = StoreError::DiskFull { operation: "record the deployment" };
    for error in [
        AdminError::from(DeployError::Bundle(BundleError::DiskFull)),
        AdminError::from(ControlError::Store(store)),
    ] {
        let (status, error) = answer(error).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(
            (&error["code"], &error["blame"]),
            (&json!("storage-failed"), &json!("operator"))
        );
        assert!(error["message"].as_str().unwrap().contains("free some space"));
    }
}

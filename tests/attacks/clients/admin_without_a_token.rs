//! Tries: to use the admin API with no token, a wrong one, or the right one in a wrong place.

use http::Request;
use insula_tests::{Connection, empty};

use super::connections::*;

pub async fn attack(scene: &Scene) {
    let token = std::fs::read_to_string(scene.server.data().join("admin-token")).expect("a token");
    let token = token.trim();
    let wrong: String = token.chars().rev().collect();
    for value in [
        String::new(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        format!("Bearer {}", &token[..token.len() - 1]),
        format!("Bearer {token}x"),
        format!("Bearer {wrong}"),
        format!("Basic {token}"),
        format!("Bearer {token} {token}"),
        "Bearer null".to_owned(),
    ] {
        for path in ["/v1/tenants", "/v1/tenants/victim", "/v1/status", "/v1/tenants/victim/tail"] {
            for path in [path.to_owned(), format!("{path}?token={token}"), format!("/{path}")] {
                let request = Request::get(&path).header("host", "admin").header("authorization", &value);
                let request = request.body(empty()).expect("a request");
                let mut connection = Connection::http1(scene.server.admin()).await;
                let answer = connection.send(request).await;
                assert!([401, 404].contains(&answer.status), "{value}: {path}: {answer:?}");
                assert_eq!(scene.canaries.found_in(&answer.body), None, "{answer:?}");
            }
        }
    }
}

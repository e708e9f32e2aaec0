use http::Request;
use insula_tests::{Answer, App, Connection, Server, empty};

async fn ask(server: &Server, authorization: Option<&str>) -> Answer {
    let mut request = Request::get("/v1/tenants").header("host", server.admin().to_string());
    if let Some(value) = authorization {
        request = request.header("authorization", value);
    }
    let mut connection = Connection::http1(server.admin()).await;
    connection.send(request.body(empty()).unwrap()).await
}

#[tokio::test]
async fn only_the_right_token_opens_the_admin_api() {
    let server = Server::start().await;
    let token = std::fs::read_to_string(server.data().join("admin-token")).unwrap();
    let token = token.trim();
    let right = format!("Bearer {token}");
    assert_eq!(ask(&server, Some(&right)).await.status, 200);
    let longer = format!("{right}x");
    let shorter = &right[..right.len() - 1];
    let basic = format!("Basic {token}");
    for wrong in [
        None,
        Some("Bearer "),
        Some("Bearer wrong"),
        Some(&longer),
        Some(shorter),
        Some(token),
        Some(&basic),
    ] {
        let answer = ask(&server, wrong).await;
        assert_eq!(answer.status, 401, "{wrong:?}: {answer:?}");
        assert!(!answer.text().contains(token));
    }
}

#[tokio::test]
async fn the_command_line_says_that_the_token_is_wrong() {
    let server = Server::start().await;
    let app = App::handler("() => new Response('here')");
    let shown = server.try_deploy("alice", &app, &["--token", "wrong"]).await.failed(1);
    assert!(shown.contains("--token"), "{shown}");
    assert_eq!(server.get("alice", "/").await.status, 404);
}

#[tokio::test]
async fn the_token_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = Server::start().await;
    let mode = std::fs::metadata(server.data().join("admin-token")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn the_admin_api_does_not_answer_at_the_tenants_door() {
    let server = Server::start().await;
    let token = std::fs::read_to_string(server.data().join("admin-token")).unwrap();
    let request = Request::get("/v1/tenants")
        .header("host", server.listen().to_string())
        .header("authorization", format!("Bearer {}", token.trim()));
    server.send(request.body(empty()).unwrap()).await.assert_error(404, "no-such-tenant");
}

use http::header::LOCATION;
use insula_supervisor::SubrequestError;

use crate::server::{Server, answer, egress, fetch, get, text};

fn is_refused<T>(outcome: &Result<T, SubrequestError>) -> bool {
    matches!(outcome, Err(SubrequestError::Refused { .. }))
}

#[tokio::test]
async fn this_machine_is_refused_under_all_its_names() {
    let server = Server::start(async |_| answer("secret")).await;
    let port = server.address.port();
    let egress = egress([]);
    for host in [
        "127.0.0.1",
        "127.1.2.3",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "0.0.0.0",
        "0",
        "localhost",
        "LOCALHOST",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1]",
        "169.254.169.254",
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "100.64.0.1",
        "[fd00:ec2::254]",
        "224.0.0.1",
    ] {
        let outcome = fetch(&egress, get(&format!("http://{host}:{port}/"))).await;
        // A resolver that does not know such forms finds no host, which is as good.
        let unknown =
            matches!(&outcome, Err(SubrequestError::Network(why)) if why.contains("resolve"));
        assert!(is_refused(&outcome) || unknown, "{host}: {:?}", outcome.err());
        let literal = host.starts_with('[') || host.split('.').count() == 4;
        assert!(!(literal && unknown && !host.starts_with('0')), "{host}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn what_the_operator_allows_is_reached() {
    let server = Server::start(async |_| answer("hello")).await;
    let port = server.address.port();
    for (entry, host) in [
        (format!("127.0.0.1:{port}"), "127.0.0.1"),
        ("127.0.0.0/8".to_owned(), "127.0.0.1"),
        (format!("localhost:{port}"), "localhost"),
    ] {
        let response = fetch(&egress([entry]), get(&format!("http://{host}:{port}/"))).await;
        assert_eq!(text(response.expect("a response").into_body()).await.as_deref(), Ok("hello"));
    }
    let other = egress([format!("127.0.0.1:{}", port ^ 1), "localhost".to_owned()]);
    assert!(is_refused(&fetch(&other, get(&server.url("/"))).await));
}

#[tokio::test]
async fn a_redirect_is_judged_like_a_request() {
    let inner = Server::start(async |_| answer("secret")).await;
    let target = inner.url("/");
    let outer = Server::start(move |_| {
        let mut response = answer("");
        *response.status_mut() = http::StatusCode::FOUND;
        response.headers_mut().insert(LOCATION, target.parse().expect("a value"));
        std::future::ready(response)
    })
    .await;
    let outcome = fetch(&outer.egress(), get(&outer.url("/"))).await;
    assert!(is_refused(&outcome), "{:?}", outcome.err());
    assert_eq!((outer.connections(), inner.connections()), (1, 0));
}

#[tokio::test]
async fn a_refusal_does_not_say_what_a_name_resolves_to() {
    let refused = fetch(&egress([]), get("http://localhost:1234/")).await.expect_err("refused");
    let told = refused.to_string();
    assert!(told.contains("localhost:1234") && !told.contains("127.0") && !told.contains("::1"));
}

#[tokio::test]
async fn other_schemes_cannot_be_fetched() {
    for url in ["ftp://a.example/", "/relative", "ws://a.example/"] {
        let outcome = fetch(&egress([]), get(url)).await;
        assert!(matches!(outcome, Err(SubrequestError::BadUrl(_))), "{url}");
    }
}

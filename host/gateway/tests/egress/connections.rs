use std::sync::Arc;

use http::header::CONNECTION;
use insula_gateway::{Egress, EgressConfig};
use insula_supervisor::SubrequestError;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::server::{Server, answer, egress, fetch, get, streamed, tenant, text};

#[tokio::test]
async fn a_connection_serves_one_request_after_another() {
    let server = Server::start(async |_| answer("hello")).await;
    let egress = server.egress();
    for _ in 0..5 {
        let response = fetch(&egress, get(&server.url("/"))).await.expect("a response");
        assert_eq!(text(response.into_body()).await.as_deref(), Ok("hello"));
        // The connection's task learns of the end in its next turn.
        tokio::task::yield_now().await;
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn tenants_do_not_share_connections() {
    let server = Server::start(async |_| answer("hello")).await;
    let egress = server.egress();
    for name in ["alice", "bob", "carol"] {
        let fetched = egress.fetch(tenant(name), get(&server.url("/"))).await;
        assert!(text(fetched.expect("a response").into_body()).await.is_ok());
        tokio::task::yield_now().await;
    }
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn a_tenant_that_keeps_many_connections_leaves_room_for_those_of_others() {
    let mut servers = Vec::new();
    for _ in 0..12 {
        servers.push(Server::start(async |_| answer("hello")).await);
    }
    let allow = servers.iter().map(|server| server.address.to_string()).collect();
    let config = EgressConfig { allow, waiting: 8, ..EgressConfig::default() };
    let egress = Egress::new(config).expect("a policy");
    let ask = async |name, server: &Server| {
        let fetched = egress.fetch(tenant(name), get(&server.url("/"))).await;
        assert!(text(fetched.expect("a response").into_body()).await.is_ok());
        tokio::task::yield_now().await;
    };
    for server in &servers[1..] {
        ask("mallory", server).await;
    }
    for _ in 0..5 {
        ask("alice", &servers[0]).await;
    }
    assert_eq!(servers[0].connections(), 1);
}

#[tokio::test]
async fn tenants_that_have_much_open_leave_something_to_others() {
    let server =
        Server::start(async |_| http::Response::new(streamed(futures_util::stream::pending())))
            .await;
    let allow = vec![server.address.to_string()];
    let egress = Egress::new(EgressConfig { allow, open: 100, ..EgressConfig::default() });
    let egress = egress.expect("a policy");
    let mut held = Vec::new();
    for name in ["mallory", "malvin", "mandy", "morten"] {
        let error = loop {
            match egress.fetch(tenant(name), get(&server.url("/"))).await {
                Ok(response) => held.push(response),
                Err(error) => break error,
            }
        };
        assert!(matches!(error, SubrequestError::TooManyOfAll), "{error}");
    }
    assert!(held.len() < 100);
    assert!(egress.fetch(tenant("alice"), get(&server.url("/"))).await.is_ok());
}

#[tokio::test]
async fn a_connection_that_the_server_closes_is_not_used_again() {
    let server = Server::start(async |_| {
        let mut response = answer("hello");
        response.headers_mut().insert(CONNECTION, "close".parse().expect("a value"));
        response
    })
    .await;
    let egress = server.egress();
    for _ in 0..5 {
        let response = fetch(&egress, get(&server.url("/"))).await.expect("a response");
        assert!(text(response.into_body()).await.is_ok());
    }
    assert_eq!(server.connections(), 5);
}

/// Answers one request on each connection, claims to keep it, and closes it.
#[tokio::test]
async fn a_connection_that_was_closed_while_it_waited_is_replaced() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
    let address = listener.local_addr().expect("an address");
    let served = Arc::new(tokio::sync::Notify::new());
    let tell = Arc::clone(&served);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
            drop(stream);
            tell.notify_one();
        }
    });
    let egress = egress([address.to_string()]);
    for _ in 0..20 {
        let response = fetch(&egress, get(&format!("http://{address}/"))).await;
        assert_eq!(text(response.expect("a response").into_body()).await.as_deref(), Ok("ok"));
        served.notified().await;
    }
}

#[tokio::test]
async fn nobody_there_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let outcome = fetch(&egress([address.to_string()]), get(&format!("http://{address}/"))).await;
    assert!(matches!(outcome, Err(SubrequestError::Network(why)) if why.contains("refused")));
}

#[tokio::test]
async fn a_server_that_speaks_nonsense_is_an_error() {
    for nonsense in [
        "220 mail.example ESMTP\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
        "HTTP/1.1 999 No Such Status\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
        "",
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.read(&mut [0; 1024]).await;
                let _ = stream.write_all(nonsense.as_bytes()).await;
            }
        });
        let egress = egress([address.to_string()]);
        let outcome = fetch(&egress, get(&format!("http://{address}/"))).await;
        assert!(matches!(outcome, Err(SubrequestError::Network(_))), "{nonsense:?}");
    }
}

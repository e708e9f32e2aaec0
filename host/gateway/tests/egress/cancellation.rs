use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::Response;
use http_body_util::BodyExt;
use insula_gateway::{Egress, EgressConfig};
use insula_supervisor::SubrequestError;
use tokio::sync::Notify;

use crate::server::{PATIENCE, Server, fetch, get, streamed, tenant};

/// Tells when it is dropped.
struct Tell(Arc<Notify>);

impl Drop for Tell {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

async fn told(notify: &Notify) {
    tokio::time::timeout(PATIENCE, notify.notified()).await.expect("the server is told");
}

#[tokio::test]
async fn a_dropped_fetch_closes_its_exchange() {
    let (asked, gone) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (tell_asked, tell_gone) = (Arc::clone(&asked), Arc::clone(&gone));
    let server = Server::start(move |_| {
        let waiting = Tell(Arc::clone(&tell_gone));
        tell_asked.notify_one();
        async move {
            let _waiting = waiting;
            std::future::pending().await
        }
    })
    .await;
    let egress = server.egress();
    let url = server.url("/");
    let fetching = tokio::spawn(async move { egress.fetch(tenant("alice"), get(&url)).await });
    told(&asked).await;
    fetching.abort();
    told(&gone).await;
}

#[tokio::test]
async fn a_dropped_body_closes_its_exchange() {
    let gone = Arc::new(Notify::new());
    let tell = Arc::clone(&gone);
    let server = Server::start(move |_| {
        let pieces = stream::unfold(Tell(Arc::clone(&tell)), async |tell| {
            tokio::task::yield_now().await;
            Some((Ok(Bytes::from_static(b"more")), tell))
        });
        std::future::ready(Response::new(streamed(pieces)))
    })
    .await;
    let response = fetch(&server.egress(), get(&server.url("/"))).await.expect("a response");
    let mut body = response.into_body();
    assert!(body.frame().await.is_some_and(|frame| frame.is_ok()));
    drop(body);
    told(&gone).await;
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up() {
    let server = Server::start(|_| std::future::pending()).await;
    let config = EgressConfig {
        allow: vec![server.address.to_string()],
        head_timeout: Duration::from_millis(50),
        ..EgressConfig::default()
    };
    let outcome = fetch(&Egress::new(config).expect("a policy"), get(&server.url("/"))).await;
    assert!(matches!(outcome, Err(SubrequestError::Network(why)) if why.contains("in time")));
}

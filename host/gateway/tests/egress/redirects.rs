use bytes::Bytes;
use futures_util::stream;
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, LOCATION};
use http::{Request, Response, StatusCode, Uri};
use hyper::body::Incoming;
use insula_supervisor::{BoxBody, RedirectMode, SubrequestError};

use crate::server::{Server, answer, egress, fetch, following, full, get, streamed, text};

/// `/307/x` redirects with 307 to `/x`; everything else says what it was asked.
async fn maze(request: Request<Incoming>) -> Response<BoxBody> {
    let path = request.uri().path().to_owned();
    let steps = path.trim_start_matches('/').split_once('/').unwrap_or_default();
    if let Ok(status) = steps.0.parse::<StatusCode>() {
        let mut response = answer("moved");
        *response.status_mut() = status;
        let target = format!("/{}", steps.1);
        response.headers_mut().insert(LOCATION, target.parse().expect("a value"));
        return response;
    }
    let (head, body) = request.into_parts();
    let kind = head.headers.get(CONTENT_TYPE).map_or("none", |v| v.to_str().expect("text"));
    let body = text(body).await.expect("a body");
    answer(format!("{} {path} {kind} {body:?}", head.method))
}

fn post(url: &str, body: BoxBody) -> Request<BoxBody> {
    Request::post(url).header(CONTENT_TYPE, "a/b").body(body).expect("a request")
}

#[tokio::test]
async fn redirects_are_followed_to_their_end() {
    let server = Server::start(maze).await;
    let response = fetch(&server.egress(), get(&server.url("/301/302/303/307/308/end"))).await;
    let response = response.expect("a response");
    assert_eq!(response.status(), StatusCode::OK);
    let url = response.extensions().get::<Uri>().map(ToString::to_string);
    assert_eq!(url, Some(server.url("/end")));
    assert_eq!(text(response.into_body()).await.expect("text"), "GET /end none \"\"");
}

#[tokio::test]
async fn a_response_without_redirect_carries_no_url() {
    let server = Server::start(maze).await;
    let response = fetch(&server.egress(), get(&server.url("/end"))).await.expect("a response");
    assert!(response.extensions().get::<Uri>().is_none());
}

#[tokio::test]
async fn methods_and_bodies_change_as_fetch_says() {
    let server = Server::start(maze).await;
    for (path, expected) in [
        ("/302/end", "GET /end none \"\""),
        ("/303/end", "GET /end none \"\""),
        ("/307/end", "POST /end a/b \"body\""),
        ("/308/307/end", "POST /end a/b \"body\""),
        ("/308/301/end", "GET /end none \"\""),
    ] {
        let request = following(post(&server.url(path), full("body")));
        let response = fetch(&server.egress(), request).await.expect("a response");
        assert_eq!(text(response.into_body()).await.as_deref(), Ok(expected), "{path}");
    }
}

#[tokio::test]
async fn a_body_that_streamed_away_cannot_be_sent_again() {
    let server = Server::start(maze).await;
    let body = || streamed(stream::iter([Ok(Bytes::from_static(b"body"))]));
    let refused = fetch(&server.egress(), following(post(&server.url("/307/end"), body()))).await;
    assert!(matches!(refused, Err(SubrequestError::Redirect(_))));
    let followed = fetch(&server.egress(), following(post(&server.url("/303/end"), body()))).await;
    assert_eq!(
        text(followed.expect("a response").into_body()).await.as_deref(),
        Ok("GET /end none \"\"")
    );
}

#[tokio::test]
async fn redirects_can_be_errors_or_answers() {
    let server = Server::start(maze).await;
    let asked = |redirect| {
        let mut request = get(&server.url("/302/end"));
        request.redirect = redirect;
        request
    };
    let refused = fetch(&server.egress(), asked(RedirectMode::Error)).await;
    assert!(matches!(refused, Err(SubrequestError::Redirect(_))));
    let kept = fetch(&server.egress(), asked(RedirectMode::Manual)).await.expect("a response");
    assert_eq!(
        (kept.status().as_u16(), &kept.headers()[LOCATION]),
        (302, &"/end".parse().expect(""))
    );
    assert_eq!(text(kept.into_body()).await.as_deref(), Ok("moved"));
}

#[tokio::test]
async fn redirects_do_not_go_on_for_ever() {
    let server = Server::start(maze).await;
    let path = |steps| format!("{}/end", "/302".repeat(steps));
    assert!(fetch(&server.egress(), get(&server.url(&path(20)))).await.is_ok());
    let refused = fetch(&server.egress(), get(&server.url(&path(21)))).await;
    assert!(matches!(refused, Err(SubrequestError::Redirect(_))));
}

#[tokio::test]
async fn credentials_do_not_leave_their_origin() {
    let told = async |request: Request<Incoming>| {
        let has = |name| request.headers().contains_key(name);
        answer(format!("{} {}", has(AUTHORIZATION), has(COOKIE)))
    };
    let other = Server::start(told).await;
    let target = other.url("/");
    let first = Server::start(move |_| {
        let response = Response::builder().status(302).header(LOCATION, &target);
        std::future::ready(response.body(full("")).expect("a response"))
    })
    .await;
    let egress = egress([first.address.to_string(), other.address.to_string()]);
    for (url, expected) in [(other.url("/"), "true true"), (first.url("/"), "false false")] {
        let request = Request::get(url).header(AUTHORIZATION, "Basic eA==").header(COOKIE, "a=b");
        let request = following(request.body(full("")).expect("a request"));
        let response = fetch(&egress, request).await.expect("a response");
        assert_eq!(text(response.into_body()).await.as_deref(), Ok(expected));
    }
}

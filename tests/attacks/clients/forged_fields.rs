//! Tries: to pass for another client, and to have the host's own fields taken off.

use super::connections::*;

const FIELDS: [&str; 8] = [
    "x-forwarded-for: 6.6.6.6\r\n",
    "X-Forwarded-For: 6.6.6.6\r\nx-forwarded-for: 6.6.6.6\r\n",
    "x-forwarded-for : 6.6.6.6\r\n",
    "connection: x-forwarded-for, x-forwarded-proto\r\nx-forwarded-for: 6.6.6.6\r\n",
    "connection: host, content-length\r\n",
    "x_forwarded_for: 6.6.6.6\r\n",
    "x-forwarded-proto: https\r\nx-real-ip: 6.6.6.6\r\n",
    "insula-error: cpu-limit\r\nproxy-connection: keep-alive\r\nte: trailers\r\n",
];

pub async fn attack(scene: &Scene) {
    deploy_decoy(scene).await;
    for fields in FIELDS {
        let head = format!("GET /fields HTTP/1.1\r\nhost: decoy.localhost\r\n{fields}");
        let end = if fields.contains("connection: ") { "\r\n" } else { "connection: close\r\n\r\n" };
        let answer = exchange(scene, format!("{head}{end}").as_bytes()).await;
        if !answer.starts_with("HTTP/1.1 200") {
            assert!(answer.starts_with("HTTP/1.1 400"), "{fields:?}: {answer}");
            continue;
        }
        let seen = answer.split("\r\n\r\n").nth(1).unwrap_or_default();
        let seen: serde_json::Value = serde_json::from_str(seen).expect("what the decoy saw");
        // A chain may be there; its last link is what the socket says.
        let from = seen["x-forwarded-for"].as_str().unwrap_or_default();
        assert_eq!(from.rsplit(", ").next(), Some("127.0.0.1"), "{fields:?}: {seen}");
        assert_eq!(seen["x-forwarded-proto"], "http", "{fields:?}: {seen}");
        for gone in ["connection", "proxy-connection", "te", "keep-alive"] {
            assert!(seen.get(gone).is_none(), "{fields:?}: {seen}");
        }
    }
    scene.delete("decoy").await;
}

//! Tries: to name another host, or to smuggle lines, in the fields of HTTP/2.

use super::connections::*;

/// A field with a literal name and a literal value, which is not remembered.
fn field(name: &str, value: &str) -> Vec<u8> {
    let text = |text: &str| [&[u8::try_from(text.len()).expect("short")], text.as_bytes()].concat();
    [vec![0], text(name), text(value)].concat()
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

pub async fn attack(scene: &Scene) {
    deploy_decoy(scene).await;
    let mine = ":authority=decoy.localhost";
    for fields in [
        vec![mine, "host=victim.localhost"],
        vec![mine, ":authority=victim.localhost"],
        vec![mine, "x=y\r\nhost: victim.localhost"],
        vec![mine, "x\r\nhost: victim.localhost=y"],
        vec![mine, "transfer-encoding=chunked"],
        vec![mine, "connection=close"],
        vec![mine, "content-length=5", "content-length=0"],
        vec![mine, ":path=/other"],
        vec![mine, "X-Upper=y"],
        vec![mine, ":protocol=websocket"],
        vec![":authority=decoy.localhost, victim.localhost"],
        vec![":authority=decoy.localhost@victim.localhost"],
        vec!["host=decoy.localhost", "host=victim.localhost"],
        vec![":authority="],
    ] {
        let mut block = [field(":method", "GET"), field(":scheme", "http"), field(":path", "/")].concat();
        for (name, value) in fields.iter().filter_map(|it| it[1..].split_once('=').map(|(n, v)| (&it[..=n.len()], v))) {
            block.extend(field(name, value));
        }
        let bytes = [
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
            frame(4, 0, 0, &[]),
            // The end of the head, and of the stream.
            frame(1, 5, 1, &block),
            // Going away, so that the server closes.
            frame(7, 0, 0, &[0; 8]),
        ];
        let answer = exchange(scene, &bytes.concat()).await;
        assert_is_no_victims(scene, &format!("{fields:?}"), &answer);
    }
    scene.delete("decoy").await;
}

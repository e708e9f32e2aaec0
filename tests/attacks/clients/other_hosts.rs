//! Tries: to reach the victim under another's host name, by every place that may name a host.

use super::connections::*;

const HEADS: [&str; 17] = [
    "GET / HTTP/1.1\r\nhost: decoy.localhost\r\nhost: victim.localhost\r\n",
    "GET / HTTP/1.1\r\nhost: decoy.localhost, victim.localhost\r\n",
    "GET / HTTP/1.1\r\nhost: decoy.localhost\r\n host: victim.localhost\r\n",
    "GET / HTTP/1.1\r\nhost: decoy.localhost@victim.localhost\r\n",
    "GET / HTTP/1.1\r\nhost: victim.localhost@decoy.localhost\r\n",
    "GET http://victim.localhost/ HTTP/1.1\r\nhost: decoy.localhost\r\n",
    "GET http://decoy.localhost@victim.localhost/ HTTP/1.1\r\nhost: decoy.localhost\r\n",
    "GET http://decoy.localhost/ HTTP/1.1\r\nhost: victim.localhost\r\n",
    "GET //victim.localhost/ HTTP/1.1\r\nhost: decoy.localhost\r\n",
    "GET @victim.localhost/ HTTP/1.1\r\nhost: decoy.localhost\r\n",
    "GET / HTTP/1.1\r\nhost: decoy.localhost/victim.localhost\r\n",
    "GET / HTTP/1.1\r\nhost: decoy.localhost#victim.localhost\r\n",
    "GET / HTTP/1.1\r\nhost: decoy.localhost\r\nx-forwarded-host: victim.localhost\r\nx-host: victim.localhost\r\n",
    "GET / HTTP/1.1\r\nhost: decoy.localhost\r\nforwarded: host=victim.localhost\r\nx-original-url: http://victim.localhost/\r\n",
    "CONNECT victim.localhost:80 HTTP/1.1\r\nhost: decoy.localhost\r\n",
    "OPTIONS * HTTP/1.1\r\nhost: decoy.localhost victim.localhost\r\n",
    "GET / HTTP/1.0\r\nhost: decoy.localhost\r\nhost: victim.localhost\r\n",
];

pub async fn attack(scene: &Scene) {
    deploy_decoy(scene).await;
    for head in HEADS {
        let answer = exchange(scene, format!("{head}connection: close\r\n\r\n").as_bytes()).await;
        // The victim counts its requests; who is answered is the decoy, or nobody.
        assert_is_no_victims(scene, head, &answer);
    }
    scene.delete("decoy").await;
}

use futures_util::future::join_all;
use insula_tests::{App, Server, get};

/// Both write a global of the same name in each request and read it back after other requests ran.
fn app(own: &str) -> App {
    App::module(&format!(
        "globalThis.owner = '{own}'; globalThis.count = 0;
        export default {{ async fetch() {{
            globalThis.owner += '';
            globalThis.count += 1;
            await new Promise((done) => setTimeout(done, globalThis.count % 3));
            return new Response(globalThis.owner + ' ' + Object.keys(globalThis).filter((k) => k.startsWith('only')));
        }} }};
        globalThis['only_{own}'] = 1;"
    ))
}

#[tokio::test]
async fn tenants_never_see_each_others_globals() {
    let server = Server::start().await;
    for tenant in ["alice", "bob"] {
        server.deploy(tenant, &app(tenant)).await;
    }
    let clients = (0..8).map(async |client| {
        let mut connection = server.connect().await;
        for request in 0..125 {
            let tenant = ["alice", "bob"][(client + request) % 2];
            let answer = connection.send(get(tenant, "/")).await;
            answer.assert_ok(&format!("{tenant} only_{tenant}"));
        }
    });
    join_all(clients).await;
}

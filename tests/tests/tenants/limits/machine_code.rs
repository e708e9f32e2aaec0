use std::time::Duration;

use insula_tests::{App, Server};
use tokio::time::{Instant, sleep};

/// Variables and loops of a function: what it takes to make machine code of it grows with their product.
const VARIABLES: usize = 9000;
const LOOPS: usize = 1500;

/// What all cordons may take while that is tried: less than half of what it would take.
const MOST: u64 = 900 << 20;

#[tokio::test]
async fn making_machine_code_takes_no_gigabytes() {
    let server = Server::start().await;
    server.handler("victim", "() => new Response('here')").await;
    server.deploy_with("maker", &App::module(&maker()), &["--cpu-ms", "10000"]).await;
    server.get("victim", "/").await.assert_ok("here");
    let cordons = server.cordons();
    server.get("maker", "/").await.assert_ok("called");
    // The engine makes it on threads of its own.
    let began = Instant::now();
    let mut most = 0;
    while began.elapsed() < Duration::from_secs(4) {
        most = most.max(resident(&server));
        sleep(Duration::from_millis(10)).await;
    }
    assert!(most < MOST, "{most}");
    server.get("victim", "/").await.assert_ok("here");
    let now: Vec<_> = server.cordons().iter().map(|cordon| cordon.id()).collect();
    assert!(cordons.iter().all(|cordon| now.contains(&cordon.id())), "a cordon was replaced");
}

/// A module that calls such a function until the engine wants machine code.
fn maker() -> String {
    let variables: Vec<_> = (0..VARIABLES).map(|number| format!("v{number}")).collect();
    let (variables, loops) = (variables.join(","), "while (n) n--;".repeat(LOOPS));
    format!(
        "function long(n) {{ var {variables}; {loops} return v0; }}
        export default {{ fetch() {{
            for (let i = 0; i < 2000; i++) long(0);
            return new Response('called');
        }} }};"
    )
}

/// Bytes of memory that the cordons have.
fn resident(server: &Server) -> u64 {
    server.cordons().iter().map(|cordon| cordon.resident_bytes()).sum()
}

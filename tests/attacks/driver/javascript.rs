//! Runs an attacker's module and judges what it answered.

use futures_util::future::join_all;
use http::Request;
use insula_tests::{Answer, Server, host, whole};

use super::canaries::random;
use super::program::Program;
use super::scene::Scene;

/// Deploys it, asks it as its comment says, and returns what got through.
pub async fn run(scene: &Scene, program: &Program, extra: &[String]) -> Vec<String> {
    let mut problems = Vec::new();
    let (server, tenant) = (&scene.server, program.tenant());
    let variables = scene.variables();
    let mut args: Vec<&str> = program.flags.iter().chain(extra).map(String::as_str).collect();
    args.extend(variables.iter().flat_map(|variable| ["--var", variable]));
    let path = program.path.to_str().expect("a path in UTF-8");
    args.splice(0..0, ["deploy", path, "--tenant", &tenant]);
    let deployed = server.insula(&args).await;
    let said = format!("{}{}", deployed.stdout, deployed.stderr);
    if let Some(what) = scene.canaries.found_in(said.as_bytes()) {
        problems.push(format!("{what} is in what the deploy said: {said}"));
    }
    if program.expect == ["rejected"] {
        if deployed.code != Some(1) {
            problems.push(format!("the deploy ended with {:?}: {said}", deployed.code));
        }
        return problems;
    }
    if deployed.code != Some(0) {
        problems.push(format!("the deploy failed: {said}"));
        return problems;
    }
    // Read all the while: what is kept for those who come late is not much.
    let mut tail = server.tail(&tenant);
    let last = format!("/{}", random());
    let reading = tail.wait_for("the last outcome", |event| {
        let line = event["request_line"].as_str().unwrap_or_default();
        event["type"] == "missed" || event["type"] == "outcome" && line.ends_with(&last)
    });
    let asking = async {
        let mut problems = Vec::new();
        for round in 1..=program.requests {
            let path = if round == program.requests { last.clone() } else { format!("/{round}") };
            let asking = (0..program.at_once).map(|_| ask(server, &tenant, &path, program.body));
            for answer in join_all(asking).await {
                problems.extend(judge(scene, program, &answer));
            }
        }
        problems
    };
    let (_, answered) = tokio::join!(reading, asking);
    problems.extend(answered);
    for event in tail.seen() {
        if let Some(what) = scene.canaries.found_in(event.to_string().as_bytes()) {
            problems.push(format!("{what} is in the attacker's log: {event}"));
        }
    }
    let deleted = scene.delete(&tenant).await;
    if deleted.status >= 300 {
        problems.push(format!("the attacker cannot be deleted: {deleted:?}"));
    }
    problems
}

async fn ask(server: &Server, tenant: &str, path: &str, body: usize) -> Result<Answer, String> {
    let request = Request::post(path).header("host", host(tenant));
    let request = request.body(whole(vec![b'x'; body])).expect("a request");
    server.connect().await.try_send(request).await
}

/// What is wrong with an answer.
fn judge(scene: &Scene, program: &Program, answer: &Result<Answer, String>) -> Vec<String> {
    let mut problems = Vec::new();
    let ended = match answer {
        Err(_) => "broken off".to_owned(),
        Ok(answer) => match answer.header("insula-error") {
            "" if answer.status == 200 => "answered".to_owned(),
            "" => answer.status.to_string(),
            code => format!("{} {code}", answer.status),
        },
    };
    if !program.expect.contains(&ended) {
        problems.push(format!("it {ended}: {answer:?}"));
    }
    let Ok(answer) = answer else { return problems };
    let head = format!("{:?}", answer.headers);
    let parts = [head.as_bytes(), &answer.body[..]];
    if let Some(what) = parts.iter().find_map(|part| scene.canaries.found_in(part)) {
        problems.push(format!("the attacker got {what}: {answer:?}"));
    }
    if ended == "answered" && program.expect.contains(&ended) {
        let said = serde_json::from_slice::<serde_json::Value>(&answer.body).unwrap_or_default();
        match said["through"].as_array() {
            Some(through) if through.is_empty() => {}
            Some(through) => problems.push(format!("it says that it got through: {through:?}")),
            None => problems.push(format!("it does not say what it did: {answer:?}")),
        }
    }
    problems
}

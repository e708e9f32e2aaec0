use std::sync::{Mutex, PoisonError};

use http::Request;
use insula_tests::{App, Server, host, whole};
use serde_json::json;

use super::canaries::{Canaries, random};

/// Keeps something in every place that a tenant has, and says what it finds there.
const MODULE: &str = r#"
let visits = 0, kept = null;
const works = async () => {
    const [a, , ...rest] = [3, 1, 2, 5].sort((x, y) => x - y).map((x) => x * 2);
    const headers = [...new Headers([["a", "b"], ["a", "c"]])].flat().join();
    const text = await new Response(JSON.stringify({ a, rest })).text();
    return headers === "a,b, c" && text === '{"a":2,"rest":[6,10]}' && ({}).polluted === undefined;
};
export default {
    async fetch(request, env) {
        visits += 1;
        if (visits === 1) globalThis.treasure = env.GLOBAL;
        const before = kept;
        kept = await request.text();
        const { SECRET: secret, VARIABLE: variable } = env;
        const { treasure } = globalThis;
        const path = new URL(request.url).pathname;
        const body = { visits, secret, variable, treasure, before, kept, path, works: await works() };
        return Response.json(body, { headers: { "x-answer": env.ANSWER } });
    },
};
"#;

/// Another tenant, who wants to be left alone.
pub struct Victim {
    tenant: &'static str,
    secret: String,
    variable: String,
    global: String,
    answer: String,
    /// What every body that its clients send begins with.
    body: String,
    known: Mutex<Known>,
}

/// What its client knows of it.
#[derive(Debug, Default)]
struct Known {
    /// Requests that it has seen since it was started.
    visits: u64,
    /// The last one's body.
    before: Option<String>,
}

impl Victim {
    /// Deploys it with further arguments, and plants the canaries.
    pub async fn deploy(server: &Server, canaries: &mut Canaries, args: &[&str]) -> Self {
        let victim = Self {
            tenant: "victim",
            secret: canaries.plant("the victim's secret"),
            variable: canaries.plant("the victim's variable"),
            global: canaries.plant("the victim's global"),
            answer: canaries.plant("the victim's response"),
            body: canaries.plant("the body of a request to the victim"),
            known: Mutex::default(),
        };
        let variables = [
            format!("VARIABLE={}", victim.variable),
            format!("GLOBAL={}", victim.global),
            format!("ANSWER={}", victim.answer),
        ];
        let mut all: Vec<&str> = args.to_vec();
        all.extend(variables.iter().flat_map(|variable| ["--var", variable]));
        server.deploy_with(victim.tenant, &App::module(MODULE), &all).await;
        let put = server.command(&["secret", "put", victim.tenant, "SECRET"]);
        put.input(victim.secret.as_bytes()).run().await.succeeded();
        victim
    }

    /// What only it knows.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// Asks it, as a client of its own. Whether it is still the one that was asked before; the
    /// requests that it has seen must be those of its clients and no others.
    ///
    /// # Errors
    ///
    /// What is wrong with the answer.
    pub async fn ask(&self, server: &Server) -> Result<bool, String> {
        let body = format!("{} {}", self.body, random());
        let path = format!("/{}", random());
        let request = Request::post(&path).header("host", host(self.tenant));
        let request = request.body(whole(body.clone())).expect("a request");
        let answer = server.connect().await.try_send(request).await;
        let answer = answer.map_err(|error| format!("the victim's client: {error}"))?;
        let found: serde_json::Value = serde_json::from_slice(&answer.body)
            .map_err(|_| format!("the victim's client got {answer:?}"))?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = known.visits == 0;
        let restarted = found["visits"] == 1;
        let last = std::mem::take(&mut *known);
        let (visits, before) = if restarted { (1, None) } else { (last.visits + 1, last.before) };
        *known = Known { visits, before: Some(body.clone()) };
        let right = json!({
            "visits": visits,
            "secret": self.secret,
            "variable": self.variable,
            "treasure": self.global,
            "before": before,
            "kept": body,
            "path": path,
            "works": true,
        });
        if found != right || answer.header("x-answer") != self.answer {
            return Err(format!("the victim answered {answer:?} instead of {right}"));
        }
        Ok(is_first || !restarted)
    }
}

use insula_tests::{App, Server};
use serde_json::Value;

/// Evaluates each snippet, the body of an async function that returns JSON, in one handler, and
/// compares with the JSON that is expected. Shows all that differ.
pub async fn check(rows: &[(&str, &str)]) {
    let functions: String =
        rows.iter().map(|(source, _)| format!("async (request) => {{ {source} }},\n")).collect();
    let app = App::module(&format!(
        "const rows = [\n{functions}];
        export default {{ async fetch(request) {{
            try {{
                const value = await rows[new URL(request.url).searchParams.get('row')](request);
                return Response.json(value === undefined ? null : value);
            }} catch (error) {{
                return Response.json({{ thrown: String(error), stack: error?.stack }});
            }}
        }} }};"
    ));
    let server = Server::start().await;
    server.deploy_with("table", &app, &["--cpu-ms", "5000"]).await;
    let mut wrong = String::new();
    for (number, (source, expected)) in rows.iter().enumerate() {
        let answer = server.get("table", &format!("/?row={number}")).await;
        let expected: Value = serde_json::from_str(expected).expect("JSON in the table");
        if answer.status != 200 || answer.json() != expected {
            wrong += &format!("{source}\n  gives    {}\n  and not  {expected}\n", answer.text());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

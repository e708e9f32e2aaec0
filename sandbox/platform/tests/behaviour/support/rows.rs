use std::sync::mpsc::sync_channel;

use super::{Body, Said, with_tenant};

/// What is shown, the body of an async function, and its result as JSON.
pub type Row<'a> = (&'a str, &'a str, &'a str);

/// Helpers for the rows' code.
const PRELUDE: &str = "
    /** The name of what `work` throws or rejects with. */
    const failure = async (work) => {
        try { await work(); return 'nothing'; } catch (error) { return error?.name ?? String(error); }
    };
    /** The chunks of a stream. */
    const chunks = async (stream) => { const all = []; for await (const chunk of stream) all.push(chunk); return all; };
";

/// Runs the code of each row in the handler of an isolate of its own, and shows all that differ.
pub fn check_rows(rows: &[Row<'_>]) {
    let differing: Vec<String> = rows
        .iter()
        .filter_map(|(what, code, expected)| {
            let result = evaluate(code);
            (result != *expected).then(|| format!("{what}:\n  {result}\n  not {expected}"))
        })
        .collect();
    assert!(differing.is_empty(), "\n{}", differing.join("\n"));
}

fn evaluate(code: &str) -> String {
    let source = format!(
        "{PRELUDE}
        export default {{ async fetch(request, env, ctx) {{
            const result = await (async () => {{ {code} }})();
            return new Response(JSON.stringify(result) ?? 'undefined');
        }} }};"
    );
    let (sender, receiver) = sync_channel(1);
    with_tenant(&source, move |tenant| {
        tenant.get();
        tenant.run();
        let said = tenant.said();
        let answer = said.iter().find_map(|said| match said {
            Said::Response { body: Body::Whole(text), .. } => Some(text.clone()),
            Said::Failed { message, .. } => Some(message.clone()),
            _ => None,
        });
        sender.send(answer.unwrap_or_else(|| format!("{said:?}"))).expect("the test waits");
    });
    receiver.recv().expect("a result")
}

use std::sync::Arc;

use insula_supervisor::{Bundle, Deployment, Generation, Limits, Module, ModuleKind, RequestError};

use crate::diagnostic::{Diagnostic, Spot};

/// A deployment that answers every request with a page about `diagnostic`: the page comes the way
/// every answer comes, through an isolate. `number` makes its id unique.
pub fn deployment(diagnostic: &Diagnostic, number: u64) -> Arc<Deployment> {
    let source = script(&html(diagnostic, REFRESH, "The application cannot run"));
    let name = "page.js".to_owned();
    let module = Module { name: name.clone(), kind: ModuleKind::JavaScript, source: source.into() };
    Arc::new(Deployment {
        wall: insula_supervisor::Wall::Shared,
        policy: Default::default(),
        tenant: "error-page".into(),
        id: format!("error-page-{number}").into(),
        code: Bundle { entry: name, modules: vec![module] }.into(),
        generation: Generation::next(),
        variables: Vec::new(),
        limits: Limits::default(),
    })
}

fn script(html: &str) -> String {
    // A JSON string is a JavaScript string.
    let page = serde_json::Value::from(html);
    format!(
        "const page = {page};\n\
         const headers = {{ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }};\n\
         export default {{ fetch() {{ return new Response(page, {{ status: 500, headers }}); }} }};\n"
    )
}

/// A page about a request that failed.
pub fn of_request(mut error: RequestError) -> String {
    let message = error.to_string();
    let message = message.lines().next().unwrap_or_default();
    let Some(detail) = error.detail_mut() else {
        return html(&Diagnostic::new(message), "", "The request failed");
    };
    let mut diagnostic = Diagnostic::new(message);
    if !detail.file.is_empty() {
        diagnostic = diagnostic.at(Spot {
            file: std::mem::take(&mut detail.file),
            line: detail.line,
            column: detail.column,
            source_line: std::mem::take(&mut detail.source_line).into(),
            width: 1,
        });
    }
    if !detail.stack.is_empty() {
        diagnostic = diagnostic.help(std::mem::take(&mut detail.stack));
    }
    html(&diagnostic, "", "The request failed")
}

/// Makes a page ask again every second, so that it goes when the error does.
const REFRESH: &str = "<meta http-equiv=\"refresh\" content=\"1\">";

fn html(diagnostic: &Diagnostic, meta: &str, heading: &str) -> String {
    let place = diagnostic.spot.as_ref().map(place).unwrap_or_default();
    let help = diagnostic
        .help
        .as_deref()
        .map_or_else(String::new, |help| format!("<pre class=\"help\">{}</pre>", escape(help)));
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         {meta}<title>{message}</title><style>{STYLE}</style></head>\
         <body><main><p>{heading}</p><h1>{message}</h1>{place}{help}</main></body></html>\n",
        message = escape(&diagnostic.message),
    )
}

const STYLE: &str = "\
    :root{color-scheme:light dark}\
    body{margin:0;font:16px/1.5 system-ui,sans-serif}\
    main{max-width:56rem;margin:8vh auto;padding:0 1.5rem}\
    p{opacity:.7;margin:0}h1{font-size:1.4rem;margin:.2rem 0 1.5rem}\
    pre{font:14px/1.6 ui-monospace,monospace;padding:1rem;overflow:auto;border-radius:.5rem;\
    background:rgb(128 128 128/.12)}\
    .code{border-left:.25rem solid #d33}.help{white-space:pre-wrap}";

fn place(spot: &Spot) -> String {
    let mut code = escape(&spot.position());
    if !spot.source_line.is_empty() {
        code.push_str(&format!("\n\n{}", escape(&spot.source_line)));
        if spot.column > 0 {
            let carets = "^".repeat(spot.width.max(1) as usize);
            code.push_str(&format!("\n{}{carets}", spot.padding()));
        }
    }
    format!("<pre class=\"code\">{code}</pre>")
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_author_s_text_stays_text() {
        let spot = Spot::in_text("a.js", "x = '</pre><script>' ?", 4, 5);
        let page = html(&Diagnostic::new("bad <b> & \"q\"").at(spot), REFRESH, "");
        assert!(!page.contains("<script>") && !page.contains("<b>"), "{page}");
        assert!(page.contains("a.js:1:5") && page.contains("&lt;/pre&gt;"));
        let script = script(&page);
        assert_eq!(script.lines().count(), 3, "the page is one string");
    }

    #[test]
    fn each_page_is_a_deployment_of_its_own() {
        let diagnostic = Diagnostic::new("bad");
        assert_ne!(deployment(&diagnostic, 1).id, deployment(&diagnostic, 2).id);
    }
}

use serde_json::Value;

/// What the server says of tenants that crash, and of nobody else.
const EXPECTED: [&str; 2] = [
    "a cordon crashed during a request",
    "quarantined: it lives in cordons of its own from now on",
];

/// Lines that are kept of those that should not be there.
const KEPT: usize = 20;

/// The lines of a server's log that speak of defects.
pub fn unexpected(log: &str) -> Vec<String> {
    let lines = log.lines().filter(|line| !is_expected(line));
    lines.take(KEPT).map(|line| format!("the server's log: {line}")).collect()
}

fn is_expected(line: &str) -> bool {
    // A panic, for one, is no line of JSON.
    let Ok(line) = serde_json::from_str::<Value>(line) else { return false };
    let is_by_crashing = line["tenant"].as_str().is_some_and(|name| name.starts_with("crashes-"));
    let is_known = EXPECTED.iter().any(|known| line["message"] == *known);
    line["level"] != "ERROR" || (is_by_crashing && is_known)
}

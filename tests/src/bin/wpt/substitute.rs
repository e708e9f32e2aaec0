//! The `{{…}}` of `.sub.` files, which the suite's server fills in.

use std::net::SocketAddr;

/// Where the suite's files are served from.
#[derive(Debug, Clone, Copy)]
pub struct Place(pub SocketAddr);

impl Place {
    /// The base URL, without a slash at the end.
    pub fn origin(self) -> String {
        format!("http://{}", self.0)
    }
}

/// Whether files of this name are filled in.
pub fn applies(path: &str) -> bool {
    path.rsplit('/').next().unwrap_or(path).contains(".sub.")
}

/// `text` filled in. There is one host and one port; whatever asks for another gets that one.
pub fn substitute(text: &str, place: Place) -> String {
    let mut output = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((expression, tail)) = after.split_once("}}") else { break };
        output.push_str(before);
        output.push_str(&value(expression.trim(), place));
        rest = tail;
    }
    output.push_str(rest);
    output
}

fn value(expression: &str, Place(address): Place) -> String {
    let name = expression.split(['[', '(']).next().unwrap_or(expression);
    match name {
        "host" | "domains" | "hosts" => address.ip().to_string(),
        "ports" => address.port().to_string(),
        "location" if expression.contains("port") => address.port().to_string(),
        "location" if expression.contains("host") => address.to_string(),
        "location" => format!("http://{address}"),
        "uuid" => "00000000-0000-4000-8000-000000000000".to_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, substitute};

    #[test]
    fn expressions_are_filled_in() {
        let place = Place("127.0.0.1:80".parse().unwrap());
        let text = "a {{host}}:{{ports[http][0]}} {{domains[www]}} {{x";
        assert_eq!(substitute(text, place), "a 127.0.0.1:80 127.0.0.1 {{x");
    }
}

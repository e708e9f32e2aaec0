//! What scripts may do and modules may not, said otherwise. Only what the suite's tests do.

use std::collections::BTreeSet;

/// `script`, for strict code.
pub fn made_strict(script: &str) -> String {
    let declarations = ["const arguments =", "let arguments =", "...arguments) =>"];
    let renames = declarations.iter().any(|declaration| script.contains(declaration));
    let script = if renames { rename_arguments(script) } else { script.to_owned() };
    let globals = implicit_globals(&script).into_iter().map(|name| format!("\nvar {name};"));
    // Declarations take effect wherever they stand.
    let globals: String = globals.collect();
    script + &globals
}

/// A variable of a script may be called `arguments`.
fn rename_arguments(script: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let mut output = String::with_capacity(script.len());
    let mut rest = script;
    while let Some(at) = rest.find("arguments") {
        let (before, after) = rest.split_at(at);
        let after = &after["arguments".len()..];
        output.push_str(before);
        let is_whole = !before.ends_with(is_part) && !after.starts_with(is_part);
        output.push_str(if is_whole { "argumentList" } else { "arguments" });
        rest = after;
    }
    output + rest
}

/// Names that the script assigns to in a line of its own and does not declare outermost. One that is
/// a parameter, a `var`, or of an inner block somewhere does not mind being declared outside, too.
fn implicit_globals(script: &str) -> BTreeSet<&str> {
    let assigned = script.lines().filter_map(|line| {
        let (name, value) = line.trim_start().split_once(" = ")?;
        let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        (is_name && !name.is_empty() && !value.starts_with('=')).then_some(name)
    });
    let is_declared = |name: &str| {
        let declares = |line: &str| {
            let declared = line.strip_prefix("let ").or_else(|| line.strip_prefix("const "));
            declared.is_some_and(|declared| declared.starts_with(name))
        };
        script.lines().any(declares)
    };
    // Event handlers and classes are properties of the global object.
    let is_global =
        |name: &str| name.starts_with("on") || name.starts_with(|c: char| c.is_ascii_uppercase());
    assigned.filter(|name| !is_global(name) && !is_declared(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::made_strict;

    #[test]
    fn undeclared_variables_are_declared() {
        assert_eq!(made_strict("a = 1;\nlet b;\nb = 2;"), "a = 1;\nlet b;\nb = 2;\nvar a;");
    }

    #[test]
    fn a_variable_of_another_function_does_not_count() {
        let text = made_strict("function f() { var a; }\na = 1;");
        assert_eq!(text, "function f() { var a; }\na = 1;\nvar a;");
    }

    #[test]
    fn a_variable_of_an_inner_block_does_not_count() {
        let text = made_strict("{\n let a;\n}\na = 1;");
        assert_eq!(text, "{\n let a;\n}\na = 1;\nvar a;");
    }

    #[test]
    fn variables_called_arguments_are_renamed() {
        let text = made_strict("const arguments = [];\nf(...arguments, my_arguments);");
        assert_eq!(text, "const argumentList = [];\nf(...argumentList, my_arguments);");
    }
}

use std::io::Read;

use insula_control::api::SecretList;

use super::admin::{Admin, segment};
use super::{say, say_json};
use crate::args::{SecretArgs, SecretCommand, TenantArgs};
use crate::diagnostic::Diagnostic;
use crate::failure::Failure;

/// More bytes than any secret may have; the server's own limit is lower.
const MAX_SECRET: u64 = 1 << 20;

/// `insula secret`.
///
/// # Errors
///
/// [`Failure`].
pub fn secret(command: &SecretCommand) -> Result<(), Failure> {
    match command {
        SecretCommand::Put(args) => put(args),
        SecretCommand::List(args) => list(args),
        SecretCommand::Delete(args) => {
            Admin::find(&args.server)?.delete(&path(args))?;
            say(&format!("{} of {} is deleted\n", args.key, args.name))
        }
    }
}

fn put(args: &SecretArgs) -> Result<(), Failure> {
    let admin = Admin::find(&args.server)?;
    let value = read_value()?;
    admin.put(&path(args), &value)?;
    say(&format!("{} of {} is kept\n", args.key, args.name))
}

fn list(args: &TenantArgs) -> Result<(), Failure> {
    let path = format!("/v1/tenants/{}/secrets", segment(&args.name));
    let list: SecretList = Admin::find(&args.server)?.get(&path)?;
    if args.json {
        return say_json(&list);
    }
    say(&list.secrets.iter().map(|name| format!("{name}\n")).collect::<String>())
}

fn path(args: &SecretArgs) -> String {
    format!("/v1/tenants/{}/secrets/{}", segment(&args.name), segment(&args.key))
}

/// The value on standard input, without the line break that `echo` and editors put at the end.
fn read_value() -> Result<Vec<u8>, Diagnostic> {
    let mut value = Vec::new();
    #[expect(clippy::disallowed_methods, reason = "bounded by take")]
    let read = std::io::stdin().lock().take(MAX_SECRET + 1).read_to_end(&mut value);
    if let Err(error) = read {
        return Err(Diagnostic::new(format!("cannot read the value: {error}")));
    }
    if value.len() as u64 > MAX_SECRET {
        return Err(Diagnostic::new("the value is larger than 1 MiB"));
    }
    if value.ends_with(b"\n") {
        value.pop();
        if value.ends_with(b"\r") {
            value.pop();
        }
    }
    if value.is_empty() {
        let advice = "pipe it in: printf %s \"$VALUE\" | insula secret put NAME KEY";
        return Err(Diagnostic::new("there is no value on standard input").help(advice));
    }
    Ok(value)
}

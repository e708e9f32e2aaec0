//! The `insula` command.
mod diagnostic;
mod package;
fn main() {
    let mut t = vec![];
    let p = package::package(std::path::Path::new(&std::env::args().nth(1).unwrap()), &mut t);
    match p {
        Ok(p) => {
            for w in &p.warnings {
                println!("{}", w.labelled("warning"));
            }
            for m in p.modules {
                println!("== {} {:?}\n{}", m.name, m.kind, String::from_utf8_lossy(&m.source));
            }
        }
        Err(e) => println!("{}", e.diagnostic()),
    }
}

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use futures_util::StreamExt as _;
use futures_util::future::LocalBoxFuture;
use futures_util::stream;

use super::javascript;
use super::program::Program;
use super::scene::Scene;
use super::user::{Cordon, User};
use super::watch::Watch;

/// An attack from outside of the engine. It panics when it gets through.
pub type Attack = for<'s> fn(&'s Scene) -> LocalBoxFuture<'s, ()>;

/// Groups that are tried at once, each on a server of its own.
const AT_ONCE: usize = 3;

/// Bytes of a problem that are shown.
const LONGEST: usize = 1500;

/// Attacks that are known to get through, each with the reason. They count as such in the summary;
/// one that does not get through any more must leave the list.
const KNOWN: &[(&str, &str)] = &[];

/// Files in a group that are no attacks, but what its attacks share.
const SHARED: [&str; 7] =
    ["mod", "forgery", "connections", "cordons", "crowds", "namespace", "name_server"];

/// A folder of attacks that share a server.
struct Group {
    name: String,
    cordon: Cordon,
    programs: Vec<Program>,
    attacks: Vec<(String, Attack)>,
}

/// What came of one attack.
struct Verdict {
    name: String,
    problems: Vec<String>,
}

/// Tries all attacks on servers of `user`'s and prints how many got through.
///
/// # Errors
///
/// The attacks that got through, each with how.
pub async fn try_all(user: User) -> Result<(), String> {
    let tried = stream::iter(groups()).map(|group| group.try_on(user)).buffer_unordered(AT_ONCE);
    let verdicts: Vec<Verdict> = tried.concat().await;
    let through: Vec<_> = verdicts.iter().filter(|it| !it.problems.is_empty()).collect();
    println!("as {user}: {} attacks tried, {} got through", verdicts.len(), through.len());
    let mut failures = Vec::new();
    for (name, reason) in KNOWN {
        match verdicts.iter().find(|verdict| verdict.name == *name) {
            Some(it) if it.problems.is_empty() => failures
                .push(format!("{name} is listed as known ({reason}), but does not get through")),
            _ => println!("known: {name}: {reason}"),
        }
    }
    for Verdict { name, problems } in through {
        if !KNOWN.iter().any(|(known, _)| known == name) {
            failures.push(format!("{name} got through:"));
            failures
                .extend(problems.iter().map(|it| format!("  {}", it.get(..LONGEST).unwrap_or(it))));
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

impl Group {
    async fn try_on(self, user: User) -> Vec<Verdict> {
        let scene = match self.cordon {
            Cordon::Real => Scene::shared(user).await,
            Cordon::Hostile => Scene::taken_over(user).await,
        };
        let mut verdicts = Vec::new();
        for program in &self.programs {
            let attack = javascript::run(&scene, program, &[]);
            let problems = Watch::begin(&scene).over(program.may_end_cordon, attack).await;
            verdicts.push(Verdict { name: program.name.clone(), problems });
        }
        for (name, attack) in &self.attacks {
            let attack = async {
                attack(&scene).await;
                Vec::new()
            };
            let problems = Watch::begin(&scene).over(false, attack).await;
            verdicts.push(Verdict { name: name.clone(), problems });
        }
        let names: Vec<_> = verdicts.iter().map(|it| it.name.rsplit('/').next()).collect();
        let names: Vec<_> = names.into_iter().flatten().collect();
        println!("as {user}, {}: {}", self.name, names.join(", "));
        verdicts
    }
}

/// The folders of attacks, as far as the caller wants them.
fn groups() -> Vec<Group> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("attacks");
    let wanted = std::env::var("INSULA_ATTACKS").unwrap_or_default();
    let mut groups = Vec::new();
    for name in entries(&folder).filter(|path| path.is_dir()).filter_map(|path| stem(&path)) {
        if name == "driver" {
            continue;
        }
        if name == "names" && !rustix::process::geteuid().is_root() {
            println!("names: not tried, only root can give them a network of their own");
            continue;
        }
        let (cordon, attacks) = crate::attacks_in(&name);
        let mut attacks: Vec<_> =
            attacks.iter().map(|(short, attack)| (format!("{name}/{short}"), *attack)).collect();
        let files = files(&folder.join(&name), "rs");
        let listed: BTreeSet<_> = attacks.iter().map(|(name, _)| name.clone()).collect();
        let found: BTreeSet<_> = files.iter().map(|file| format!("{name}/{file}")).collect();
        assert_eq!(listed, found, "every attack is in its group's list");
        for file in &files {
            let text = fs::read_to_string(folder.join(&name).join(format!("{file}.rs")));
            assert!(text.expect("a file").starts_with("//! Tries: "), "{file} says what it tries");
        }
        let files = files_of_programs(&folder, &name);
        let mut programs: Vec<_> =
            files.iter().map(|file| Program::read(&folder, &name, file)).collect();
        attacks.retain(|(name, _)| name.contains(&wanted));
        programs.retain(|program| program.name.contains(&wanted));
        if attacks.len() + programs.len() > 0 {
            groups.push(Group { name, cordon, programs, attacks });
        }
    }
    // Who waits for something to take too long begins first.
    groups.sort_by_key(|group| group.name != "handshakes");
    groups
}

fn files_of_programs(folder: &Path, group: &str) -> Vec<String> {
    files(&folder.join(group), "js")
}

/// The names of the files with this extension, without it.
fn files(folder: &Path, extension: &str) -> Vec<String> {
    let wanted = |path: &PathBuf| path.extension().is_some_and(|found| found == extension);
    entries(folder)
        .filter(wanted)
        .filter_map(|path| stem(&path))
        .filter(|it| !SHARED.contains(&it.as_str()))
        .collect()
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("a folder of attacks")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    paths.into_iter()
}

fn stem(path: &Path) -> Option<String> {
    Some(path.file_stem()?.to_str()?.to_owned())
}

//! The driver must notice what gets through: here it helps attackers to succeed.

use std::fs;

use insula_tests::get;
use tempfile::TempDir;

use super::javascript;
use super::program::Program;
use super::scene::Scene;
use super::user::User;
use super::watch::Watch;

/// Modules that an attacker could have, what they are given beside, and the words by which the
/// driver must complain; none for one that is harmless.
const MODULES: [(&str, &str, &str); 8] = [
    ("harmless", "fetch: () => Response.json({ through: [] })", ""),
    (
        "answers_it",
        "fetch: (_, env) => Response.json({ through: [], it: env.STOLEN })",
        "got the victim's secret",
    ),
    (
        "answers_it_in_a_header",
        "fetch: (_, env) => Response.json({ through: [] }, { headers: { it: env.STOLEN } })",
        "got the victim's secret",
    ),
    (
        "logs_it",
        "fetch(_, env) { console.log([env.STOLEN]); return Response.json({ through: [] }); }",
        "the victim's secret is in the attacker's log",
    ),
    ("says_so", "fetch: () => Response.json({ through: ['in'] })", "says that it got through"),
    ("says_nothing", "fetch: () => new Response('what?')", "does not say what it did"),
    ("fails", "fetch() { throw new Error(); }", "it 500 tenant-exception"),
    ("speaks_for_insula", "fetch: () => new Response('', { status: 503 })", "it 503"),
];

/// # Errors
///
/// What went unnoticed, or was complained about without a reason.
pub async fn run() -> Result<(), String> {
    let user = if User::Root.is_possible() { User::Root } else { User::Ordinary };
    let scene = Scene::shared(user).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, handler, complaint) in MODULES {
        let problems = try_module(&scene, &folder, name, handler).await;
        expect(name, &problems, complaint)?;
    }

    let problems = Watch::begin(&scene).over(false, async { panic!("it broke in") }).await;
    expect("an attack that panics", &problems, "it broke in")?;

    let asks = async {
        scene.server.get("victim", "/").await;
        Vec::new()
    };
    let problems = Watch::begin(&scene).over(false, asks).await;
    expect("a request that the victim should not see", &problems, "instead of")?;

    let kills = async {
        scene.server.cordons().iter().for_each(|cordon| cordon.kill());
        scene
            .server
            .connect()
            .await
            .try_send(get("victim", "/"))
            .await
            .map_or_else(|error| vec![error], |_| Vec::new())
    };
    let problems = Watch::begin(&scene).over(false, kills).await;
    expect("the victim's end", &problems, "during")?;

    let reaches = async {
        tokio::net::TcpStream::connect(scene.canary.address()).await.expect("the canary");
        insula_tests::eventually("a connection", async || {
            (scene.canary.connections() > 0).then_some(())
        })
        .await;
        Vec::new()
    };
    let problems = Watch::begin(&scene).over(false, reaches).await;
    expect("a connection to loopback", &problems, "reached the service on loopback")
}

async fn try_module(scene: &Scene, folder: &TempDir, name: &str, handler: &str) -> Vec<String> {
    let group = folder.path().join("selftest");
    fs::create_dir_all(&group).expect("a folder");
    let text = format!("// Tries: what the driver must see.\nexport default {{ {handler} }};\n");
    fs::write(group.join(format!("{name}.js")), text).expect("write a file");
    let program = Program::read(folder.path(), "selftest", name);
    let stolen = format!("STOLEN={}", scene.victim.secret());
    let extra = ["--var".to_owned(), stolen];
    let attack = javascript::run(scene, &program, &extra);
    Watch::begin(scene).over(false, attack).await
}

fn expect(name: &str, problems: &[String], complaint: &str) -> Result<(), String> {
    let seen = match complaint {
        "" => problems.is_empty(),
        complaint => problems.iter().any(|problem| problem.contains(complaint)),
    };
    let expected = if complaint.is_empty() { "nothing" } else { complaint };
    if seen { Ok(()) } else { Err(format!("{name}: expected {expected:?}, seen {problems:?}")) }
}

//! Errors are shown in the lines that their authors wrote.

mod bundled;
mod hostile_maps;

use std::path::{Path, PathBuf};

use insula_tests::App;
use tokio::process::Command;

/// Bundles the first file of `app` with esbuild into `dist/index.js`, minified, and makes that the
/// application's main module.
async fn bundle(app: &App, source_map: &str) -> PathBuf {
    let output = Command::new(esbuild().await)
        .arg(app.path())
        .args(["--bundle", "--minify", "--format=esm", "--outfile=dist/index.js"])
        .arg(format!("--sourcemap={source_map}"))
        .current_dir(app.folder())
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::write(app.folder().join("package.json"), r#"{"main":"dist/index.js"}"#).unwrap();
    app.folder().to_owned()
}

/// The one that an example is bundled with.
async fn esbuild() -> PathBuf {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/hono");
    let program = example.join("node_modules/.bin/esbuild");
    if !program.is_file() {
        let mut npm = Command::new("npm");
        let output = npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(&example).output();
        let output = output.await.expect("npm is needed to bundle");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    program
}

use std::path::Path;

use tokio::process::Command;

/// Runs npm's build script of a folder, unless it has run since a file there changed.
pub async fn bundle(folder: &Path) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/bundle.sh");
    let output = Command::new(script).arg(folder).output().await.expect("start the script");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "bundling {}: {said}", folder.display());
}

use std::path::PathBuf;

/// The binary called `name` of the profile that the running test was built with.
///
/// # Panics
///
/// When it is not built.
pub fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the path of the running test");
    // target/<profile>/deps/<test>, or target/<profile>/<tool>
    let folder = test.parent().expect("cargo's folders");
    let profile = if folder.ends_with("deps") { folder.parent() } else { Some(folder) };
    let profile = profile.expect("cargo's folders");
    let path = profile.join(name);
    assert!(
        path.is_file(),
        "{} is not built: run `cargo build -p insula -p insula-cordon` first, or `make test`",
        path.display()
    );
    path
}

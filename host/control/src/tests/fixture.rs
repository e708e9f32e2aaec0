use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use insula_launcher::{Launcher, Terms};
use insula_supervisor::{
    BootReport, BoxBody, Deployment, Generation, Limits, LogLevel, LogLine, Services, Subrequest,
    SubrequestError, Supervisor, SupervisorConfig, TenantEvent,
};
use tempfile::TempDir;

use crate::accept::Accepted;
use crate::api::{DeployRequest, ModuleKind, ModuleUpload};
use crate::name::TenantName;
use crate::store::{NewVersion, VersionRow};
use crate::{Control, ControlConfig, OpenError, SecretsKeySource};

/// A control plane in a folder that goes with it.
pub(super) struct Fixture {
    pub(super) control: Arc<Control>,
    pub(super) supervisor: Arc<Supervisor>,
    pub(super) folder: TempDir,
}

impl Fixture {
    pub(super) async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let control = open(&folder).await.unwrap();
        Self { control, supervisor: supervisor(), folder }
    }

    /// Drops everything that is in memory and opens the folder again.
    pub(super) async fn reopen(self) -> Self {
        self.control.close().await;
        drop(self.control);
        let control = open(&self.folder).await.unwrap();
        Self { control, ..self }
    }

    /// Deploys `source` as `tenant`'s only module, without booting it.
    pub(super) async fn deploy(&self, tenant: &str, source: &str) -> VersionRow {
        let control = &self.control;
        let accepted = Accepted::judge(request(source), &control.config.defaults).unwrap();
        let hash = accepted.hash;
        let tenant = TenantName::parse(tenant).unwrap();
        let (version, deployment) = control.prepare(&tenant, accepted).await.unwrap();
        let report = BootReport { cpu_us: 11, wall_us: 22 };
        let row = control.make_live(&self.supervisor, version, deployment, report).await.unwrap();
        control.bundles.unpin(hash, &*control.store).await;
        row
    }

    /// The source that serves `host`; empty when nothing does.
    pub(super) async fn served(&self, host: &str) -> String {
        match self.control.directory().route(host) {
            Some(deployment) => source_of(&deployment).await,
            None => String::new(),
        }
    }

    /// Names of the files in the bundle folder.
    pub(super) fn bundle_files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path().join("bundles")).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

pub(super) async fn open(folder: &TempDir) -> Result<Arc<Control>, OpenError> {
    open_with(folder.path(), SecretsKeySource::DataFolder).await
}

pub(super) async fn open_with(
    folder: &Path,
    secrets_key: SecretsKeySource,
) -> Result<Arc<Control>, OpenError> {
    Control::open(ControlConfig {
        data_dir: folder.to_owned(),
        base_domain: "cloud.test".to_owned(),
        defaults: Limits::default(),
        policy: Default::default(),
        public_url_port: 8080,
        secrets_key,
    })
    .await
}

/// What a killed process leaves: nothing is closed or flushed before.
pub(super) fn copy_files(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy_files(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The files under `folder` that hold `bytes` anywhere.
pub(super) fn files_with(folder: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, bytes));
        } else if std::fs::read(&path).unwrap().windows(bytes.len()).any(|part| part == bytes) {
            found.push(path);
        }
    }
    found
}

pub(super) fn request(source: &str) -> DeployRequest {
    DeployRequest {
        entry: "index.js".to_owned(),
        modules: vec![ModuleUpload::new("index.js", ModuleKind::JavaScript, source.as_bytes())],
        ..DeployRequest::default()
    }
}

/// A supervisor whose cordon binary does not exist: nothing can be booted.
pub(super) fn supervisor() -> Arc<Supervisor> {
    let launcher = Launcher::on_thread("/nonexistent/insula-cordon", Terms::default());
    let launcher = launcher.expect("a launcher");
    let config = SupervisorConfig {
        launcher,
        handles: 1000,
        capacity: insula_supervisor::Capacity::default(),
    };
    Supervisor::new(config, Arc::new(NoServices)).expect("a supervisor")
}

pub(super) fn deployment(tenant: &str, id: &str, source: &str) -> Arc<Deployment> {
    let accepted = Accepted::judge(request(source), &Limits::default()).unwrap();
    Arc::new(Deployment {
        wall: insula_supervisor::Wall::Shared,
        policy: Default::default(),
        tenant: tenant.into(),
        id: id.into(),
        code: accepted.bundle.into(),
        generation: Generation::next(),
        variables: Vec::new(),
        limits: Limits::default(),
    })
}

pub(super) async fn source_of(deployment: &Deployment) -> String {
    let bundle = deployment.code.read().await.unwrap();
    String::from_utf8(bundle.modules[0].source.to_vec()).unwrap()
}

pub(super) fn new_version(tenant: &str, id: &str, blob: &[u8]) -> NewVersion {
    NewVersion {
        id: id.to_owned(),
        tenant: tenant.to_owned(),
        created_ms: 1,
        bundle: crate::bundles::BundleHash::of(blob),
        bundle_bytes: blob.len() as u64,
        vars: [("GREETING".to_owned(), "hello".to_owned())].into(),
        limits: insula_supervisor::LimitsOverride { cpu_ms: Some(7), ..Default::default() },
        wall: insula_supervisor::Wall::Process,
        jit: false,
        message: Some("first".to_owned()),
        startup_cpu_us: 3,
        startup_wall_us: 4,
    }
}

pub(super) fn log(text: &str) -> TenantEvent {
    TenantEvent::Log(LogLine { request: Some(2), level: LogLevel::Warn, text: text.to_owned() })
}

struct NoServices;

impl Services for NoServices {
    fn fetch(
        &self,
        _: Arc<Deployment>,
        _: Subrequest,
    ) -> BoxFuture<'static, Result<http::Response<BoxBody>, SubrequestError>> {
        async { Err(SubrequestError::Network("there is no network".to_owned())) }.boxed()
    }

    fn event(&self, _: &Arc<Deployment>, _: TenantEvent) {}
}

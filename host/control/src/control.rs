use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use insula_supervisor::{Deployment, ErrorDetail, Generation, Limits, Policy};

use crate::accept::check_limits;
use crate::bundles::{BundleError, BundleHash, Bundles};
use crate::clock::now_ms;
use crate::directory::Directory;
use crate::error::{ControlError, OpenError};
use crate::id::isolate_id;
use crate::name::is_label;
use crate::seal::{self, Sealed, Sealer, SecretError, SecretsKeySource};
use crate::source_maps::SourceMaps;
use crate::store::{NewVersion, SqliteStore, Store, StoreError, TenantRow};
use crate::tail::TailHub;
use crate::token::{self, Tokens};
use crate::turns::Turns;
use crate::work::blocking;

/// How the control plane runs.
#[derive(Debug, Clone)]
pub struct ControlConfig {
    /// The folder for the database, the bundles and the admin token; created if it is missing.
    pub data_dir: PathBuf,
    /// Tenants answer at `NAME.<base_domain>`.
    pub base_domain: String,
    /// What a tenant may use unless its deployment asks for something else.
    pub defaults: Limits,
    /// What the operator decides for tenants that nothing else is said about.
    pub policy: Policy,
    /// The port in the URLs that are shown.
    pub public_url_port: u16,
    /// Where the key comes from that tenants' secrets are sealed with.
    pub secrets_key: SecretsKeySource,
}

/// The control plane: tenants, their versions, secrets and host names.
pub struct Control {
    pub(crate) config: ControlConfig,
    pub(crate) store: Arc<dyn Store>,
    /// What the store keeps of secrets goes through this, in both directions.
    pub(crate) sealer: Arc<Sealer>,
    pub(crate) bundles: Arc<Bundles>,
    pub(crate) directory: Directory,
    pub(crate) tail: TailHub,
    maps: Arc<SourceMaps>,
    pub(crate) tokens: Tokens,
    /// Changes of one tenant happen one after another.
    pub(crate) turns: Turns,
    pub(crate) started: Instant,
}

impl Control {
    /// Opens the control plane in `config.data_dir`, creating what is missing:
    ///
    /// 1. check the configuration,
    /// 2. open the database and bring its schema up to date,
    /// 3. find the key of the secrets, and seal with it what an earlier version did not,
    /// 4. open the bundles,
    /// 5. make the admin token known,
    /// 6. remove what a crash left behind,
    /// 7. rebuild the directory.
    ///
    /// A tenant whose bundle is lost, or whose secret is lost or damaged, is not served; that is logged and
    /// no error here. Bundles are not read: how long this takes does not depend on what they hold.
    ///
    /// # Errors
    ///
    /// [`OpenError`].
    pub async fn open(mut config: ControlConfig) -> Result<Arc<Self>, OpenError> {
        check_limits(&config.defaults).map_err(OpenError::Defaults)?;
        let directory = directory(&config.base_domain)?;
        config.base_domain = directory.base_domain().to_owned();
        create_private(&config.data_dir)?;
        let store = Arc::new(SqliteStore::open(&config.data_dir.join("insula.db")).await?);
        let sealer = seal::sealer(&config.secrets_key, &config.data_dir, &*store).await?;
        store
            .seal_plain_secrets(|tenant, name, value| {
                sealer.seal(tenant, name, value).map_err(OpenError::from)
            })
            .await?;
        let bundles = Arc::new(Bundles::open(&config.data_dir.join("bundles"))?);
        // The names of what was just created must outlive a power cut too.
        sync(&config.data_dir)?;
        let tokens = tokens(&config.data_dir, &*store).await?;
        let present = bundles.sweep_all(&*store).await?;
        let store: Arc<dyn Store> = store;
        let maps = Arc::new(SourceMaps::new(Arc::clone(&store), Arc::clone(&bundles)));
        let control = Self {
            config,
            store,
            sealer: Arc::new(sealer),
            bundles,
            directory,
            tail: TailHub::new(Arc::clone(&maps)),
            maps,
            tokens,
            turns: Turns::default(),
            started: Instant::now(),
        };
        control.rebuild_directory(&present).await?;
        Ok(Arc::new(control))
    }

    /// Which deployment serves which host name.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// What happens in tenants' isolates.
    pub fn tail(&self) -> &TailHub {
        &self.tail
    }

    /// Tells an error of `deployment` in positions of the author's files, as far as its source
    /// maps say.
    pub async fn explain(&self, deployment: &Deployment, detail: &mut ErrorDetail) {
        self.maps.explain(&deployment.tenant, &deployment.id, detail).await;
    }

    /// Brings readers of events to an end and closes the database. What was acknowledged is safe
    /// without this.
    pub async fn close(&self) {
        self.tail.close_all();
        self.store.close().await;
    }

    async fn rebuild_directory(&self, present: &HashSet<BundleHash>) -> Result<(), StoreError> {
        let secret_holders = self.store.secret_holders().await?;
        let tenants: HashMap<_, _> =
            self.store.tenants().await?.into_iter().map(|row| (row.name.clone(), row)).collect();
        for name in tenants.keys() {
            self.tail.open(name.as_str().into());
        }
        for row in self.store.active_versions().await? {
            let tenant = row.version.tenant.as_str();
            let result = if !present.contains(&row.version.bundle) {
                Err(BundleError::Lost(row.version.bundle.to_string()).into())
            } else if secret_holders.contains(tenant) {
                self.deployment(&row.version).await?.map_err(ControlError::from)
            } else {
                Ok(self.deployment_with(&row.version, tenants.get(tenant), BTreeMap::new()))
            };
            match result {
                Ok(deployment) => drop(self.directory.activate(deployment)),
                Err(error) => {
                    tracing::error!(tenant, version = row.version.id, %error, "cannot be served");
                }
            }
        }
        for (host, tenant) in self.store.hosts().await? {
            self.directory.add_host(&host, tenant.into());
        }
        Ok(())
    }

    /// What isolates run: a version with its tenant's present secrets.
    pub(crate) async fn deployment(
        &self,
        version: &NewVersion,
    ) -> Result<Result<Arc<Deployment>, SecretError>, StoreError> {
        let tenant = self.store.tenant(&version.tenant).await?;
        let secrets = self.open_secrets(&version.tenant).await?;
        Ok(secrets.map(|secrets| self.deployment_with(version, tenant.as_ref(), secrets)))
    }

    fn deployment_with(
        &self,
        version: &NewVersion,
        tenant: Option<&TenantRow>,
        secrets: BTreeMap<String, String>,
    ) -> Arc<Deployment> {
        let revision = tenant.map_or(0, |tenant| tenant.secret_revision);
        let mut policy = self.policy_of(tenant);
        policy.jit &= version.jit;
        let mut variables = version.vars.clone();
        variables.extend(secrets);
        Arc::new(Deployment {
            tenant: version.tenant.as_str().into(),
            id: isolate_id(&version.id, revision).into(),
            code: self.bundles.code(version.bundle),
            generation: Generation::next(),
            variables: variables.into_iter().collect(),
            limits: self.config.defaults.with(version.limits),
            wall: Self::wall_of(&policy, tenant, version.wall),
            policy: Arc::new(policy),
        })
    }

    async fn open_secrets(
        &self,
        tenant: &str,
    ) -> Result<Result<BTreeMap<String, String>, SecretError>, StoreError> {
        let sealed = self.store.secrets(tenant).await?;
        if sealed.is_empty() {
            return Ok(Ok(BTreeMap::new()));
        }
        let (sealer, tenant) = (Arc::clone(&self.sealer), tenant.to_owned());
        // A tenant may have 16 MiB of secrets.
        let open = move |(name, sealed): (String, Sealed)| {
            let value = sealer.open(&tenant, &name, &sealed)?;
            Ok((name, value))
        };
        Ok(blocking(move || sealed.into_iter().map(open).collect()).await)
    }

    /// Where a tenant answers.
    pub(crate) fn url(&self, tenant: &str) -> String {
        let domain = &self.config.base_domain;
        match self.config.public_url_port {
            80 => format!("http://{tenant}.{domain}/"),
            443 => format!("https://{tenant}.{domain}/"),
            port => format!("http://{tenant}.{domain}:{port}/"),
        }
    }
}

fn directory(base_domain: &str) -> Result<Directory, OpenError> {
    let directory = Directory::new(base_domain);
    if !directory.base_domain().split('.').all(is_label) {
        return Err(OpenError::BaseDomain(base_domain.to_owned()));
    }
    Ok(directory)
}

/// The token in the file is the truth; the store follows it.
async fn tokens(data_dir: &Path, store: &dyn Store) -> Result<Tokens, OpenError> {
    let token = token::read_or_create(data_dir)?;
    store.put_token("admin", token::hash(token.as_bytes()), now_ms()).await?;
    Ok(Tokens::new(store.tokens().await?))
}

fn sync(folder: &Path) -> Result<(), OpenError> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|source| OpenError::Folder { path: folder.to_owned(), source })
}

fn create_private(folder: &Path) -> Result<(), OpenError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|source| OpenError::Folder { path: folder.to_owned(), source })
}

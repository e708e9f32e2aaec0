//! Where tenants, versions, secrets and host names are kept.

mod sqlite;

use std::collections::{BTreeMap, HashSet};

use futures_util::future::BoxFuture;
use insula_supervisor::{Blame, LimitsOverride, PolicyOverride, Wall};
use thiserror::Error;

use crate::api::AuditEntry;
use crate::bundles::BundleHash;
use crate::seal::Sealed;

pub(crate) use sqlite::SqliteStore;

/// What a store's methods return.
pub(crate) type Reply<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// A database. When a method returns, its change is on disk; each method is one transaction.
pub(crate) trait Store: Send + Sync + 'static {
    /// All tenants, by name.
    fn tenants(&self) -> Reply<'_, Vec<TenantRow>>;

    fn tenant<'a>(&'a self, name: &'a str) -> Reply<'a, Option<TenantRow>>;

    /// Adds a tenant without a version; nothing happens when it exists.
    fn create_tenant<'a>(&'a self, name: &'a str, now_ms: u64) -> Reply<'a, ()>;

    /// Removes a tenant with all that belongs to it. Returns the bundles that its versions had;
    /// `None` when there is no such tenant.
    fn delete_tenant<'a>(&'a self, name: &'a str) -> Reply<'a, Option<Vec<BundleHash>>>;

    /// Adds a version (and its tenant, if that is new) and makes it the live one, at once.
    fn deploy(&self, version: NewVersion) -> Reply<'_, VersionRow>;

    /// A tenant's versions, newest first, at most `limit`.
    fn versions<'a>(&'a self, tenant: &'a str, limit: u32) -> Reply<'a, Vec<VersionRow>>;

    /// The live versions of all tenants.
    fn active_versions(&self) -> Reply<'_, Vec<VersionRow>>;

    fn version<'a>(&'a self, tenant: &'a str, key: VersionKey<'a>)
    -> Reply<'a, Option<VersionRow>>;

    /// Makes a version of `tenant` the live one; `false` when there is no such version.
    fn activate<'a>(&'a self, tenant: &'a str, id: &'a str) -> Reply<'a, bool>;

    /// The bundles of all versions.
    fn bundles(&self) -> Reply<'_, HashSet<BundleHash>>;

    /// Whether any version uses this bundle.
    fn uses_bundle(&self, bundle: BundleHash) -> Reply<'_, bool>;

    /// Sets what is different for a tenant from what holds for all.
    fn set_policy<'a>(&'a self, tenant: &'a str, policy: &'a PolicyOverride) -> Reply<'a, ()>;

    /// Notes why and since when a tenant is in quarantine, or that it is not; `false` when that
    /// changes nothing.
    fn set_quarantine<'a>(
        &'a self,
        tenant: &'a str,
        quarantine: Option<(&'a str, u64)>,
    ) -> Reply<'a, bool>;

    /// Adds to the audit log.
    fn add_audit<'a>(&'a self, entry: &'a AuditEntry) -> Reply<'a, ()>;

    /// The audit log, newest first, at most `limit` entries: all, or those about `tenant`.
    fn audit<'a>(&'a self, tenant: Option<&'a str>, limit: u32) -> Reply<'a, Vec<AuditEntry>>;

    /// A tenant's secrets, by name.
    fn secrets<'a>(&'a self, tenant: &'a str) -> Reply<'a, BTreeMap<String, Sealed>>;

    /// Sets a secret and counts the tenant's secret revision up.
    fn put_secret<'a>(&'a self, tenant: &'a str, name: &'a str, value: &'a Sealed)
    -> Reply<'a, ()>;

    /// Removes a secret and counts the revision up; `false` when there is none of that name.
    fn delete_secret<'a>(&'a self, tenant: &'a str, name: &'a str) -> Reply<'a, bool>;

    /// The tenants that have secrets.
    fn secret_holders(&self) -> Reply<'_, HashSet<String>>;

    /// Whether any tenant has a secret.
    fn has_secrets(&self) -> Reply<'_, bool>;

    /// What tells whether a key is the one that the secrets were sealed with.
    fn key_check(&self) -> Reply<'_, Option<Sealed>>;

    /// Makes `check` what tells it.
    fn put_key_check<'a>(&'a self, check: &'a Sealed) -> Reply<'a, ()>;

    /// All owned host names with their tenants.
    fn hosts(&self) -> Reply<'_, Vec<(String, String)>>;

    /// Gives a host name to `tenant`; `false` when another tenant owns it.
    fn put_host<'a>(&'a self, tenant: &'a str, host: &'a str) -> Reply<'a, bool>;

    /// Takes a host name from `tenant`; `false` when it does not own it.
    fn delete_host<'a>(&'a self, tenant: &'a str, host: &'a str) -> Reply<'a, bool>;

    /// Makes `sha256` the hash of the token with this name.
    fn put_token<'a>(&'a self, name: &'a str, sha256: [u8; 32], now_ms: u64) -> Reply<'a, ()>;

    /// The hashes of all tokens.
    fn tokens(&self) -> Reply<'_, Vec<[u8; 32]>>;

    /// Finishes what is under way and lets go of the database.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// How a version is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum VersionKey<'a> {
    Id(&'a str),
    Number(u64),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TenantRow {
    pub(crate) name: String,
    pub(crate) created_ms: u64,
    pub(crate) active: Option<String>,
    /// The live version's number.
    pub(crate) active_number: Option<u64>,
    pub(crate) secret_revision: u64,
    pub(crate) policy: PolicyOverride,
    /// Why it is in quarantine, if it is, and since when.
    pub(crate) quarantine: Option<(String, u64)>,
}

/// A version before the store has numbered it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewVersion {
    pub(crate) id: String,
    pub(crate) tenant: String,
    pub(crate) created_ms: u64,
    pub(crate) bundle: BundleHash,
    pub(crate) bundle_bytes: u64,
    pub(crate) vars: BTreeMap<String, String>,
    /// What the author asked for, not what it came to: a change of the operator's defaults
    /// reaches versions that exist.
    pub(crate) limits: LimitsOverride,
    pub(crate) wall: Wall,
    /// Whether the author lets the engine make machine code of it.
    pub(crate) jit: bool,
    pub(crate) message: Option<String>,
    pub(crate) startup_cpu_us: u64,
    pub(crate) startup_wall_us: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VersionRow {
    pub(crate) version: NewVersion,
    /// Counted per tenant, from 1.
    pub(crate) number: u64,
    /// The version that was live when this one was deployed.
    pub(crate) predecessor: Option<String>,
}

/// Why the database did not do what it was asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The disk is full.
    #[error("the disk with the database is full: {operation} was not done; free some space")]
    DiskFull {
        /// What was to be done.
        operation: &'static str,
    },
    /// Another program has the database open.
    #[error("another program uses the database: {operation} was not done; end that program")]
    InUse {
        /// What was to be done.
        operation: &'static str,
    },
    /// The database failed.
    #[error("the database could not {operation}: {source}")]
    Database {
        /// What was to be done.
        operation: &'static str,
        /// Why not.
        source: sqlx::Error,
    },
    /// The database's schema could not be brought up to date.
    #[error("the database cannot be migrated: {0}")]
    Migration(sqlx::migrate::MigrateError),
    /// The database file could not be created.
    #[error("cannot create the database {path}: {source}")]
    Create {
        /// The file.
        path: String,
        /// Why not.
        source: std::io::Error,
    },
    /// A row holds something that this program did not write.
    #[error("the database is damaged: {0}")]
    Damaged(String),
}

impl StoreError {
    /// Whose fault it is.
    pub fn blame(&self) -> Blame {
        Blame::Operator
    }
}

//! The embedded store: one SQLite file, write-ahead logged, synced to disk at every commit.

mod rows;
mod sealing;

use std::collections::{BTreeMap, HashSet};
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use insula_supervisor::PolicyOverride;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{Connection as _, Sqlite, Transaction};

use self::rows::{RawAudit, RawTenant, RawVersion, signed};
use super::{NewVersion, Reply, Store, StoreError, TenantRow, VersionKey, VersionRow};
use crate::api::AuditEntry;
use crate::bundles::BundleHash;
use crate::seal::Sealed;

/// A [`Store`] in one file.
#[derive(Debug)]
pub(crate) struct SqliteStore {
    pool: SqlitePool,
}

impl SqliteStore {
    /// Opens the database at `path`; creates it, readable by its owner alone, if there is none.
    pub(crate) async fn open(path: &Path) -> Result<Self, StoreError> {
        create_private(path)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            // In WAL mode only FULL syncs the log at every commit.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // Deleted secrets are overwritten, not only unlinked.
            .pragma("secure_delete", "ON")
            .busy_timeout(Duration::from_secs(5));
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .after_release(|connection, _| is_fit(connection).boxed())
            .connect_with(options)
            .await
            .map_err(failed("open"))?;
        sqlx::migrate!("./migrations/sqlite").run(&pool).await.map_err(StoreError::Migration)?;
        Ok(Self { pool })
    }

    #[cfg(test)]
    pub(crate) fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    /// A transaction that holds the write lock from its start, so that it cannot fail for having
    /// read before another one wrote.
    async fn write(
        &self,
        operation: &'static str,
    ) -> Result<Transaction<'static, Sqlite>, StoreError> {
        self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(failed(operation))
    }

    async fn insert_and_activate(&self, new: NewVersion) -> Result<VersionRow, StoreError> {
        const WHAT: &str = "record the deployment";
        let mut tx = self.write(WHAT).await?;
        insert_tenant(&mut tx, &new.tenant, new.created_ms).await.map_err(failed(WHAT))?;
        let (number, predecessor): (i64, Option<String>) = sqlx::query_as(
            "UPDATE tenants SET last_number = last_number + 1 WHERE name = ? \
             RETURNING last_number, active",
        )
        .bind(&new.tenant)
        .fetch_one(&mut *tx)
        .await
        .map_err(failed(WHAT))?;
        let row = VersionRow { version: new, number: number.unsigned_abs(), predecessor };
        insert_version(&mut tx, &row).await.map_err(failed(WHAT))?;
        sqlx::query("UPDATE tenants SET active = ? WHERE name = ?")
            .bind(&row.version.id)
            .bind(&row.version.tenant)
            .execute(&mut *tx)
            .await
            .map_err(failed(WHAT))?;
        tx.commit().await.map_err(failed(WHAT))?;
        Ok(row)
    }

    async fn remove_tenant(&self, name: &str) -> Result<Option<Vec<BundleHash>>, StoreError> {
        const WHAT: &str = "delete the tenant";
        let mut tx = self.write(WHAT).await?;
        let bundles: Vec<String> =
            sqlx::query_scalar("SELECT DISTINCT bundle_sha256 FROM versions WHERE tenant = ?")
                .bind(name)
                .fetch_all(&mut *tx)
                .await
                .map_err(failed(WHAT))?;
        let gone = sqlx::query("DELETE FROM tenants WHERE name = ?")
            .bind(name)
            .execute(&mut *tx)
            .await
            .map_err(failed(WHAT))?;
        tx.commit().await.map_err(failed(WHAT))?;
        if gone.rows_affected() == 0 {
            return Ok(None);
        }
        bundles.iter().map(|hash| rows::hash(hash)).collect::<Result<_, _>>().map(Some)
    }

    /// Runs one statement that changes a secret, and counts the revision up if it changed one.
    async fn change_secret(
        &self,
        operation: &'static str,
        tenant: &str,
        statement: sqlx::query::Query<'_, Sqlite, sqlx::sqlite::SqliteArguments>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.write(operation).await?;
        let changed = statement.execute(&mut *tx).await.map_err(failed(operation))?;
        if changed.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query("UPDATE tenants SET secret_revision = secret_revision + 1 WHERE name = ?")
            .bind(tenant)
            .execute(&mut *tx)
            .await
            .map_err(failed(operation))?;
        tx.commit().await.map_err(failed(operation))?;
        Ok(true)
    }
}

impl Store for SqliteStore {
    fn tenants(&self) -> Reply<'_, Vec<TenantRow>> {
        async {
            let rows: Vec<RawTenant> = sqlx::query_as(
                "SELECT t.name, t.created_ms, t.active, t.secret_revision, \
                        t.policy, t.quarantine, t.quarantined_ms, \
                        v.number AS active_number \
                 FROM tenants t LEFT JOIN versions v ON v.id = t.active ORDER BY t.name",
            )
            .fetch_all(&self.pool)
            .await
            .map_err(failed("list the tenants"))?;
            rows.into_iter().map(TenantRow::try_from).collect()
        }
        .boxed()
    }

    fn tenant<'a>(&'a self, name: &'a str) -> Reply<'a, Option<TenantRow>> {
        async move {
            let row: Option<RawTenant> = sqlx::query_as(
                "SELECT t.name, t.created_ms, t.active, t.secret_revision, \
                        t.policy, t.quarantine, t.quarantined_ms, \
                        v.number AS active_number \
                 FROM tenants t LEFT JOIN versions v ON v.id = t.active WHERE t.name = ?",
            )
            .bind(name)
            .fetch_optional(&self.pool)
            .await
            .map_err(failed("look the tenant up"))?;
            row.map(TenantRow::try_from).transpose()
        }
        .boxed()
    }

    fn create_tenant<'a>(&'a self, name: &'a str, now_ms: u64) -> Reply<'a, ()> {
        async move {
            const WHAT: &str = "add the tenant";
            let mut tx = self.write(WHAT).await?;
            insert_tenant(&mut tx, name, now_ms).await.map_err(failed(WHAT))?;
            tx.commit().await.map_err(failed(WHAT))
        }
        .boxed()
    }

    fn delete_tenant<'a>(&'a self, name: &'a str) -> Reply<'a, Option<Vec<BundleHash>>> {
        self.remove_tenant(name).boxed()
    }

    fn deploy(&self, version: NewVersion) -> Reply<'_, VersionRow> {
        self.insert_and_activate(version).boxed()
    }

    fn versions<'a>(&'a self, tenant: &'a str, limit: u32) -> Reply<'a, Vec<VersionRow>> {
        async move {
            let rows: Vec<RawVersion> = sqlx::query_as(
                "SELECT * FROM versions WHERE tenant = ? ORDER BY number DESC LIMIT ?",
            )
            .bind(tenant)
            .bind(limit)
            .fetch_all(&self.pool)
            .await
            .map_err(failed("list the versions"))?;
            rows.into_iter().map(VersionRow::try_from).collect()
        }
        .boxed()
    }

    fn active_versions(&self) -> Reply<'_, Vec<VersionRow>> {
        async {
            let rows: Vec<RawVersion> = sqlx::query_as(
                "SELECT v.* FROM versions v JOIN tenants t ON t.active = v.id ORDER BY t.name",
            )
            .fetch_all(&self.pool)
            .await
            .map_err(failed("list the live versions"))?;
            rows.into_iter().map(VersionRow::try_from).collect()
        }
        .boxed()
    }

    fn version<'a>(
        &'a self,
        tenant: &'a str,
        key: VersionKey<'a>,
    ) -> Reply<'a, Option<VersionRow>> {
        async move {
            let query = match key {
                VersionKey::Id(id) => {
                    sqlx::query_as("SELECT * FROM versions WHERE tenant = ? AND id = ?")
                        .bind(tenant)
                        .bind(id)
                }
                VersionKey::Number(number) => {
                    sqlx::query_as("SELECT * FROM versions WHERE tenant = ? AND number = ?")
                        .bind(tenant)
                        .bind(signed(number))
                }
            };
            let row: Option<RawVersion> =
                query.fetch_optional(&self.pool).await.map_err(failed("look the version up"))?;
            row.map(VersionRow::try_from).transpose()
        }
        .boxed()
    }

    fn activate<'a>(&'a self, tenant: &'a str, id: &'a str) -> Reply<'a, bool> {
        async move {
            let done = sqlx::query(
                "UPDATE tenants SET active = ?1 WHERE name = ?2 \
                 AND EXISTS (SELECT 1 FROM versions WHERE id = ?1 AND tenant = ?2)",
            )
            .bind(id)
            .bind(tenant)
            .execute(&self.pool)
            .await
            .map_err(failed("switch the live version"))?;
            Ok(done.rows_affected() == 1)
        }
        .boxed()
    }

    fn bundles(&self) -> Reply<'_, HashSet<BundleHash>> {
        async move {
            let hashes: Vec<String> =
                sqlx::query_scalar("SELECT DISTINCT bundle_sha256 FROM versions")
                    .fetch_all(&self.pool)
                    .await
                    .map_err(failed("list the bundles"))?;
            Ok(hashes.iter().filter_map(|hash| BundleHash::parse(hash)).collect())
        }
        .boxed()
    }

    fn uses_bundle(&self, bundle: BundleHash) -> Reply<'_, bool> {
        async move {
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM versions WHERE bundle_sha256 = ?)")
                .bind(bundle.to_string())
                .fetch_one(&self.pool)
                .await
                .map_err(failed("look the bundle up"))
        }
        .boxed()
    }

    fn secrets<'a>(&'a self, tenant: &'a str) -> Reply<'a, BTreeMap<String, Sealed>> {
        async move {
            let rows: Vec<(String, Vec<u8>)> =
                sqlx::query_as("SELECT name, sealed FROM secrets WHERE tenant = ?")
                    .bind(tenant)
                    .fetch_all(&self.pool)
                    .await
                    .map_err(failed("read the secrets"))?;
            Ok(rows.into_iter().map(|(name, sealed)| (name, Sealed::stored(sealed))).collect())
        }
        .boxed()
    }

    fn secret_holders(&self) -> Reply<'_, HashSet<String>> {
        async move {
            let holders: Vec<String> = sqlx::query_scalar("SELECT DISTINCT tenant FROM secrets")
                .fetch_all(&self.pool)
                .await
                .map_err(failed("list who has secrets"))?;
            Ok(holders.into_iter().collect())
        }
        .boxed()
    }

    fn put_secret<'a>(
        &'a self,
        tenant: &'a str,
        name: &'a str,
        value: &'a Sealed,
    ) -> Reply<'a, ()> {
        async move {
            let statement = sqlx::query(
                "INSERT INTO secrets (tenant, name, sealed) VALUES (?, ?, ?) \
                 ON CONFLICT (tenant, name) DO UPDATE SET sealed = excluded.sealed",
            )
            .bind(tenant)
            .bind(name)
            .bind(value.as_bytes());
            self.change_secret("keep the secret", tenant, statement).await.map(drop)
        }
        .boxed()
    }

    fn delete_secret<'a>(&'a self, tenant: &'a str, name: &'a str) -> Reply<'a, bool> {
        async move {
            let statement = sqlx::query("DELETE FROM secrets WHERE tenant = ? AND name = ?")
                .bind(tenant)
                .bind(name);
            self.change_secret("delete the secret", tenant, statement).await
        }
        .boxed()
    }

    fn set_policy<'a>(&'a self, tenant: &'a str, policy: &'a PolicyOverride) -> Reply<'a, ()> {
        async move {
            const WHAT: &str = "keep the policy";
            let policy = rows::json(policy).map_err(failed(WHAT))?;
            sqlx::query("UPDATE tenants SET policy = ? WHERE name = ?")
                .bind(policy)
                .bind(tenant)
                .execute(&self.pool)
                .await
                .map_err(failed(WHAT))?;
            Ok(())
        }
        .boxed()
    }

    fn set_quarantine<'a>(
        &'a self,
        tenant: &'a str,
        quarantine: Option<(&'a str, u64)>,
    ) -> Reply<'a, bool> {
        async move {
            let (why, since) = quarantine.unzip();
            let done = sqlx::query(
                "UPDATE tenants SET quarantine = ?1, quarantined_ms = ?2 \
                 WHERE name = ?3 AND (quarantine IS NULL) <> (?1 IS NULL)",
            )
            .bind(why)
            .bind(since.map(signed))
            .bind(tenant)
            .execute(&self.pool)
            .await
            .map_err(failed("note the quarantine"))?;
            Ok(done.rows_affected() == 1)
        }
        .boxed()
    }

    fn add_audit<'a>(&'a self, entry: &'a AuditEntry) -> Reply<'a, ()> {
        async move {
            sqlx::query(
                "INSERT INTO audit (at_ms, actor, action, tenant, detail) VALUES (?, ?, ?, ?, ?)",
            )
            .bind(signed(entry.at_ms))
            .bind(&entry.actor)
            .bind(&entry.action)
            .bind(&entry.tenant)
            .bind(&entry.detail)
            .execute(&self.pool)
            .await
            .map_err(failed("add to the audit log"))?;
            Ok(())
        }
        .boxed()
    }

    fn audit<'a>(&'a self, tenant: Option<&'a str>, limit: u32) -> Reply<'a, Vec<AuditEntry>> {
        async move {
            let rows: Vec<RawAudit> = sqlx::query_as(
                "SELECT at_ms, actor, action, tenant, detail FROM audit \
                 WHERE ?1 IS NULL OR tenant = ?1 ORDER BY id DESC LIMIT ?2",
            )
            .bind(tenant)
            .bind(limit)
            .fetch_all(&self.pool)
            .await
            .map_err(failed("read the audit log"))?;
            Ok(rows.into_iter().map(AuditEntry::from).collect())
        }
        .boxed()
    }

    fn has_secrets(&self) -> Reply<'_, bool> {
        self.any_secret().boxed()
    }

    fn key_check(&self) -> Reply<'_, Option<Sealed>> {
        self.read_key_check().boxed()
    }

    fn put_key_check<'a>(&'a self, check: &'a Sealed) -> Reply<'a, ()> {
        self.write_key_check(check).boxed()
    }

    fn hosts(&self) -> Reply<'_, Vec<(String, String)>> {
        async {
            sqlx::query_as("SELECT host, tenant FROM hosts ORDER BY host")
                .fetch_all(&self.pool)
                .await
                .map_err(failed("list the host names"))
        }
        .boxed()
    }

    fn put_host<'a>(&'a self, tenant: &'a str, host: &'a str) -> Reply<'a, bool> {
        async move {
            // The update changes nothing; it makes the row count say whose the host name is.
            let done = sqlx::query(
                "INSERT INTO hosts (host, tenant) VALUES (?, ?) \
                 ON CONFLICT (host) DO UPDATE SET tenant = tenant WHERE tenant = excluded.tenant",
            )
            .bind(host)
            .bind(tenant)
            .execute(&self.pool)
            .await
            .map_err(failed("keep the host name"))?;
            Ok(done.rows_affected() == 1)
        }
        .boxed()
    }

    fn delete_host<'a>(&'a self, tenant: &'a str, host: &'a str) -> Reply<'a, bool> {
        async move {
            let done = sqlx::query("DELETE FROM hosts WHERE host = ? AND tenant = ?")
                .bind(host)
                .bind(tenant)
                .execute(&self.pool)
                .await
                .map_err(failed("delete the host name"))?;
            Ok(done.rows_affected() == 1)
        }
        .boxed()
    }

    fn put_token<'a>(&'a self, name: &'a str, sha256: [u8; 32], now_ms: u64) -> Reply<'a, ()> {
        async move {
            sqlx::query(
                "INSERT INTO tokens (name, sha256, created_ms) VALUES (?, ?, ?) \
                 ON CONFLICT (name) DO UPDATE SET sha256 = excluded.sha256",
            )
            .bind(name)
            .bind(&sha256[..])
            .bind(signed(now_ms))
            .execute(&self.pool)
            .await
            .map_err(failed("keep the token"))?;
            Ok(())
        }
        .boxed()
    }

    fn tokens(&self) -> Reply<'_, Vec<[u8; 32]>> {
        async {
            let rows: Vec<Vec<u8>> = sqlx::query_scalar("SELECT sha256 FROM tokens")
                .fetch_all(&self.pool)
                .await
                .map_err(failed("read the tokens"))?;
            rows.into_iter()
                .map(|hash| hash.try_into())
                .collect::<Result<_, _>>()
                .map_err(|_| StoreError::Damaged("a token's hash has a wrong length".to_owned()))
        }
        .boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.pool.close().boxed()
    }
}

async fn insert_tenant(
    tx: &mut Transaction<'_, Sqlite>,
    name: &str,
    now_ms: u64,
) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO tenants (name, created_ms) VALUES (?, ?) ON CONFLICT DO NOTHING")
        .bind(name)
        .bind(signed(now_ms))
        .execute(&mut **tx)
        .await
        .map(drop)
}

async fn insert_version(
    tx: &mut Transaction<'_, Sqlite>,
    row: &VersionRow,
) -> Result<(), sqlx::Error> {
    let version = &row.version;
    sqlx::query(
        "INSERT INTO versions (id, tenant, number, created_ms, bundle_sha256, bundle_bytes, \
         vars, limits, wall, jit, message, startup_cpu_us, startup_wall_us, predecessor) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&version.id)
    .bind(&version.tenant)
    .bind(signed(row.number))
    .bind(signed(version.created_ms))
    .bind(version.bundle.to_string())
    .bind(signed(version.bundle_bytes))
    .bind(rows::json(&version.vars)?)
    .bind(rows::json(&version.limits)?)
    .bind(rows::wall_text(version.wall))
    .bind(version.jit)
    .bind(&version.message)
    .bind(signed(version.startup_cpu_us))
    .bind(signed(version.startup_wall_us))
    .bind(&row.predecessor)
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Whether a connection that is given back may be used again. When the disk fills up, SQLite ends a transaction by
/// itself, and then there is none to roll back: sqlx goes on counting it, and refuses each further one. One that
/// could not be ended would keep the right to write from all others.
async fn is_fit(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // A transaction that was dropped is rolled back before this is answered.
    connection.ping().await?;
    let is_fit = !connection.is_in_transaction();
    if !is_fit {
        tracing::warn!(
            "a transaction of the database could not be ended: its connection is closed"
        );
    }
    Ok(is_fit)
}

/// SQLite would create the file readable by all that the umask allows; it holds secrets.
fn create_private(path: &Path) -> Result<(), StoreError> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .map(drop)
        .map_err(|source| StoreError::Create { path: path.display().to_string(), source })
}

fn failed(operation: &'static str) -> impl FnOnce(sqlx::Error) -> StoreError {
    /// SQLITE_FULL: writing failed because the disk, or the quota, is used up.
    const FULL: &str = "13";
    move |source| match source.as_database_error().and_then(|error| error.code()) {
        Some(code) if code == FULL => StoreError::DiskFull { operation },
        _ => StoreError::Database { operation, source },
    }
}

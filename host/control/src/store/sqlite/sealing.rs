//! What concerns the sealing of secrets: the key's check value, and values from the time when
//! they were kept as they are.

use sqlx::Row as _;

use super::{SqliteStore, failed};
use crate::seal::Sealed;
use crate::store::StoreError;

impl SqliteStore {
    pub(super) async fn read_key_check(&self) -> Result<Option<Sealed>, StoreError> {
        let sealed: Option<Vec<u8>> = sqlx::query_scalar("SELECT sealed FROM key_check")
            .fetch_optional(&self.pool)
            .await
            .map_err(failed("read the check value of the secrets' key"))?;
        Ok(sealed.map(Sealed::stored))
    }

    pub(super) async fn write_key_check(&self, check: &Sealed) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO key_check (id, sealed) VALUES (1, ?) \
             ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed",
        )
        .bind(check.as_bytes())
        .execute(&self.pool)
        .await
        .map(drop)
        .map_err(failed("keep the check value of the secrets' key"))
    }

    pub(super) async fn any_secret(&self) -> Result<bool, StoreError> {
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM secrets)")
            .fetch_one(&self.pool)
            .await
            .map_err(failed("look for secrets"))
    }

    /// Seals what an earlier version kept as it is, and wipes it out of the file:
    ///
    /// 1. seal all values, in one transaction,
    /// 2. write the file anew and empty the log,
    /// 3. drop the table that held them, which is the sign that all this is done.
    ///
    /// A crash leaves the table, and the next start begins again with what is left to do.
    pub(crate) async fn seal_plain_secrets<E: From<StoreError>>(
        &self,
        seal: impl Fn(&str, &str, &str) -> Result<Sealed, E>,
    ) -> Result<(), E> {
        if self.keeps_plain_secrets().await? {
            self.replace_plain_secrets(seal).await?;
            self.wipe().await?;
            self.drop_plain_secrets().await?;
        }
        Ok(())
    }

    async fn keeps_plain_secrets(&self) -> Result<bool, StoreError> {
        sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'plain_secrets')",
        )
        .fetch_one(&self.pool)
        .await
        .map_err(failed("look for secrets that are not sealed"))
    }

    pub(crate) async fn replace_plain_secrets<E: From<StoreError>>(
        &self,
        seal: impl Fn(&str, &str, &str) -> Result<Sealed, E>,
    ) -> Result<(), E> {
        const WHAT: &str = "seal the secrets";
        let mut count = 0_u64;
        let mut tx = self.write(WHAT).await?;
        // One at a time: all of them may be more than belongs into memory.
        loop {
            let row: Option<(String, String, String)> =
                sqlx::query_as("SELECT tenant, name, value FROM plain_secrets LIMIT 1")
                    .fetch_optional(&mut *tx)
                    .await
                    .map_err(failed(WHAT))?;
            let Some((tenant, name, value)) = row else { break };
            let sealed = seal(&tenant, &name, &value)?;
            sqlx::query("INSERT INTO secrets (tenant, name, sealed) VALUES (?, ?, ?)")
                .bind(&tenant)
                .bind(&name)
                .bind(sealed.as_bytes())
                .execute(&mut *tx)
                .await
                .map_err(failed(WHAT))?;
            sqlx::query("DELETE FROM plain_secrets WHERE tenant = ? AND name = ?")
                .bind(&tenant)
                .bind(&name)
                .execute(&mut *tx)
                .await
                .map_err(failed(WHAT))?;
            count += 1;
        }
        tx.commit().await.map_err(failed(WHAT))?;
        if count > 0 {
            tracing::info!(count, "sealed the secrets that were kept as they are");
        }
        Ok(())
    }

    /// `secure_delete` clears what was deleted where it was, but not what the tree has copied from
    /// page to page before, and nothing clears the log.
    pub(crate) async fn wipe(&self) -> Result<(), StoreError> {
        const WHAT: &str = "wipe out secrets that were not sealed";
        let mut connection = self.pool.acquire().await.map_err(failed(WHAT))?;
        // The server may have no folder for temporary files.
        for statement in ["PRAGMA temp_store = MEMORY", "VACUUM"] {
            sqlx::query(statement).execute(&mut *connection).await.map_err(failed(WHAT))?;
        }
        let busy: i64 = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_one(&mut *connection)
            .await
            .and_then(|row| row.try_get(0))
            .map_err(failed(WHAT))?;
        if busy != 0 { Err(StoreError::InUse { operation: WHAT }) } else { Ok(()) }
    }

    async fn drop_plain_secrets(&self) -> Result<(), StoreError> {
        sqlx::query("DROP TABLE plain_secrets")
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(failed("drop the table of secrets that were not sealed"))
    }
}

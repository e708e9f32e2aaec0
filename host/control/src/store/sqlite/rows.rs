//! Rows as SQLite holds them: signed integers, and text for what has structure.

use insula_supervisor::Wall;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::FromRow;

use crate::api::AuditEntry;
use crate::bundles::BundleHash;
use crate::store::{NewVersion, StoreError, TenantRow, VersionRow};

#[derive(Debug, FromRow)]
pub(super) struct RawTenant {
    name: String,
    created_ms: i64,
    active: Option<String>,
    active_number: Option<i64>,
    secret_revision: i64,
    policy: String,
    quarantine: Option<String>,
    quarantined_ms: Option<i64>,
}

impl TryFrom<RawTenant> for TenantRow {
    type Error = StoreError;

    fn try_from(raw: RawTenant) -> Result<Self, StoreError> {
        let since = unsigned(raw.quarantined_ms.unwrap_or_default());
        Ok(Self {
            policy: serde_json::from_str(&raw.policy)
                .map_err(|error| StoreError::Damaged(format!("tenant {}: {error}", raw.name)))?,
            quarantine: raw.quarantine.map(|why| (why, since)),
            name: raw.name,
            created_ms: unsigned(raw.created_ms),
            active: raw.active,
            active_number: raw.active_number.map(unsigned),
            secret_revision: unsigned(raw.secret_revision),
        })
    }
}

#[derive(Debug, FromRow)]
pub(super) struct RawAudit {
    at_ms: i64,
    actor: String,
    action: String,
    tenant: String,
    detail: String,
}

impl From<RawAudit> for AuditEntry {
    fn from(raw: RawAudit) -> Self {
        let RawAudit { at_ms, actor, action, tenant, detail } = raw;
        Self { at_ms: unsigned(at_ms), actor, action, tenant, detail }
    }
}

#[derive(Debug, FromRow)]
pub(super) struct RawVersion {
    id: String,
    tenant: String,
    number: i64,
    created_ms: i64,
    bundle_sha256: String,
    bundle_bytes: i64,
    vars: String,
    limits: String,
    wall: String,
    jit: bool,
    message: Option<String>,
    startup_cpu_us: i64,
    startup_wall_us: i64,
    predecessor: Option<String>,
}

impl TryFrom<RawVersion> for VersionRow {
    type Error = StoreError;

    fn try_from(raw: RawVersion) -> Result<Self, StoreError> {
        let version = NewVersion {
            bundle: hash(&raw.bundle_sha256)?,
            vars: parsed(&raw.id, &raw.vars)?,
            limits: parsed(&raw.id, &raw.limits)?,
            wall: wall(&raw.id, &raw.wall)?,
            jit: raw.jit,
            id: raw.id,
            tenant: raw.tenant,
            created_ms: unsigned(raw.created_ms),
            bundle_bytes: unsigned(raw.bundle_bytes),
            message: raw.message,
            startup_cpu_us: unsigned(raw.startup_cpu_us),
            startup_wall_us: unsigned(raw.startup_wall_us),
        };
        Ok(Self { version, number: unsigned(raw.number), predecessor: raw.predecessor })
    }
}

pub(super) fn hash(text: &str) -> Result<BundleHash, StoreError> {
    BundleHash::parse(text)
        .ok_or_else(|| StoreError::Damaged(format!("`{text}` is not a bundle's SHA-256")))
}

pub(super) fn wall_text(wall: Wall) -> &'static str {
    match wall {
        Wall::Shared => "shared",
        Wall::Process => "process",
    }
}

fn wall(id: &str, text: &str) -> Result<Wall, StoreError> {
    match text {
        "shared" => Ok(Wall::Shared),
        "process" => Ok(Wall::Process),
        other => Err(StoreError::Damaged(format!("version {id}: `{other}` is not a wall"))),
    }
}

pub(super) fn json(value: &impl Serialize) -> Result<String, sqlx::Error> {
    serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(error.into()))
}

/// SQLite's integers have 63 bits and a sign; times, sizes and counts stay far below.
pub(super) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

fn parsed<T: DeserializeOwned>(id: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text)
        .map_err(|error| StoreError::Damaged(format!("version {id}: {error}")))
}

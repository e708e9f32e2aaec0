use serde::Deserialize;

/// How much tenants may keep in `caches`. It is memory of the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CacheConfig {
    /// Bytes of all tenants together.
    pub bytes: u64,
    /// Bytes of one tenant.
    pub tenant_bytes: u64,
    /// Responses of one tenant.
    pub tenant_entries: usize,
    /// Bytes of one response's body.
    pub entry_bytes: u64,
}

impl Default for CacheConfig {
    fn default() -> Self {
        Self {
            bytes: 256 << 20,
            tenant_bytes: 16 << 20,
            tenant_entries: 4096,
            entry_bytes: 8 << 20,
        }
    }
}

impl CacheConfig {
    /// Whether the bounds make sense together.
    ///
    /// # Errors
    ///
    /// What is wrong, in words for the operator.
    pub fn check(&self) -> Result<(), String> {
        if self.bytes > MOST {
            return Err(format!("cache.bytes is {}, which is more than {MOST}", self.bytes));
        }
        if self.tenant_bytes > self.bytes {
            return Err("cache.tenant_bytes is more than cache.bytes".to_owned());
        }
        if self.entry_bytes > self.tenant_bytes {
            return Err("cache.entry_bytes is more than cache.tenant_bytes".to_owned());
        }
        Ok(())
    }
}

/// A tebibyte is more memory than there is.
const MOST: u64 = 1 << 40;

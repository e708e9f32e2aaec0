use std::path::Path;

use super::error::SecretsKeyError;
use super::key::SecretsKeySource;
use super::{Sealer, file};
use crate::error::OpenError;
use crate::store::{Store, StoreError};

/// The sealer of a server that starts, with the key that the secrets in `store` were sealed
/// with. As long as there are none, any key will do.
pub(crate) async fn sealer(
    source: &SecretsKeySource,
    data_dir: &Path,
    store: &dyn Store,
) -> Result<Sealer, OpenError> {
    let check = store.key_check().await?;
    let in_use = store.has_secrets().await?;
    let sealer = Sealer::new(match source {
        SecretsKeySource::DataFolder => file::in_data_folder(data_dir, in_use)?,
        SecretsKeySource::File(path) => file::named(path)?,
        SecretsKeySource::Given(key) => key.clone(),
    });
    let same = match &check {
        Some(check) => sealer.made(check),
        None => Ok(false),
    };
    match (same, in_use) {
        (Ok(true), _) => {}
        (Ok(false), true) if check.is_none() => {
            let damage = "there are secrets, but nothing that tells with which key";
            return Err(StoreError::Damaged(damage.to_owned()).into());
        }
        (Ok(false), true) => {
            let origin = sealer.key.origin().to_owned();
            return Err(SecretsKeyError::Wrong { origin }.into());
        }
        (Err(error), true) => return Err(error.into()),
        (_, false) => store.put_key_check(&sealer.key_check()?).await?,
    }
    Ok(sealer)
}

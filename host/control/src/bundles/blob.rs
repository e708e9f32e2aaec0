//! A bundle as one string of bytes: a magic line, the length of a JSON manifest (u32,
//! little-endian), the manifest, then the sources one after another.
//!
//! Equal bundles give equal bytes, so that the hash names the code.

use bytes::{BufMut, Bytes, BytesMut};
use insula_supervisor::{Bundle, Module};
use serde::{Deserialize, Serialize};

use super::BundleHash;
use crate::api::ModuleKind;

const MAGIC: &[u8] = b"insula-bundle-1\n";

#[derive(Serialize, Deserialize)]
struct Manifest {
    entry: String,
    modules: Vec<ManifestModule>,
    /// The hash of the modules' source maps, which are kept beside the bundle: equal code with
    /// other maps is another bundle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    maps: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct ManifestModule {
    name: String,
    kind: ModuleKind,
    bytes: usize,
}

/// The bytes of `bundle`, whose source maps have this hash.
pub(crate) fn encode(bundle: &Bundle, maps: Option<BundleHash>) -> Bytes {
    let modules = bundle.modules.iter().map(|module| ManifestModule {
        name: module.name.clone(),
        kind: module.kind.into(),
        bytes: module.source.len(),
    });
    let maps = maps.map(|hash| hash.to_string());
    let manifest = Manifest { entry: bundle.entry.clone(), modules: modules.collect(), maps };
    // Strings, numbers and unit variants: nothing in it can fail to be written as JSON.
    let manifest = serde_json::to_vec(&manifest).unwrap_or_default();
    let mut blob =
        BytesMut::with_capacity(MAGIC.len() + 4 + manifest.len() + bundle.size() as usize);
    blob.put_slice(MAGIC);
    blob.put_u32_le(manifest.len() as u32);
    blob.put_slice(&manifest);
    for module in &bundle.modules {
        blob.put_slice(&module.source);
    }
    blob.freeze()
}

/// The bundle in `blob`, sharing its memory; `None` when it is not exactly one bundle.
pub(crate) fn decode(blob: &Bytes) -> Option<Bundle> {
    let (length, rest) = blob.strip_prefix(MAGIC)?.split_first_chunk()?;
    let manifest = rest.get(..u32::from_le_bytes(*length) as usize)?;
    let mut rest = blob.slice(MAGIC.len() + 4 + manifest.len()..);
    let manifest: Manifest = serde_json::from_slice(manifest).ok()?;
    let mut modules = Vec::with_capacity(manifest.modules.len());
    for ManifestModule { name, kind, bytes } in manifest.modules {
        if bytes > rest.len() {
            return None;
        }
        modules.push(Module { name, kind: kind.into(), source: rest.split_to(bytes) });
    }
    rest.is_empty().then_some(Bundle { entry: manifest.entry, modules })
}

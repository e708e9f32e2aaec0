//! From positions in deployed code to positions in what its author wrote.
//!
//! Maps come from authors, who are not trusted: every step is bounded, and a map that is wrong in
//! any way is no map.

mod map;
mod shelf;
mod trace;

use std::collections::BTreeMap;

use bytes::Bytes;
use insula_supervisor::{Bundle, Module, ModuleKind};

use crate::api::SourceMapUpload;
pub use map::MapError;
use map::{SourceMap, Tally};
pub(crate) use shelf::SourceMaps;

/// The maps of one version's modules.
#[derive(Debug, Default)]
pub(crate) struct MapSet {
    /// By module.
    maps: BTreeMap<String, SourceMap>,
}

/// What an author sent of maps, judged.
#[derive(Debug, Default)]
pub(crate) struct JudgedMaps {
    /// The good ones, as they are kept; `None` when there are none.
    pub(crate) kept: Option<Bytes>,
    /// The good ones, to be used at once.
    pub(crate) set: MapSet,
    /// What is wrong with the others.
    pub(crate) warnings: Vec<String>,
}

impl JudgedMaps {
    /// Judges maps for the modules of `bundle`. All that are kept together have at most `limit`
    /// bytes. Computes.
    pub(crate) fn judge(uploads: &[SourceMapUpload], bundle: &Bundle, limit: u64) -> Self {
        let mut judged = Self::default();
        let mut kept = Vec::new();
        let mut room = limit;
        let mut tally = Tally::default();
        for upload in uploads {
            match judge(upload, bundle, &judged.set, room, &mut tally) {
                Ok((source, map)) => {
                    room -= source.len() as u64;
                    kept.push(Module {
                        name: upload.module.clone(),
                        kind: ModuleKind::Json,
                        source,
                    });
                    judged.set.maps.insert(upload.module.clone(), map);
                }
                Err(error) => {
                    let module = crate::name::shown(&upload.module);
                    judged.warnings.push(format!("the source map of {module} is ignored: {error}"));
                }
            }
        }
        if !kept.is_empty() {
            let entry = String::new();
            judged.kept = Some(crate::bundles::encode(&Bundle { entry, modules: kept }, None));
        }
        judged
    }
}

fn judge(
    upload: &SourceMapUpload,
    bundle: &Bundle,
    others: &MapSet,
    room: u64,
    tally: &mut Tally,
) -> Result<(Bytes, SourceMap), MapError> {
    let is_script =
        |module: &Module| module.name == upload.module && module.kind == ModuleKind::JavaScript;
    if !bundle.modules.iter().any(is_script) {
        return Err(MapError::NoSuchModule);
    }
    if others.maps.contains_key(&upload.module) {
        return Err(MapError::Second);
    }
    let json = upload.decode().ok_or(MapError::NotBase64)?;
    if json.len() as u64 > room {
        return Err(MapError::TooLarge);
    }
    let map = SourceMap::parse(&upload.module, &json, tally)?;
    Ok((json.into(), map))
}

impl MapSet {
    /// The maps in what [`JudgedMaps::kept`] was. Computes.
    pub(crate) fn read(kept: &Bytes) -> Self {
        let modules = crate::bundles::decode(kept).map_or_else(Vec::new, |bundle| bundle.modules);
        let mut tally = Tally::default();
        let read = |module: Module| {
            let map = SourceMap::parse(&module.name, &module.source, &mut tally).ok()?;
            Some((module.name, map))
        };
        Self { maps: modules.into_iter().filter_map(read).collect() }
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.maps.is_empty()
    }

    /// Bytes of memory, about.
    fn size(&self) -> usize {
        self.maps.values().map(SourceMap::size).sum()
    }
}

//! What was used lately, bounded in bytes over all of it.

use std::hash::Hash;

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

/// Entries that are expected in a cache; no limit, more make it no worse.
const EXPECTED: usize = 1000;

/// A cache of at most `bytes`, by what `weighter` says of each entry. An entry of nearly the
/// whole of it stays until others need its place.
pub(crate) fn recent<K, V, W>(bytes: u64, weighter: W) -> Cache<K, V, W>
where
    K: Eq + Hash + Clone,
    V: Clone,
    W: Weighter<K, V> + Clone,
{
    // One shard: of several, each would refuse what is larger than its own part of the bytes.
    let options = OptionsBuilder::new()
        .estimated_items_capacity(EXPECTED)
        .weight_capacity(bytes)
        .shards(1)
        .build()
        .expect("both capacities are given");
    let hasher = DefaultHashBuilder::default();
    Cache::with_options(options, weighter, hasher, DefaultLifecycle::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone)]
    struct Length;

    impl Weighter<u32, Vec<u8>> for Length {
        fn weight(&self, _key: &u32, value: &Vec<u8>) -> u64 {
            value.len() as u64
        }
    }

    #[test]
    fn one_large_entry_stays_and_the_whole_stays_bounded() {
        let cache = recent(1000, Length);
        cache.insert(1, vec![0; 900]);
        assert!(cache.get(&1).is_some(), "nine tenths of all bytes");
        for key in 2..100 {
            cache.insert(key, vec![0; 100]);
            assert!(cache.weight() <= 1000);
        }
        assert!(cache.get(&99).is_some(), "the newest one");
    }
}

use crate::id::{isolate_id, version_id, version_of};

#[test]
fn ids_sort_by_time_and_differ() {
    let mut ids: Vec<_> =
        (0..50).map(|i| version_id(1_700_000_000_000 + i * 997).unwrap()).collect();
    assert!(ids.is_sorted());
    assert!(ids.iter().all(|id| id.len() == 16 && id.bytes().all(|b| b.is_ascii_alphanumeric())));
    ids.extend((0..50).map(|_| version_id(1_800_000_000_000).unwrap()));
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 100);
}

#[test]
fn an_isolates_id_changes_with_the_secrets_and_leads_back() {
    assert_eq!(isolate_id("01abc", 0), "01abc");
    assert_ne!(isolate_id("01abc", 1), isolate_id("01abc", 2));
    for revision in [0, 1, 12] {
        assert_eq!(version_of(&isolate_id("01abc", revision)), "01abc");
    }
}

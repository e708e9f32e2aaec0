use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

use super::{Asked, CacheConfig, Sought, Store};
use crate::cache::entry::{OVERHEAD, size};

fn asked(url: &str) -> Asked {
    Asked {
        name: String::new(),
        url: url.to_owned(),
        ignores_search: false,
        ignores_vary: false,
        status: StatusCode::OK,
        fresh: None,
        vary: Vec::new(),
    }
}

fn varying(url: &str, name: &'static str, value: &str) -> Asked {
    let value = HeaderValue::try_from(value).expect("a value");
    Asked { vary: vec![(HeaderName::from_static(name), Some(value))], ..asked(url) }
}

struct Fixture {
    store: Arc<Store>,
}

impl Fixture {
    fn new(bytes: u64, tenant_bytes: u64, tenant_entries: usize) -> Self {
        let entry_bytes = tenant_bytes;
        let config = CacheConfig { bytes, tenant_bytes, tenant_entries, entry_bytes };
        Self { store: Arc::new(Store::new(config)) }
    }

    fn put(&self, tenant: &str, asked: &Asked, length: usize) -> bool {
        let tenant = Arc::from(tenant);
        let filling = self.store.fill(&tenant);
        self.store.put(&tenant, asked, HeaderMap::new(), (vec![0; length], filling))
    }

    fn has(&self, tenant: &str, url: &str) -> bool {
        self.store.find(tenant, &asked(url), &HeaderMap::new()).is_some()
    }

    fn has_for(&self, url: &str, field: (&'static str, &str)) -> bool {
        let mut headers = HeaderMap::new();
        headers.append(field.0, HeaderValue::try_from(field.1).expect("a value"));
        self.store.find("one", &asked(url), &headers).is_some()
    }
}

#[test]
fn a_tenant_s_least_used_goes_for_its_own_newest() {
    let cache = Fixture::new(1 << 20, 3 * (OVERHEAD + 110), 100);
    for url in ["a", "b", "c"] {
        assert!(cache.put("one", &asked(url), 100));
    }
    assert!(cache.put("two", &asked("a"), 100));
    assert!(cache.has("one", "a"));
    assert!(cache.put("one", &asked("d"), 100));
    assert!(cache.has("one", "a") && !cache.has("one", "b") && cache.has("two", "a"));
    assert!(!cache.put("one", &asked("e"), 10_000));
}

#[test]
fn who_has_most_gives_way() {
    let cache = Fixture::new(4 * (OVERHEAD + 110), 4 * (OVERHEAD + 110), 100);
    for url in ["a", "b", "c"] {
        assert!(cache.put("one", &asked(url), 100));
    }
    assert!(cache.put("two", &asked("a"), 100) && cache.put("two", &asked("b"), 100));
    assert!(!cache.has("one", "a") && cache.has("two", "a") && cache.has("two", "b"));
}

#[test]
fn who_would_have_most_gives_way_to_itself() {
    let cache = Fixture::new(4 * (OVERHEAD + 110), 4 * (OVERHEAD + 110), 100);
    for (tenant, url) in [("one", "a"), ("one", "b"), ("two", "a"), ("three", "a")] {
        assert!(cache.put(tenant, &asked(url), 100));
    }
    assert!(cache.put("one", &asked("c"), 100));
    assert!(!cache.has("one", "a") && cache.has("two", "a") && cache.has("three", "a"));
}

#[test]
fn there_are_only_so_many_entries_and_names() {
    let cache = Fixture::new(1 << 20, 1 << 20, 2);
    for url in ["a", "b", "c"] {
        assert!(cache.put("one", &asked(url), 1));
    }
    assert!(!cache.has("one", "a") && cache.has("one", "b") && cache.has("one", "c"));
    let tenant = Arc::from("one");
    let opened = (0..200).filter(|i| cache.store.open(&tenant, &format!("n{i}"))).count();
    assert_eq!(opened, 64);
    assert!(!cache.put("one", &Asked { name: "unopened".to_owned(), ..asked("a") }, 1));
}

#[test]
fn names_that_mean_something_else_are_no_caches() {
    let cache = Fixture::new(1 << 20, 1 << 20, 2);
    let tenant = Arc::from("one");
    assert!(!cache.store.open(&tenant, "") && !cache.store.open(&tenant, "*"));
    assert!(cache.store.open(&tenant, "n"));
    assert_eq!(cache.store.list(&tenant, "*").as_deref(), Some(&br#"["n"]"#[..]));
}

#[test]
fn what_is_replaced_removed_or_forgotten_gives_its_room_back() {
    let cache = Fixture::new(1 << 20, 2 * (OVERHEAD + 110), 100);
    for _ in 0..10 {
        assert!(cache.put("one", &asked("a"), 100));
    }
    assert!(cache.put("one", &asked("b"), 100) && cache.has("one", "a"));
    assert!(cache.store.remove("one", &asked("a")) && !cache.has("one", "a"));
    assert!(cache.put("one", &asked("c"), 100) && cache.has("one", "b"));
    cache.store.forget("one");
    assert!(!cache.has("one", "b"));
    assert_eq!(cache.store.kept.all(), 0);
}

#[test]
fn what_is_being_read_takes_room_although_it_is_gone() {
    let cache = Fixture::new(1 << 20, 2 * (OVERHEAD + 110), 100);
    assert!(cache.put("one", &asked("a"), 100));
    let read = cache.store.find("one", &asked("a"), &HeaderMap::new()).expect("it is there").body();
    let part = read.slice(10..20);
    assert!(cache.store.remove("one", &asked("a")));
    assert!(cache.put("one", &asked("b"), 100));
    // Neither evicting the other nor dropping a part of what is read helps.
    drop(read);
    assert!(!cache.put("one", &asked("c"), 110 + 100));
    assert_eq!(&part[..], [0; 10]);
    drop(part);
    assert!(cache.put("one", &asked("c"), 110 + 100));
    cache.store.forget("one");
    assert_eq!(cache.store.kept.all(), 0);
}

#[test]
fn fields_and_what_is_varied_by_have_their_price() {
    let plain = size(&asked("a"), &HeaderMap::new(), b"");
    let mut fields = HeaderMap::new();
    for _ in 0..10 {
        fields.append("a", HeaderValue::from_static(""));
    }
    assert!(size(&asked("a"), &fields, b"") >= plain + 10 * 128);
    assert!(size(&varying("a", "b", "c"), &HeaderMap::new(), b"") >= plain + 96);
    let named = Asked { name: "n".repeat(1000), ..asked("a") };
    assert!(size(&named, &HeaderMap::new(), b"") >= plain + 1000);
}

#[test]
fn a_url_has_only_so_many_variants() {
    let cache = Fixture::new(1 << 20, 1 << 20, 100);
    for i in 0..17 {
        assert!(cache.put("one", &varying("a", "x", &i.to_string()), 1));
        assert!(cache.put("one", &asked(&format!("other{i}")), 1));
    }
    assert!(!cache.has_for("a", ("x", "0")) && cache.has_for("a", ("x", "1")));
    assert!(cache.has_for("a", ("x", "16")) && cache.has("one", "other0"));
    // The same once more is no further one.
    assert!(cache.put("one", &varying("a", "x", "16"), 1) && cache.has_for("a", ("x", "1")));
}

#[test]
fn what_varies_is_for_the_same_fields_alone() {
    let cache = Fixture::new(1 << 20, 1 << 20, 100);
    let none = Asked { vary: vec![(HeaderName::from_static("x"), None)], ..asked("a") };
    assert!(cache.put("one", &none, 1) && cache.put("one", &varying("b", "x", "1, 2"), 1));
    assert!(cache.has("one", "a") && !cache.has("one", "b"));
    for value in ["", "1", "é"] {
        assert!(!cache.has_for("a", ("x", value)) && !cache.has_for("b", ("x", value)));
    }
    let mut headers = HeaderMap::new();
    headers.append("x", HeaderValue::from_static("1"));
    headers.append("x", HeaderValue::from_static("2"));
    assert!(cache.store.find("one", &asked("b"), &headers).is_some());
    headers.append("x", HeaderValue::from_static("3"));
    assert!(cache.store.find("one", &asked("b"), &headers).is_none());
}

#[test]
fn what_is_stale_is_not_there() {
    let cache = Fixture::new(1 << 20, 1 << 20, 100);
    assert!(cache.put("one", &Asked { fresh: Some(Duration::ZERO), ..asked("a") }, 1));
    assert!(!cache.has("one", "a") && !cache.store.remove("one", &asked("a")));
}

#[test]
fn what_arrives_is_bounded_before_it_is_there() {
    let cache = Fixture::new(1000, 400, 100);
    let one = Arc::from("one");
    let mut first = cache.store.fill(&one);
    let mut second = cache.store.fill(&one);
    assert!(first.add(300) && !second.add(200) && second.add(100));
    let mut other = cache.store.fill(&Arc::from("two"));
    assert!(!other.add(200) && other.add(100));
    drop(first);
    assert!(second.add(300));
}

#[test]
fn lists_are_bounded_while_they_are_read() {
    let cache = Fixture::new(1 << 20, 7000, 100);
    let one = Arc::from("one");
    assert!(cache.put("one", &varying(&"a".repeat(900), "x", "\"é\""), 1));
    let list = cache.store.list(&one, "").expect("a list");
    let text = std::str::from_utf8(&list).expect("text");
    assert!(text.ends_with("aaa\",[[\"x\",\"\\\"\u{c3}\u{a9}\\\"\"]]]]"), "{text}");
    let second = cache.store.list(&one, "").expect("two");
    let third = cache.store.list(&one, "").expect("three");
    assert_eq!(cache.store.list(&one, ""), None);
    drop((second, third));
    assert!(cache.store.list(&one, "").is_some());
}

/// A look-up that does not mind the query.
fn on_path(url: &str) -> Asked {
    Asked { ignores_search: true, ..asked(url) }
}

fn fields(pairs: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let name = HeaderName::try_from(*name).expect("a name");
        headers.append(name, HeaderValue::try_from(*value).expect("a value"));
    }
    headers
}

#[test]
fn what_was_stored_first_is_found_on_a_path_each_time() {
    let cache = Fixture::new(1 << 20, 1 << 20, 100);
    for url in ["a/b?0", "a?1", "a?2", "a", "ab"] {
        assert!(cache.put("one", &asked(url), 1));
    }
    let find = |asked: &Asked| {
        cache.store.find("one", asked, &HeaderMap::new()).map(|entry| entry.url().to_owned())
    };
    for _ in 0..3 {
        assert_eq!(find(&on_path("a?9")).as_deref(), Some("a?1"));
    }
    // A further use changes nothing, storing it again does.
    assert!(cache.has("one", "a?2") && cache.put("one", &asked("a?1"), 1));
    assert_eq!(find(&on_path("a")).as_deref(), Some("a?2"));
    assert_eq!(find(&Asked { ignores_vary: true, ..on_path("a") }).as_deref(), Some("a?2"));
    assert_eq!(find(&on_path("c")), None);
    assert_eq!(find(&Asked { name: "other".to_owned(), ..on_path("a") }), None);
    assert!(cache.store.remove("one", &on_path("a?9")) && find(&on_path("a")).is_none());
    assert!(cache.has("one", "a/b?0") && cache.has("one", "ab") && !cache.has("one", "a"));
}

#[test]
fn what_is_stale_on_a_path_makes_room() {
    let cache = Fixture::new(1 << 20, 1 << 20, 100);
    let stale = |url| Asked { fresh: Some(Duration::ZERO), ..asked(url) };
    for url in ["a?1", "a?2"] {
        assert!(cache.put("one", &stale(url), 1));
    }
    assert!(cache.put("one", &asked("a?3"), 1));
    let taken = cache.store.kept.all();
    let found = cache.store.find("one", &on_path("a"), &HeaderMap::new()).expect("the fresh one");
    assert_eq!(found.url(), "a?3");
    assert_eq!(cache.store.kept.all(), taken / 3);
}

#[test]
fn a_look_up_on_a_path_costs_the_same_for_few_and_for_thousands() {
    let cache = Fixture::new(64 << 20, 64 << 20, 4096);
    let vary = |last: &str, list: usize| {
        let names = (0..31).map(|i| format!("x{i}")).chain([format!("last{list}")]);
        let value = |name: &str| if name.starts_with("last") { last } else { "same" };
        let pair = |name: String| {
            let value = HeaderValue::try_from(value(&name)).expect("a value");
            (HeaderName::try_from(name).expect("a name"), Some(value))
        };
        names.map(pair).collect::<Vec<_>>()
    };
    let hashed = || {
        let sought = Sought::path(&cache.store.hashes, &on_path("a"));
        cache.store.lock().tenants["one"].lists(&sought).len()
    };
    for i in 0..2000 {
        assert!(cache.put("one", &Asked { vary: vary("no", 0), ..asked(&format!("a?{i}")) }, 1));
    }
    // All vary by the same fields, which are looked at once.
    assert_eq!(hashed(), 1);
    let right = Asked { vary: vary("yes", 0), ..asked("a?right") };
    assert!(cache.put("one", &right, 1));
    let headers: HeaderMap = right
        .vary
        .iter()
        .filter_map(|(name, value)| Some((name.clone(), value.clone()?)))
        .collect();
    let found = cache.store.find("one", &on_path("a"), &headers).expect("one of thousands");
    assert_eq!(found.url(), "a?right");
    for i in 0..100 {
        assert!(cache.put("one", &Asked { vary: vary("no", i), ..asked(&format!("a?l{i}")) }, 1));
    }
    assert_eq!(hashed(), 16);
}

proptest! {
    #[test]
    fn a_look_up_on_a_path_finds_what_a_comparison_with_each_would(
        stored in vec((0..4_u8, vec((0..3_u8, option::of(0..3_u8)), 0..3)), 0..20),
        sent in vec((0..3_u8, 0..2_u8), 0..4),
    ) {
        let cache = Fixture::new(1 << 20, 1 << 20, 100);
        // The last one is what two fields are together.
        let value = |value: u8| ["0", "1", "0, 1"][usize::from(value)];
        let mut order: Vec<Asked> = Vec::new();
        for (url, vary) in &stored {
            let vary = vary.iter().map(|(name, wanted)| {
                let wanted = wanted.map(|wanted| HeaderValue::from_static(value(wanted)));
                (HeaderName::try_from(format!("x{name}")).expect("a name"), wanted)
            });
            let put = Asked { vary: vary.collect(), ..asked(&format!("a?{url}")) };
            let given = put.vary.iter().filter_map(|(name, value)| Some((name.clone(), value.clone()?)));
            let given: HeaderMap = given.collect();
            order.retain(|other| other.url != put.url || !put.fits(&other.vary, &given));
            prop_assert!(cache.put("one", &put, 1));
            order.push(put);
        }
        let sent: Vec<_> = sent.iter().map(|(name, it)| (format!("x{name}"), value(*it))).collect();
        let sent: Vec<_> = sent.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        let headers = fields(&sent);
        let right = order.iter().find(|put| put.fits(&put.vary, &headers));
        let found = cache.store.find("one", &on_path("a"), &headers);
        prop_assert_eq!(
            found.as_ref().map(|entry| (entry.url(), &entry.vary)),
            right.map(|put| (&*put.url, &put.vary))
        );
    }
}

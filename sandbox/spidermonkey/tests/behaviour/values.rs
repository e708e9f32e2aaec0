use insula_spidermonkey::{StringRef, Throw};

use crate::support::{evaluate, result_of, with_isolate};

#[test]
fn a_part_of_a_string_ends_where_the_string_does() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            let whole = scope.string(&"0123456789".repeat(10)).unwrap();
            for (range, text) in [
                (0..3, "012"),
                (98..100, "89"),
                (98..200, "89"),
                (200..300, ""),
                (5..5, ""),
                (10..50, "0123456789012345678901234567890123456789"),
            ] {
                let part = scope.part_of(whole, range).unwrap();
                assert_eq!(scope.to_utf8(part).unwrap(), text);
            }
            let number = scope.number(1.0);
            assert!(matches!(scope.part_of(number, 0..1), Err(Throw::TypeError(_))));
        });
    });
}

#[test]
fn strings_round_trip() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            for text in ["", "ascii", "grüße", "𝄞 clef", "日本"] {
                let value = scope.string(text).unwrap();
                assert_eq!(scope.to_utf8(value).unwrap(), text);
            }
            let lone = scope.utf16(&[0x61, 0xd800]).unwrap();
            assert_eq!(scope.to_utf8(lone).unwrap(), "a\u{fffd}");
            let bytes = scope.latin1(&[0xe9, 0xff]).unwrap();
            scope
                .with_string(bytes, |s| assert!(matches!(s, StringRef::Latin1([0xe9, 0xff]))))
                .unwrap();
        });
    });
}

#[test]
fn numbers_keep_their_value_and_sign() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            for number in [0.0, 1.0, -1.5, f64::MAX, f64::INFINITY, 4_294_967_295.0] {
                assert_eq!(scope.number(number).as_f64(), Some(number));
            }
            assert!(scope.number(-0.0).as_f64().unwrap().is_sign_negative());
            assert!(scope.number(f64::from_bits(0xffff_ffff_ffff_ffff)).as_f64().unwrap().is_nan());
            assert_eq!(scope.number(1.5).as_u32(), None);
            assert_eq!(scope.number(-1.0).as_u32(), None);
            assert_eq!(scope.number(4_294_967_295.0).as_u32(), Some(u32::MAX));
        });
    });
}

#[test]
fn bytes_can_be_read_and_written_in_place() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            let array = scope.uint8_array(&[1, 2, 3]).unwrap();
            scope.with_bytes_mut(array, |bytes| bytes[0] = 9).unwrap();
            assert_eq!(scope.with_bytes(array, <[u8]>::to_vec).unwrap(), [9, 2, 3]);
            let filled = scope.array_buffer_filled(4, |bytes| bytes.fill(7)).unwrap();
            assert_eq!(scope.with_bytes(filled, <[u8]>::to_vec).unwrap(), [7; 4]);
            let string = scope.string("no bytes").unwrap();
            assert!(scope.with_bytes(string, |_| ()).is_err());
        });
    });
}

#[test]
fn values_of_a_nested_scope_are_freed_and_outer_ones_stay() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            let outer = scope.string("outer").unwrap();
            for round in 0..10_000 {
                let mut inner = scope.nested();
                let text = inner.string(&format!("inner {round}")).unwrap();
                assert_eq!(inner.to_utf8(text).unwrap(), format!("inner {round}"));
            }
            assert_eq!(scope.to_utf8(outer).unwrap(), "outer");
        });
    });
}

#[test]
fn persistents_outlive_scopes_and_even_their_isolate() {
    let kept = std::sync::Arc::new(std::sync::Mutex::new(0));
    let seen = kept.clone();
    with_isolate(move |isolate| {
        let persistent = isolate.enter(|scope| {
            let object = scope.object().unwrap();
            let text = scope.string("kept").unwrap();
            scope.set(object, c"text", text).unwrap();
            scope.persist(object)
        });
        isolate.shrink();
        isolate.enter(|scope| {
            let object = scope.local(&persistent);
            let text = scope.get(object, c"text").unwrap();
            assert_eq!(scope.to_utf8(text).unwrap(), "kept");
        });
        *seen.lock().unwrap() += 1;
    });
    assert_eq!(*kept.lock().unwrap(), 1);
}

#[test]
fn no_shared_memory_is_to_be_had() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            assert_eq!(
                result_of(scope, "export const result = typeof SharedArrayBuffer"),
                "undefined"
            );
        });
    });
}

#[test]
fn structured_clone_copies_and_transfers() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            let buffer = scope.array_buffer(&[1, 2, 3]).unwrap();
            let transfer = scope.array(&[buffer]).unwrap();
            let clone = scope.structured_clone(buffer, transfer).unwrap();
            assert!(scope.is_detached(buffer));
            assert_eq!(scope.with_bytes(clone, <[u8]>::to_vec).unwrap(), [1, 2, 3]);
            let undefined = scope.undefined();
            let function = scope.function(c"f", 0, |scope, _| Ok(scope.null())).unwrap();
            let throw = scope.structured_clone(function, undefined).unwrap_err();
            let thrown = format!("{:?}", scope.take_exception(throw));
            assert!(thrown.contains("unsupported type for structured data"), "{thrown}");
        });
    });
}

#[test]
fn arrays_are_made_without_the_setters_of_a_tenant() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            let source = "globalThis.caught = 0;
                for (const index of [0, 1]) {
                    Object.defineProperty(Array.prototype, index, { get() { return 'mine' }, set() { caught++ } });
                }";
            evaluate(scope, "a.js", source).unwrap();
            let (one, two) = (scope.number(1.0), scope.number(2.0));
            let array = scope.array(&[one, two]).unwrap();
            let global = scope.global();
            scope.define(global, c"made", array).unwrap();
            let source = "export const result = [JSON.stringify(made), caught].join()";
            assert_eq!(result_of(scope, source), "[1,2],0");
        });
    });
}

#[test]
fn a_lazy_global_that_is_deleted_stays_so() {
    with_isolate(|isolate| {
        isolate.set_lazy_globals(&["Alpha", "Beta"], |scope, name| scope.string(name).map(Some));
        isolate.enter(|scope| {
            let source = "
                const deleted = [delete globalThis.Alpha, (Beta, delete globalThis.Beta)];
                const listed = Object.getOwnPropertyNames(globalThis).filter((name) => name === 'Alpha' || name === 'Beta');
                const there = ['Alpha' in globalThis, typeof Beta];
                globalThis.Alpha = 'mine';
                export const result = [deleted, listed.length, there, Alpha].join()";
            assert_eq!(result_of(scope, source), "true,true,0,false,undefined,mine");
        });
    });
}

#[test]
fn lazy_globals_come_into_being_when_touched() {
    with_isolate(|isolate| {
        isolate.set_embedder(std::cell::Cell::new(0));
        isolate.set_lazy_globals(&["Alpha", "Beta"], |scope, name| {
            let made: &std::cell::Cell<i32> = scope.embedder();
            made.set(made.get() + 1);
            scope.string(name).map(Some)
        });
        isolate.enter(|scope| {
            let source = "
                const listed = Object.getOwnPropertyNames(globalThis).includes('Beta');
                const enumerable = Object.keys(globalThis).includes('Beta');
                Beta = Beta + '!';
                export const result = [listed, enumerable, typeof Gamma, Alpha, Alpha, Beta]";
            let expected = "true,false,undefined,Alpha,Alpha,Beta!";
            assert_eq!(result_of(scope, source), expected);
            assert_eq!(scope.embedder::<std::cell::Cell<i32>>().get(), 2);
        });
    });
}

#[test]
fn a_buffer_is_announced_to_lazy_globals_before_it_is_made() {
    with_isolate(|isolate| {
        isolate.set_embedder(std::cell::Cell::new(0));
        isolate.set_lazy_globals(&["ArrayBuffer"], |scope, _| {
            let looked: &std::cell::Cell<i32> = scope.embedder();
            looked.set(looked.get() + 1);
            Ok(None)
        });
        isolate.enter(|scope| {
            for bytes in [&[1][..], &[2; 1000]] {
                let array = scope.uint8_array(bytes).unwrap();
                assert_eq!(scope.class_name(array), "Uint8Array");
                assert_eq!(scope.embedder::<std::cell::Cell<i32>>().get(), 1);
            }
        });
    });
}

#[test]
fn what_replaces_the_constructor_of_buffers_is_not_asked_for_announcements() {
    with_isolate(|isolate| {
        isolate.set_lazy_globals(&["ArrayBuffer"], |_, _| Ok(None));
        isolate.enter(|scope| {
            let source = "Object.defineProperty(globalThis, 'ArrayBuffer', { get() { throw 1 } })";
            evaluate(scope, "a.js", source).unwrap();
            assert!(scope.uint8_array(&[1]).is_ok());
        });
    });
}

#[test]
fn intrinsics_are_the_languages_own() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            let source =
                "globalThis.seen = Date; globalThis.Date = class {}; delete globalThis.JSON";
            evaluate(scope, "a.js", source).unwrap();
            let global = scope.global();
            let date = scope.intrinsic("Date").unwrap();
            scope.define(global, c"date", date).unwrap();
            let json = scope.intrinsic("JSON").unwrap();
            scope.define(global, c"json", json).unwrap();
            assert!(scope.intrinsic("nothing").unwrap().is_undefined());
            let source = "export const result = [date === seen, json.stringify([1])].join()";
            assert_eq!(result_of(scope, source), "true,[1]");
        });
    });
}

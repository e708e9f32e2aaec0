//! Which module each global of the platform comes from, and which one has to see a global of the language first.

use std::rc::Rc;

use insula_spidermonkey::{Local, Scope, Throw};

use crate::dispatch::{Embedder, evaluate_platform_module};

/// Names of the platform's globals, sorted, for the engine's look-up.
pub(crate) static NAMES: [&str; GLOBALS.len()] = {
    let mut names = [""; GLOBALS.len()];
    let mut i = 0;
    while i < GLOBALS.len() {
        names[i] = GLOBALS[i].0;
        i += 1;
    }
    names
};

/// Global, module, export. Sorted by global. What the language has itself is here when the platform captures it
/// only now: its module is evaluated before anybody gets it.
const GLOBALS: &[(&str, &str, &str)] = &[
    ("AbortController", "abort.js", "AbortController"),
    ("AbortSignal", "abort.js", "AbortSignal"),
    ("ArrayBuffer", "primordials/buffers.js", "ArrayBuffer"),
    ("AsyncContext", "async_context.js", "AsyncContext"),
    ("BigInt64Array", "primordials/typed_arrays.js", "BigInt64Array"),
    ("BigUint64Array", "primordials/typed_arrays.js", "BigUint64Array"),
    ("Blob", "blob.js", "Blob"),
    ("BroadcastChannel", "broadcast_channel.js", "BroadcastChannel"),
    ("Buffer", "node/buffer_class.js", "Buffer"),
    ("ByteLengthQueuingStrategy", "streams/index.js", "ByteLengthQueuingStrategy"),
    ("Cache", "cache.js", "Cache"),
    ("CacheStorage", "cache.js", "CacheStorage"),
    ("CloseEvent", "websocket/close_event.js", "CloseEvent"),
    ("CompressionStream", "compression.js", "CompressionStream"),
    ("CountQueuingStrategy", "streams/index.js", "CountQueuingStrategy"),
    ("Crypto", "crypto/index.js", "Crypto"),
    ("CryptoKey", "crypto/key.js", "CryptoKey"),
    ("CustomEvent", "event_types.js", "CustomEvent"),
    ("DOMException", "dom_exception.js", "DOMException"),
    ("DataView", "primordials/buffers.js", "DataView"),
    ("Date", "primordials/date.js", "Date"),
    ("DecompressionStream", "compression.js", "DecompressionStream"),
    ("Deno", "deno.js", "Deno"),
    ("ErrorEvent", "event_types.js", "ErrorEvent"),
    ("Event", "event.js", "Event"),
    ("EventSource", "event_source.js", "EventSource"),
    ("EventTarget", "event.js", "EventTarget"),
    ("ExecutionContext", "serve.js", "ExecutionContext"),
    ("FetchEvent", "service_worker.js", "FetchEvent"),
    ("File", "blob.js", "File"),
    ("FileReader", "file_reader.js", "FileReader"),
    ("FileReaderSync", "file_reader.js", "FileReaderSync"),
    ("FixedLengthStream", "streams/identity.js", "FixedLengthStream"),
    ("Float16Array", "primordials/typed_arrays.js", "Float16Array"),
    ("Float32Array", "primordials/typed_arrays.js", "Float32Array"),
    ("Float64Array", "primordials/typed_arrays.js", "Float64Array"),
    ("FormData", "form_data.js", "FormData"),
    ("HTMLRewriter", "html_rewriter.js", "HTMLRewriter"),
    ("Headers", "headers.js", "Headers"),
    ("IdentityTransformStream", "streams/identity.js", "IdentityTransformStream"),
    ("Int16Array", "primordials/typed_arrays.js", "Int16Array"),
    ("Int32Array", "primordials/typed_arrays.js", "Int32Array"),
    ("Int8Array", "primordials/typed_arrays.js", "Int8Array"),
    ("JSON", "primordials/json.js", "JSON"),
    ("Math", "primordials/math.js", "Math"),
    ("MessageChannel", "message_port.js", "MessageChannel"),
    ("MessageEvent", "event_types.js", "MessageEvent"),
    ("MessagePort", "message_port.js", "MessagePort"),
    ("Navigator", "navigator.js", "Navigator"),
    ("Performance", "performance.js", "Performance"),
    ("PerformanceEntry", "user_timing.js", "PerformanceEntry"),
    ("PerformanceMark", "user_timing.js", "PerformanceMark"),
    ("PerformanceMeasure", "user_timing.js", "PerformanceMeasure"),
    ("PerformanceObserver", "performance_observer.js", "PerformanceObserver"),
    ("PerformanceObserverEntryList", "performance_observer.js", "PerformanceObserverEntryList"),
    ("ProgressEvent", "event_types.js", "ProgressEvent"),
    ("PromiseRejectionEvent", "event_types.js", "PromiseRejectionEvent"),
    ("Proxy", "primordials/proxy.js", "Proxy"),
    ("ReadableByteStreamController", "streams/index.js", "ReadableByteStreamController"),
    ("ReadableStream", "streams/index.js", "ReadableStream"),
    ("ReadableStreamBYOBReader", "streams/index.js", "ReadableStreamBYOBReader"),
    ("ReadableStreamBYOBRequest", "streams/index.js", "ReadableStreamBYOBRequest"),
    ("ReadableStreamDefaultController", "streams/index.js", "ReadableStreamDefaultController"),
    ("ReadableStreamDefaultReader", "streams/index.js", "ReadableStreamDefaultReader"),
    ("Request", "request.js", "Request"),
    ("Response", "response.js", "Response"),
    ("Scheduler", "scheduler.js", "Scheduler"),
    ("Set", "primordials/collections.js", "Set"),
    ("SubtleCrypto", "crypto/subtle.js", "SubtleCrypto"),
    ("TextDecoder", "encoding.js", "TextDecoder"),
    ("TextDecoderStream", "streams/index.js", "TextDecoderStream"),
    ("TextEncoder", "encoding.js", "TextEncoder"),
    ("TextEncoderStream", "streams/index.js", "TextEncoderStream"),
    ("TransformStream", "streams/index.js", "TransformStream"),
    ("TransformStreamDefaultController", "streams/index.js", "TransformStreamDefaultController"),
    ("URL", "url.js", "URL"),
    ("URLPattern", "url_pattern.js", "URLPattern"),
    ("URLSearchParams", "url.js", "URLSearchParams"),
    ("Uint16Array", "primordials/typed_arrays.js", "Uint16Array"),
    ("Uint32Array", "primordials/buffers.js", "Uint32Array"),
    ("Uint8Array", "primordials/buffers.js", "Uint8Array"),
    ("Uint8ClampedArray", "primordials/typed_arrays.js", "Uint8ClampedArray"),
    ("WeakMap", "primordials/collections.js", "WeakMap"),
    ("WeakRef", "primordials/collections.js", "WeakRef"),
    ("WeakSet", "primordials/collections.js", "WeakSet"),
    ("WebAssembly", "wasm.js", "WebAssembly"),
    ("WebSocket", "websocket/websocket.js", "WebSocket"),
    ("WebSocketPair", "websocket/pair.js", "WebSocketPair"),
    ("WritableStream", "streams/index.js", "WritableStream"),
    ("WritableStreamDefaultController", "streams/index.js", "WritableStreamDefaultController"),
    ("WritableStreamDefaultWriter", "streams/index.js", "WritableStreamDefaultWriter"),
    ("addEventListener", "global_scope.js", "addEventListener"),
    ("atob", "base64.js", "atob"),
    ("btoa", "base64.js", "btoa"),
    ("caches", "cache.js", "caches"),
    ("clearImmediate", "timers.js", "clearImmediate"),
    ("clearInterval", "timers.js", "clearInterval"),
    ("clearTimeout", "timers.js", "clearTimeout"),
    ("console", "console.js", "console"),
    ("crypto", "crypto/index.js", "crypto"),
    ("dispatchEvent", "global_scope.js", "dispatchEvent"),
    ("fetch", "fetch.js", "fetch"),
    ("global", "global_scope.js", "global"),
    ("navigator", "navigator.js", "navigator"),
    ("onerror", "global_scope.js", "onerror"),
    ("onrejectionhandled", "global_scope.js", "onrejectionhandled"),
    ("onunhandledrejection", "global_scope.js", "onunhandledrejection"),
    ("performance", "performance.js", "performance"),
    ("process", "node/process.js", "process"),
    ("queueMicrotask", "global_scope.js", "queueMicrotask"),
    ("removeEventListener", "global_scope.js", "removeEventListener"),
    ("reportError", "global_scope.js", "reportError"),
    ("scheduler", "scheduler.js", "scheduler"),
    ("self", "global_scope.js", "self"),
    ("setImmediate", "timers.js", "setImmediate"),
    ("setInterval", "timers.js", "setInterval"),
    ("setTimeout", "timers.js", "setTimeout"),
    ("structuredClone", "structured_clone.js", "structuredClone"),
];

/// The value of a global of the platform, its module evaluated if it was not. `None` while that
/// module is being evaluated, which looks at the globals that it is about to define, and for
/// what is not to be had here.
pub(crate) fn make<'s>(scope: &mut Scope<'s>, name: &str) -> Result<Option<Local<'s>>, Throw> {
    let Ok(index) = GLOBALS.binary_search_by_key(&name, |(global, _, _)| global) else {
        return Ok(None);
    };
    let (_, module, export) = GLOBALS[index];
    let making = &scope.embedder::<Rc<Embedder>>().making;
    if making.borrow().contains(&module) {
        return Ok(None);
    }
    making.borrow_mut().push(module);
    let namespace = evaluate_platform_module(scope, module);
    making.borrow_mut().pop();
    let export = std::ffi::CString::new(export).unwrap_or_default();
    let value = scope.get(namespace?, &export)?;
    Ok((!value.is_undefined()).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::GLOBALS;

    #[test]
    fn each_global_is_there_once_and_in_its_place() {
        assert!(GLOBALS.is_sorted_by(|(one, ..), (next, ..)| one < next));
    }
}

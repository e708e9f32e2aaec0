//! The native functions of the platform; `js/ops.js` lists how they are called.

mod buffer;
mod compression;
mod console;
mod crypto;
mod encoding;
mod engine;
mod exchange;
mod random;
mod socket;
mod time;
mod url;

use insula_spidermonkey::{Local, Natives, Scope, Throw};

use crate::dispatch::Embedder;

/// Name, number of parameters, function. Sorted by name.
static OPS: Natives = &[
    (c"abortStream", 1, exchange::abort_stream),
    (c"atob", 1, encoding::atob),
    (c"bodyFollows", 1, exchange::body_follows),
    (c"btoa", 1, encoding::btoa),
    (c"bufferCompare", 6, buffer::compare),
    (c"bufferDecode", 4, buffer::decode),
    (c"bufferEncode", 2, buffer::encode),
    (c"bufferFill", 4, buffer::fill),
    (c"bufferIndexOf", 5, buffer::index_of),
    (c"bufferIsText", 2, buffer::is_text),
    (c"bufferSwap", 2, buffer::swap),
    (c"bufferUtf8Length", 1, buffer::utf8_length),
    (c"bufferWrite", 5, buffer::write),
    (c"builtinNames", 0, engine::builtin_names),
    (c"builtinPath", 1, engine::builtin_path),
    (c"classOf", 1, engine::class_of),
    (c"codecFree", 1, compression::codec_free),
    (c"codecNew", 5, compression::codec_new),
    (c"codecRun", 5, compression::codec_run),
    (c"connect", 2, socket::connect),
    (c"context", 0, engine::context),
    (c"contextStores", 0, engine::context_stores),
    (c"credit", 2, exchange::credit),
    (c"decoderDecode", 3, encoding::decoder_decode),
    (c"decoderNew", 3, encoding::decoder_new),
    (c"digest", 2, crypto::digest),
    (c"encodingName", 1, encoding::encoding_name),
    (c"enterStores", 1, engine::enter_stores),
    (c"fetch", 5, exchange::fetch),
    (c"findBytes", 3, encoding::find_bytes),
    (c"formDecode", 1, url::form_decode),
    (c"formEncode", 1, url::form_encode),
    (c"hashCopy", 1, crypto::hash_copy),
    (c"hashDigest", 1, crypto::hash_digest),
    (c"hashNew", 2, crypto::hash_new),
    (c"hashUpdate", 2, crypto::hash_update),
    (c"isArrayBufferDetached", 1, engine::is_array_buffer_detached),
    (c"loadModule", 1, engine::load_module),
    (c"loadedModule", 1, engine::loaded_module),
    (c"log", 2, console::log),
    (c"markPromiseHandled", 1, engine::mark_promise_handled),
    (c"memoryUsage", 0, engine::memory_usage),
    (c"now", 0, time::now),
    (c"objectKind", 1, engine::object_kind),
    (c"parentOf", 1, socket::parent_of),
    (c"promiseResult", 1, engine::promise_result),
    (c"promiseState", 1, engine::promise_state),
    (c"randomFill", 1, random::random_fill),
    (c"randomUUID", 0, random::random_uuid),
    (c"reportException", 1, console::report_exception),
    (c"requestDone", 1, exchange::request_done),
    (c"requestFailed", 3, exchange::request_failed),
    (c"respond", 5, exchange::respond),
    (c"respondSocket", 3, socket::respond),
    (c"scheduleTicks", 0, engine::schedule_ticks),
    (c"sendChunk", 3, exchange::send_chunk),
    (c"sendEnd", 1, exchange::send_end),
    (c"sendError", 2, exchange::send_error),
    (c"setContext", 1, engine::set_context),
    (c"socketClose", 3, socket::close),
    (c"socketEnd", 1, socket::end),
    (c"socketSend", 4, socket::send),
    (c"structuredClone", 2, engine::structured_clone),
    (c"timeOrigin", 0, time::time_origin),
    (c"timerCancel", 1, time::timer_cancel),
    (c"timerStart", 2, time::timer_start),
    (c"turn", 0, socket::turn),
    (c"urlParse", 3, url::parse),
    (c"urlSet", 4, url::set),
    (c"utf8Decode", 2, encoding::utf8_decode),
    (c"utf8Encode", 1, encoding::utf8_encode),
    (c"utf8EncodeInto", 3, encoding::utf8_encode_into),
    (c"variables", 0, engine::variables),
];

/// An object with all ops, of which none exists before it is used.
pub(crate) fn object<'s>(scope: &mut Scope<'s>) -> Result<Local<'s>, Throw> {
    scope.natives(&OPS)
}

fn embedder<'s>(scope: &Scope<'s>) -> &'s Embedder {
    scope.embedder::<std::rc::Rc<Embedder>>()
}

/// An argument that the platform passes as a stream number, id or count.
fn integer(value: Local<'_>) -> Result<u32, Throw> {
    value.as_u32().ok_or_else(|| Throw::TypeError("an unsigned integer is required".into()))
}

/// An argument that is a string, as UTF-8.
fn text(scope: &mut Scope<'_>, value: Local<'_>) -> Result<String, Throw> {
    scope.to_utf8(value)
}

/// An argument that is a `ByteString`, as bytes.
fn bytes_of_string(scope: &mut Scope<'_>, value: Local<'_>) -> Result<Vec<u8>, Throw> {
    use insula_spidermonkey::StringRef;
    scope.with_string(value, |string| match string {
        StringRef::Latin1(bytes) => Ok(bytes.to_vec()),
        StringRef::Utf16(units) => units
            .iter()
            .map(|&unit| u8::try_from(unit))
            .collect::<Result<_, _>>()
            .map_err(|_| Throw::TypeError("a ByteString is required".into())),
    })?
}

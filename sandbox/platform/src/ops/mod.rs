//! The native functions of the platform; `js/ops.js` lists how they are called.

mod buffer;
mod compression;
mod console;
mod crypto;
mod encoding;
mod engine;
mod exchange;
mod html_rewriter;
mod random;
mod socket;
mod time;
mod url;

use insula_spidermonkey::{Local, Natives, Scope, Throw};

pub(crate) use random::Randomness;

use crate::dispatch::Embedder;

/// Name, number of parameters, function. Sorted by name.
static OPS: Natives = &[
    (c"abortStream", 1, exchange::abort_stream),
    (c"aesCrypt", 7, crypto::aes_crypt),
    (c"aesUnwrap", 2, crypto::aes_unwrap),
    (c"aesWrap", 2, crypto::aes_wrap),
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
    (c"bytesCopy", 1, crypto::bytes_copy),
    (c"cipherAad", 2, crypto::cipher_aad),
    (c"cipherFinish", 3, crypto::cipher_finish),
    (c"cipherNew", 4, crypto::cipher_new),
    (c"cipherTag", 1, crypto::cipher_tag),
    (c"cipherUpdate", 2, crypto::cipher_update),
    (c"classOf", 1, engine::class_of),
    (c"codecFree", 1, compression::codec_free),
    (c"codecNew", 5, compression::codec_new),
    (c"codecRun", 5, compression::codec_run),
    (c"connect", 2, socket::connect),
    (c"context", 0, engine::context),
    (c"contextStores", 0, engine::context_stores),
    (c"copyMembers", 2, engine::copy_members),
    (c"credit", 2, exchange::credit),
    (c"decoderDecode", 3, encoding::decoder_decode),
    (c"decoderNew", 3, encoding::decoder_new),
    (c"digest", 2, crypto::digest),
    (c"ecDerive", 2, crypto::ec_derive),
    (c"ecExport", 2, crypto::ec_export),
    (c"ecExportJwk", 1, crypto::ec_export_jwk),
    (c"ecGenerate", 1, crypto::ec_generate),
    (c"ecImport", 3, crypto::ec_import),
    (c"ecImportJwk", 4, crypto::ec_import_jwk),
    (c"ecSign", 4, crypto::ec_sign),
    (c"ecVerify", 5, crypto::ec_verify),
    (c"ed25519Sign", 2, crypto::ed25519_sign),
    (c"ed25519Verify", 3, crypto::ed25519_verify),
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
    (c"hkdf", 5, crypto::hkdf),
    (c"hmacVerify", 4, crypto::hmac_verify),
    (c"intrinsic", 1, engine::intrinsic),
    (c"isArrayBufferDetached", 1, engine::is_array_buffer_detached),
    (c"keyKind", 2, crypto::key_kind),
    (c"loadModule", 1, engine::load_module),
    (c"loadedModule", 1, engine::loaded_module),
    (c"log", 2, console::log),
    (c"makeEnumerable", 1, engine::make_enumerable),
    (c"markPromiseHandled", 1, engine::mark_promise_handled),
    (c"memoryUsage", 0, engine::memory_usage),
    (c"newPromise", 0, engine::new_promise),
    (c"now", 0, time::now),
    (c"objectKind", 1, engine::object_kind),
    (c"okpExport", 2, crypto::okp_export),
    (c"okpExportJwk", 1, crypto::okp_export_jwk),
    (c"okpGenerate", 1, crypto::okp_generate),
    (c"okpImport", 3, crypto::okp_import),
    (c"okpImportJwk", 3, crypto::okp_import_jwk),
    (c"parentOf", 1, socket::parent_of),
    (c"pbkdf2", 5, crypto::pbkdf2),
    (c"promiseResult", 1, engine::promise_result),
    (c"promiseState", 1, engine::promise_state),
    (c"publicKeyOf", 1, crypto::public_key_of),
    (c"queueJob", 1, engine::queue_job),
    (c"queueJobUnder", 2, engine::queue_job_under),
    (c"randomFill", 1, random::random_fill),
    (c"randomUUID", 0, random::random_uuid),
    (c"react", 3, engine::react),
    (c"rejectPromise", 2, engine::reject_promise),
    (c"reportException", 1, console::report_exception),
    (c"requestDone", 1, exchange::request_done),
    (c"requestFailed", 3, exchange::request_failed),
    (c"resolvePromise", 2, engine::resolve_promise),
    (c"respond", 5, exchange::respond),
    (c"respondSocket", 3, socket::respond),
    (c"rewriterAct", 5, html_rewriter::rewriter_act),
    (c"rewriterFree", 1, html_rewriter::rewriter_free),
    (c"rewriterNew", 3, html_rewriter::rewriter_new),
    (c"rewriterOutput", 1, html_rewriter::rewriter_output),
    (c"rewriterPiece", 0, html_rewriter::rewriter_piece),
    (c"rewriterRun", 3, html_rewriter::rewriter_run),
    (c"rsaCheck", 2, crypto::rsa_check),
    (c"rsaDecrypt", 4, crypto::rsa_decrypt),
    (c"rsaDescribe", 1, crypto::rsa_describe),
    (c"rsaEncrypt", 4, crypto::rsa_encrypt),
    (c"rsaExport", 2, crypto::rsa_export),
    (c"rsaExportJwk", 1, crypto::rsa_export_jwk),
    (c"rsaGenerate", 2, crypto::rsa_generate),
    (c"rsaImport", 2, crypto::rsa_import),
    (c"rsaImportJwk", 8, crypto::rsa_import_jwk),
    (c"rsaSign", 5, crypto::rsa_sign),
    (c"rsaVerify", 6, crypto::rsa_verify),
    (c"scheduleTicks", 0, engine::schedule_ticks),
    (c"scrypt", 6, crypto::scrypt),
    (c"secretExport", 1, crypto::secret_export),
    (c"secretExportJwk", 1, crypto::secret_export_jwk),
    (c"secretGenerate", 1, crypto::secret_generate),
    (c"secretImport", 1, crypto::secret_import),
    (c"secretImportJwk", 1, crypto::secret_import_jwk),
    (c"secretLength", 1, crypto::secret_length),
    (c"selectorCheck", 1, html_rewriter::selector_check),
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
    (c"timingSafeEqual", 2, crypto::timing_safe_equal),
    (c"turn", 0, socket::turn),
    (c"urlParse", 3, url::parse),
    (c"urlSet", 4, url::set),
    (c"utf8Decode", 2, encoding::utf8_decode),
    (c"utf8Encode", 1, encoding::utf8_encode),
    (c"utf8EncodeInto", 3, encoding::utf8_encode_into),
    (c"variables", 0, engine::variables),
    (c"x25519Derive", 2, crypto::x25519_derive),
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

/// The bytes of an argument that is a buffer or a view.
fn copy_of(scope: &mut Scope<'_>, value: Local<'_>) -> Result<Vec<u8>, Throw> {
    let length = scope.with_bytes(value, |bytes| bytes.len())?;
    scope.require_memory(length)?;
    scope.with_bytes(value, <[u8]>::to_vec)
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

//! Hard caps on every length that crosses a wall. A frame that exceeds one is a protocol breach.
//!
//! Tenant limits (body size, bundle size, log bytes) are policy and live elsewhere; these caps
//! only bound what one frame can make the other side hold.

/// Bytes in a frame header.
pub const FRAME_HEADER: usize = 12;

/// Bytes in the payload of any frame but `Module`.
pub const FRAME_PAYLOAD: usize = 1 << 20;

/// Bytes in the payload of a `Module` frame: the largest permitted bundle and its name.
pub const MODULE_PAYLOAD: usize = (64 << 20) + MODULE_NAME + 64;

/// Bytes of a body that may travel inside its head frame.
pub const INLINE_BODY: usize = 64 << 10;

/// Bytes in one body chunk.
pub const CHUNK: usize = 64 << 10;

/// Bytes of one body that may be on their way before its reader grants more.
pub const INITIAL_CREDIT: u32 = 256 << 10;

/// Bytes of credit that may be outstanding for one body. Granting beyond it is a breach.
pub const MAX_CREDIT: u32 = 16 << 20;

/// Credit that a part of a WebSocket's message takes beside its bytes.
pub const PART_OVERHEAD: u32 = 64;

/// Credit that a part of `bytes` bytes takes.
pub const fn part_cost(bytes: usize) -> u32 {
    // It is at most a chunk long.
    bytes as u32 + PART_OVERHEAD
}

/// Bytes in the reason of a WebSocket's end (RFC 6455 §5.5: a control frame's payload, less the code).
pub const CLOSE_REASON: usize = 123;

/// Bytes in a request method.
pub const METHOD: usize = 64;

/// Bytes in a URL.
pub const URL: usize = 64 << 10;

/// Bytes in a header block.
pub const HEADERS: usize = 128 << 10;

/// Fields in a header block.
pub const HEADER_FIELDS: usize = 512;

/// Bytes in a status text.
pub const STATUS_TEXT: usize = 512;

/// Bytes in one log line or error text; longer ones are cut by their sender.
pub const TEXT: usize = 64 << 10;

/// Bytes in a module's name.
pub const MODULE_NAME: usize = 1 << 10;

/// Modules in one deployment.
pub const MODULES: usize = 4096;

/// Variables and secrets of one deployment.
pub const VARIABLES: usize = 1024;

/// Bytes in one control message.
pub const CONTROL: usize = 4 << 10;

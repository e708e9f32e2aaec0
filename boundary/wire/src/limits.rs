use crate::WireError;
use crate::codec::{Reader, Writer, wire_enum};

wire_enum! {
    /// How requests share an isolate; the tenant's choice.
    pub enum ReuseMode ("reuse mode") {
        /// One isolate serves many requests at once.
        Shared = 0,
        /// One isolate serves many requests, one at a time.
        Sequential = 1,
        /// Each request gets an isolate of its own.
        Oneshot = 2,
    }
}

/// What one isolate may use, as far as the inside of the wall enforces it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IsolateLimits {
    /// CPU time per request, in microseconds of the isolate's thread.
    pub cpu_request_us: u64,
    /// CPU time per request after which the host hears of it, in microseconds; 0 for never.
    pub cpu_soft_us: u64,
    /// CPU time for top-level evaluation, in microseconds of the isolate's thread.
    pub cpu_startup_us: u64,
    /// Bytes of engine heap.
    pub memory_bytes: u64,
    /// Bytes of log per request; what exceeds it is dropped inside and marked.
    pub log_bytes: u32,
    /// How requests share the isolate.
    pub reuse: ReuseMode,
    /// Whether WebAssembly may be compiled from bytes at run time.
    pub wasm: bool,
}

impl IsolateLimits {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Self {
            cpu_request_us: reader.u64("cpu per request")?,
            cpu_soft_us: reader.u64("soft cpu per request")?,
            cpu_startup_us: reader.u64("cpu at start-up")?,
            memory_bytes: reader.u64("memory")?,
            log_bytes: reader.u32("log bytes")?,
            reuse: ReuseMode::read(reader)?,
            wasm: reader.bool("wasm")?,
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.u64(self.cpu_request_us);
        writer.u64(self.cpu_soft_us);
        writer.u64(self.cpu_startup_us);
        writer.u64(self.memory_bytes);
        writer.u32(self.log_bytes);
        self.reuse.write(writer);
        writer.bool(self.wasm);
    }
}

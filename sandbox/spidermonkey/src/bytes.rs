use std::ffi::c_void;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::ops::{Deref, DerefMut, Range};
use std::ptr::{self, NonNull};

use mozjs::jsapi::{
    GCOptions, GCReason, GetArrayBufferByteLength, GetArrayBufferData, IsArrayBufferObject,
    IsDetachedArrayBufferObject, JS_GetArrayBufferViewByteLength, JS_GetArrayBufferViewData,
    JS_GetUint8ArrayData, JS_IsArrayBufferViewObject, JS_NewStringCopyN, JS_NewUint8Array,
    JS_NewUint8ArrayWithBuffer, NewArrayBuffer, NewArrayBufferWithContents, NonIncrementalGC,
    PrepareForFullGC,
};
use mozjs::rooted;

use crate::exception::Throw;
use crate::local::Local;
use crate::scope::Scope;

impl<'s> Scope<'s> {
    /// A new `Uint8Array` that holds a copy of `bytes`.
    ///
    /// # Errors
    ///
    /// Out of memory.
    pub fn uint8_array(&mut self, bytes: &[u8]) -> Result<Local<'s>, Throw> {
        if bytes.len() > FEW {
            let buffer = self.array_buffer(bytes)?;
            return self.uint8_array_over(buffer, bytes.len());
        }
        self.announce_buffers()?;
        // The fewest of them lie in the array itself, without a buffer.
        // SAFETY: the context is live and a realm is entered; the copy goes to the data of a new
        // array of exactly this length before anything can collect.
        unsafe {
            let array = JS_NewUint8Array(self.cx(), bytes.len());
            if array.is_null() {
                return Err(Throw::Pending);
            }
            let mut shared = false;
            let data = JS_GetUint8ArrayData(array, &mut shared, ptr::null());
            if !bytes.is_empty() {
                ptr::copy_nonoverlapping(bytes.as_ptr(), data, bytes.len());
            }
            Ok(self.root_object(array))
        }
    }

    /// A new `Uint8Array` of `memory`, which is not copied.
    ///
    /// # Errors
    ///
    /// Out of memory.
    pub fn uint8_array_of(&mut self, memory: Memory) -> Result<Local<'s>, Throw> {
        if memory.is_empty() {
            return self.uint8_array(&[]);
        }
        let length = memory.len();
        let buffer = self.array_buffer_of(memory)?;
        self.uint8_array_over(buffer, length)
    }

    /// A new `Uint8Array` over the first `length` bytes of an `ArrayBuffer`.
    ///
    /// # Errors
    ///
    /// Out of memory. [`Throw::TypeError`] when `buffer` is none, [`Throw::RangeError`] when it is shorter.
    pub fn uint8_array_over(
        &mut self,
        buffer: Local<'_>,
        length: usize,
    ) -> Result<Local<'s>, Throw> {
        let cx = self.cx();
        let object = buffer.object_ptr().map_or(ptr::null_mut(), |object| object.as_ptr());
        // SAFETY: `buffer` keeps its object rooted; the class is checked before the engine is given
        // it as an array buffer, which then checks the length against the buffer's.
        unsafe {
            if object.is_null() || !IsArrayBufferObject(object) {
                return Err(Throw::TypeError("an ArrayBuffer is required".into()));
            }
            if GetArrayBufferByteLength(object) < length {
                return Err(Throw::RangeError("the ArrayBuffer is too short".into()));
            }
            rooted!(in(cx) let object = object);
            let array = JS_NewUint8ArrayWithBuffer(cx, object.handle().into(), 0, length as i64);
            if array.is_null() {
                return Err(Throw::Pending);
            }
            Ok(self.root_object(array))
        }
    }

    /// A new `ArrayBuffer` that holds a copy of `bytes`.
    ///
    /// # Errors
    ///
    /// Out of memory.
    pub fn array_buffer(&mut self, bytes: &[u8]) -> Result<Local<'s>, Throw> {
        self.announce_buffers()?;
        // SAFETY: the engine allocates the buffer itself; the copy goes to the data of an
        // unshared buffer of exactly this length before anything can collect.
        unsafe {
            let buffer = NewArrayBuffer(self.cx(), bytes.len());
            if buffer.is_null() {
                return Err(Throw::Pending);
            }
            let mut shared = false;
            let data = GetArrayBufferData(buffer, &mut shared, ptr::null());
            if !bytes.is_empty() {
                ptr::copy_nonoverlapping(bytes.as_ptr(), data, bytes.len());
            }
            Ok(self.root_object(buffer))
        }
    }

    /// Fails when the isolate may not take so many bytes more, even after a collection. For what Rust allocates and no
    /// account refuses: ask before an op takes much at once.
    ///
    /// # Errors
    ///
    /// A `RangeError` when there is no memory.
    pub fn require_memory(&mut self, bytes: usize) -> Result<(), Throw> {
        /// Less than this is no harm.
        const LITTLE: usize = 1 << 20;
        if bytes < LITTLE || is_room_for(bytes) {
            return Ok(());
        }
        // SAFETY: the context is live, and what this scope holds is rooted.
        unsafe {
            PrepareForFullGC(self.cx());
            NonIncrementalGC(self.cx(), GCOptions::Normal, GCReason::API);
        }
        if is_room_for(bytes) { Ok(()) } else { Err(Throw::RangeError("out of memory".into())) }
    }

    /// Lets `read` see the bytes of an `ArrayBuffer` or of a view. It cannot reach the engine
    /// while it looks, so the bytes do not move.
    ///
    /// # Errors
    ///
    /// [`Throw::TypeError`] for anything else, and for shared memory.
    pub fn with_bytes<R>(
        &mut self,
        value: Local<'_>,
        read: impl FnOnce(&[u8]) -> R,
    ) -> Result<R, Throw> {
        self.with_bytes_mut(value, |bytes| read(bytes))
    }

    /// As [`with_bytes`](Self::with_bytes), for writing.
    ///
    /// # Errors
    ///
    /// As [`with_bytes`](Self::with_bytes).
    pub fn with_bytes_mut<R>(
        &mut self,
        value: Local<'_>,
        write: impl FnOnce(&mut [u8]) -> R,
    ) -> Result<R, Throw> {
        let not_bytes = || Throw::TypeError("an ArrayBuffer or a view is required".into());
        let object = value.object_ptr().ok_or_else(not_bytes)?.as_ptr();
        let mut shared = false;
        // SAFETY: `object` is rooted by `value`. The data pointer stays good until the engine
        // runs again, which `write` cannot make it do: `self` is borrowed. No other thread sees
        // the memory, since shared memory is refused.
        unsafe {
            let (data, length) = if JS_IsArrayBufferViewObject(object) {
                let length = JS_GetArrayBufferViewByteLength(object);
                (JS_GetArrayBufferViewData(object, &mut shared, ptr::null()).cast::<u8>(), length)
            } else if IsArrayBufferObject(object) {
                let length = GetArrayBufferByteLength(object);
                (GetArrayBufferData(object, &mut shared, ptr::null()), length)
            } else {
                return Err(not_bytes());
            };
            if shared {
                return Err(Throw::TypeError("shared memory is not allowed here".into()));
            }
            if data.is_null() || length == 0 {
                return Ok(write(&mut []));
            }
            Ok(write(std::slice::from_raw_parts_mut(data, length)))
        }
    }

    /// Whether `value` is an `ArrayBuffer` whose memory was taken away.
    pub fn is_detached(&self, value: Local<'_>) -> bool {
        // SAFETY: the object is rooted by `value`; the call only reads its header.
        value
            .object_ptr()
            .is_some_and(|object| unsafe { IsDetachedArrayBufferObject(object.as_ptr()) })
    }

    /// A new `ArrayBuffer` of memory that `fill` writes first, without a second copy.
    ///
    /// # Errors
    ///
    /// Out of memory.
    pub fn array_buffer_filled(
        &mut self,
        length: usize,
        fill: impl FnOnce(&mut [u8]),
    ) -> Result<Local<'s>, Throw> {
        if length == 0 {
            return self.array_buffer(&[]);
        }
        let mut memory = Memory::zeroed(length)?;
        fill(&mut memory);
        self.array_buffer_of(memory)
    }

    fn array_buffer_of(&mut self, memory: Memory) -> Result<Local<'s>, Throw> {
        self.announce_buffers()?;
        // SAFETY: the memory comes from the allocator that the engine frees it with (`free`) and
        // has this length; nothing else owns it from here on, and it is freed here when the engine
        // does not take it.
        unsafe {
            let memory = ManuallyDrop::new(memory);
            let start = memory.start.as_ptr().cast::<c_void>();
            let buffer = NewArrayBufferWithContents(self.cx(), memory.length, start);
            if buffer.is_null() {
                drop(ManuallyDrop::into_inner(memory));
                return Err(Throw::Pending);
            }
            Ok(self.root_object(buffer))
        }
    }

    /// A string of bytes of an `ArrayBuffer` or of a view, each one a character, copied once; empty when there
    /// are not so many.
    ///
    /// # Errors
    ///
    /// As [`with_bytes`](Self::with_bytes); out of memory.
    pub fn latin1_of(&mut self, value: Local<'_>, range: Range<usize>) -> Result<Local<'s>, Throw> {
        let mut few = MaybeUninit::<[u8; MOVABLE]>::uninit();
        let (data, length) = self.with_bytes(value, |bytes| {
            let bytes = bytes.get(range).unwrap_or_default();
            if bytes.len() <= MOVABLE {
                // SAFETY: there is room for so many, in a place that nobody else knows.
                unsafe {
                    ptr::copy_nonoverlapping(bytes.as_ptr(), few.as_mut_ptr().cast(), bytes.len())
                };
            }
            (bytes.as_ptr(), bytes.len())
        })?;
        if length <= MOVABLE {
            // SAFETY: so many were written just now.
            return self.latin1(unsafe { std::slice::from_raw_parts(few.as_ptr().cast(), length) });
        }
        // SAFETY: more bytes than `MOVABLE` are neither in an object nor in the nursery, where a collection
        // would move them, but in memory of the buffer, which `value` keeps alive; the engine runs no
        // script while it copies them, so nobody detaches or shrinks it.
        let string = unsafe { JS_NewStringCopyN(self.cx(), data.cast(), length) };
        NonNull::new(string).map(|string| self.root_string(string)).ok_or(Throw::Pending)
    }
}

/// A collection can move the bytes of an array or a buffer only if they are at most so many: objects keep up to
/// 96 bytes in themselves, and a typed array that machine code has made keeps what the engine calls
/// `Nursery::MaxNurseryBufferSize` in the nursery.
const MOVABLE: usize = 1024;

/// A `Uint8Array` of more bytes than this is made of a buffer.
const FEW: usize = 256;

/// Whether the isolate may take so many bytes more.
fn is_room_for(bytes: usize) -> bool {
    // SAFETY: plain allocation, freed at once and never touched; without the black box there would be none.
    unsafe {
        let block = std::hint::black_box(libc::malloc(bytes));
        libc::free(block);
        !block.is_null()
    }
}

/// Memory that can become an `ArrayBuffer`'s.
#[derive(Debug)]
pub struct Memory {
    /// From `calloc`; `length` bytes of it are initialised and nobody else's.
    start: NonNull<u8>,
    length: usize,
}

impl Memory {
    /// So many zeros; at least one.
    ///
    /// # Errors
    ///
    /// A `RangeError` when there is no memory.
    pub fn zeroed(length: usize) -> Result<Self, Throw> {
        // SAFETY: plain allocation; what it returns is checked.
        let start = NonNull::new(unsafe { libc::calloc(length.max(1), 1) }.cast::<u8>());
        let start = start.ok_or_else(|| Throw::RangeError("out of memory".into()))?;
        Ok(Self { start, length })
    }

    /// Keeps the first `length` bytes.
    pub fn truncate(&mut self, length: usize) {
        if length >= self.length {
            return;
        }
        self.length = length;
        // SAFETY: `start` came from this allocator and is replaced by what `realloc` made of it;
        // when it made nothing, the old memory is as it was.
        let shrunk = unsafe { libc::realloc(self.start.as_ptr().cast(), length.max(1)) };
        if let Some(shrunk) = NonNull::new(shrunk.cast::<u8>()) {
            self.start = shrunk;
        }
    }
}

impl Deref for Memory {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: the type's invariant.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.length) }
    }
}

impl DerefMut for Memory {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: the type's invariant.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.length) }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: `start` came from this allocator, and nobody else frees it.
        unsafe { libc::free(self.start.as_ptr().cast()) }
    }
}

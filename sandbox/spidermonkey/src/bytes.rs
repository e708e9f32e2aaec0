use std::ffi::c_void;
use std::ptr;

use mozjs::jsapi::{
    GetArrayBufferByteLength, GetArrayBufferData, IsArrayBufferObject, IsDetachedArrayBufferObject,
    JS_GetArrayBufferViewByteLength, JS_GetArrayBufferViewData, JS_IsArrayBufferViewObject,
    JS_NewUint8ArrayWithBuffer, NewArrayBuffer, NewArrayBufferWithContents,
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
        let buffer = self.array_buffer(bytes)?;
        self.uint8_array_over(buffer, bytes.len())
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
        // SAFETY: the memory comes from the allocator that the engine frees it with (`free`), is
        // zeroed, and has exactly this length; it is freed here when the engine does not take it.
        unsafe {
            let memory = libc::calloc(length, 1);
            if memory.is_null() {
                return Err(Throw::RangeError("out of memory".into()));
            }
            fill(std::slice::from_raw_parts_mut(memory.cast::<u8>(), length));
            let buffer = NewArrayBufferWithContents(self.cx(), length, memory.cast::<c_void>());
            if buffer.is_null() {
                libc::free(memory);
                return Err(Throw::Pending);
            }
            Ok(self.root_object(buffer))
        }
    }
}

use std::ffi::{CStr, c_void};

use mozjs::jsapi::{JS_HasOwnProperty, ToJSON};
use mozjs::rooted;

use crate::local::Local;
use crate::scope::Scope;

/// Errors that are followed from one, over `cause` and `errors`.
const ERRORS: usize = 10;

/// Characters of one of their texts.
const TEXT: usize = 1000;

/// Code units of an object as JSON.
const JSON: usize = 1000;

impl<'s> Scope<'s> {
    /// The errors behind `exception`, one after another: a line that says what it is, then its
    /// stack. Can run tenant code.
    pub(crate) fn causes_of(&mut self, exception: Local<'_>) -> String {
        let mut told = String::new();
        let mut left = ERRORS;
        self.tell_causes(exception, &mut left, &mut told);
        told
    }

    fn tell_causes(&mut self, error: Local<'_>, left: &mut usize, told: &mut String) {
        // Anything else may be a proxy, or have a `cause` of its own that means something else.
        if self.class_name(error) != "Error" {
            return;
        }
        let mut scope = self.nested();
        if let Some(cause) = scope.own(error, c"cause") {
            scope.tell("caused by", cause, left, told);
        }
        let Some(errors) = scope.own(error, c"errors") else { return };
        for index in 0..scope.array_length(errors).unwrap_or(0) {
            if *left == 0 || scope.is_terminated() {
                return;
            }
            let mut scope = scope.nested();
            let Ok(inner) = scope.get_index(errors, index) else {
                // Its length is the tenant's to say, and each of them may throw.
                scope.forget_exception();
                return;
            };
            scope.tell("one of them", inner, left, told);
        }
    }

    fn tell(&mut self, how: &str, error: Local<'_>, left: &mut usize, told: &mut String) {
        if *left == 0 {
            return;
        }
        *left -= 1;
        let text = self.error_text(error).unwrap_or_else(|| "undefined".to_owned());
        // One line: what follows would pass for frames.
        let text: String = text.lines().next().unwrap_or_default().chars().take(TEXT).collect();
        let stack = self.stack_of(error);
        for line in [format!("{how}: {text}").as_str(), &stack] {
            if !line.is_empty() {
                told.push('\n');
                told.push_str(line);
            }
        }
        self.tell_causes(error, left, told);
    }

    /// `object[name]`, if that is a property of its own and reading it does not throw.
    fn own(&mut self, object: Local<'_>, name: &CStr) -> Option<Local<'s>> {
        let pointer = object.object_ptr()?;
        let cx = self.cx();
        let mut has = false;
        // SAFETY: the object is rooted here, the name ends in NUL, the out pointer is live.
        let asked = unsafe {
            rooted!(in(cx) let target = pointer.as_ptr());
            JS_HasOwnProperty(cx, target.handle().into(), name.as_ptr(), &mut has)
        };
        if !asked {
            self.forget_exception();
            return None;
        }
        if !has {
            return None;
        }
        match self.get(object, name) {
            Ok(value) => Some(value),
            Err(_) => {
                self.forget_exception();
                None
            }
        }
    }

    /// An object as JSON, cut to what a reader needs; `None` when it cannot be written so. Can
    /// run tenant code.
    pub(crate) fn json_of(&mut self, object: Local<'_>) -> Option<String> {
        let undefined = self.undefined();
        let cx = self.cx();
        let mut units: Vec<u16> = Vec::new();
        // SAFETY: value and space are rooted, there is no replacer; the engine calls `append`
        // during this call only, with the pointer to `units`, which nothing else uses meanwhile.
        let written = unsafe {
            rooted!(in(cx) let replacer = std::ptr::null_mut::<mozjs::jsapi::JSObject>());
            let data = (&raw mut units).cast();
            ToJSON(cx, object.raw(), replacer.handle().into(), undefined.raw(), Some(append), data)
        };
        if !written {
            self.forget_exception();
            return None;
        }
        Some(String::from_utf16_lossy(&units))
    }
}

/// Called by the engine with the whole text. Must not unwind.
unsafe extern "C" fn append(text: *const u16, length: u32, data: *mut c_void) -> bool {
    // SAFETY: the engine passes `length` units at `text`, and the pointer that `json_of` gave it.
    unsafe {
        let units = &mut *data.cast::<Vec<u16>>();
        let room = JSON.saturating_sub(units.len());
        units.extend_from_slice(std::slice::from_raw_parts(text, (length as usize).min(room)));
    }
    true
}

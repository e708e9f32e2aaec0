use std::fmt;
use std::ptr;

use mozjs::jsapi::{
    BuildStackString, ExceptionStackBehavior, ExceptionStackOrNull, JS_ClearPendingException,
    JS_IsExceptionPending, JS_SetPendingException, MutableHandle, StackFormat,
};
use mozjs::rooted;
use mozjs::rust::error_info_from_exception_stack;

use crate::local::Local;
use crate::scope::Scope;

/// Why a call into JavaScript, or an op, did not complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Throw {
    /// The engine knows: an exception is pending, or the isolate was terminated.
    Pending,
    /// An op throws a `TypeError` with this message.
    TypeError(String),
    /// An op throws a `RangeError` with this message.
    RangeError(String),
}

impl fmt::Display for Throw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pending => f.write_str("an exception is pending"),
            Self::TypeError(message) => write!(f, "TypeError: {message}"),
            Self::RangeError(message) => write!(f, "RangeError: {message}"),
        }
    }
}

impl std::error::Error for Throw {}

/// What a failed call left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Thrown {
    /// An exception.
    Exception(ErrorInfo),
    /// The isolate was terminated; it runs no more JavaScript.
    Terminated,
}

/// An exception, as data.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ErrorInfo {
    /// `TypeError: x is not a function`.
    pub message: String,
    /// The stack, one frame a line; may be empty. Errors behind this one follow, each with a
    /// line that says what it is and its stack.
    pub stack: String,
    /// The name that the source was compiled under; empty when unknown.
    pub file: String,
    /// From 1; 0 when unknown.
    pub line: u32,
    /// From 1; 0 when unknown.
    pub column: u32,
}

impl<'s> Scope<'s> {
    /// Takes what `throw` stands for out of the engine, which is then ready for the next call.
    /// Converting an exception to text can run tenant code.
    pub fn take_exception(&mut self, throw: Throw) -> Thrown {
        match throw {
            Throw::Pending => {}
            Throw::TypeError(message) => return Thrown::Exception(named("TypeError", &message)),
            Throw::RangeError(message) => return Thrown::Exception(named("RangeError", &message)),
        }
        if self.is_terminated() {
            // SAFETY: the context is live.
            unsafe { JS_ClearPendingException(self.cx()) };
            return Thrown::Terminated;
        }
        Thrown::Exception(self.take_pending())
    }

    /// An error value (or anything that was thrown or rejected with), as data.
    pub fn describe_error(&mut self, error: Local<'_>) -> ErrorInfo {
        self.set_pending(error);
        self.take_pending()
    }

    /// Makes `value` the pending exception.
    pub fn throw(&mut self, value: Local<'_>) -> Throw {
        self.set_pending(value);
        Throw::Pending
    }

    fn set_pending(&mut self, value: Local<'_>) {
        // SAFETY: the context is live and the value rooted.
        unsafe {
            JS_SetPendingException(self.cx(), value.raw(), ExceptionStackBehavior::Capture);
        }
    }

    fn take_pending(&mut self) -> ErrorInfo {
        let mut scope = self.nested();
        let cx = scope.cx();
        // SAFETY: the context is live.
        if !unsafe { JS_IsExceptionPending(cx) } {
            return named("Error", "the isolate stopped without an exception");
        }
        rooted!(in(cx) let mut value = mozjs::jsval::UndefinedValue());
        let info = error_info_from_exception_stack(&mut scope.safe_cx(), value.handle_mut());
        let exception = scope.root(value.get());
        let stack = scope.stack_of(exception) + &scope.causes_of(exception);
        let text = scope.error_text(exception);
        // SAFETY: the context is live; whatever converting the exception threw is dropped.
        unsafe { JS_ClearPendingException(cx) };
        match info {
            Some(info) => ErrorInfo {
                message: text.unwrap_or(info.message),
                stack,
                file: info.filename,
                line: info.line,
                column: info.col,
            },
            None => named("InternalError", "out of memory"),
        }
    }

    /// `String(exception)`, if that does not throw in turn; for objects that do not say what they
    /// are, their content.
    pub(crate) fn error_text(&mut self, exception: Local<'_>) -> Option<String> {
        if exception.is_undefined() {
            return None;
        }
        let text = match self.to_string(exception) {
            Ok(string) => self.to_utf8(string).ok().filter(|text| !text.is_empty()),
            Err(_) => {
                self.forget_exception();
                None
            }
        };
        let says_nothing = text.as_ref().is_none_or(|text| text.starts_with("[object "));
        if says_nothing && exception.is_object() { self.json_of(exception).or(text) } else { text }
    }

    /// Drops what a conversion threw: there is something else to tell.
    pub(crate) fn forget_exception(&mut self) {
        // SAFETY: the context is live.
        unsafe { JS_ClearPendingException(self.cx()) };
    }

    /// The stack that the engine captured with an error object, without running tenant code.
    pub(crate) fn stack_of(&mut self, exception: Local<'_>) -> String {
        let Some(object) = exception.object_ptr() else { return String::new() };
        let cx = self.cx();
        let (text, out) = self.out();
        // SAFETY: `object` is rooted by `exception`, then again here; the string is put into a
        // traced slot before anything else runs.
        unsafe {
            rooted!(in(cx) let object = object.as_ptr());
            rooted!(in(cx) let stack = ExceptionStackOrNull(object.handle().into()));
            if stack.is_null() {
                return String::new();
            }
            rooted!(in(cx) let mut string = ptr::null_mut::<mozjs::jsapi::JSString>());
            if !BuildStackString(
                cx,
                ptr::null_mut(),
                stack.handle().into(),
                string.handle_mut().into(),
                0,
                StackFormat::Default,
            ) {
                JS_ClearPendingException(cx);
                return String::new();
            }
            let Some(string) = string.get().as_ref() else { return String::new() };
            let out: MutableHandle<mozjs::jsapi::Value> = out;
            *out.ptr = mozjs::jsval::StringValue(string);
        }
        self.to_utf8(text).unwrap_or_default().trim_end().to_owned()
    }
}

fn named(class: &str, message: &str) -> ErrorInfo {
    ErrorInfo { message: format!("{class}: {message}"), ..ErrorInfo::default() }
}

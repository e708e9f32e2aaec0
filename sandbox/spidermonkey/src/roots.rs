//! The slots that the collector traces: the ground under [`Local`](crate::Local) and
//! [`Persistent`](crate::Persistent).

use std::cell::{Cell, RefCell, UnsafeCell};
use std::ptr::NonNull;

use mozjs::gc::{Rootable, Traceable};
use mozjs::glue::CallValueRootTracer;
use mozjs::jsapi::{JSContext, JSTracer, Rooted, Value};
use mozjs::jsval::UndefinedValue;

/// Slots per chunk. Small: every idle isolate keeps at least one chunk.
const CHUNK: usize = 128;

/// One traced value. It is only read and written on the isolate's thread.
type Slot = UnsafeCell<Value>;

/// Two sets of traced slots: a stack for scopes, and a table for persistents.
///
/// The table is registered as a stack root of the engine (`Rooted`, kind *traceable*), not as an
/// embedder root, because only stack roots are traced by minor collections: slots then need no
/// write barriers. It is the first such root of its context, so last-in-first-out holds.
pub(crate) struct RootTable {
    /// Chunks never move, so a slot's address stays good for as long as the table lives.
    #[expect(clippy::vec_box, reason = "slots must stay where they are when the list grows")]
    chunks: RefCell<Vec<Box<[Slot; CHUNK]>>>,
    /// Slots of the stack in use. Those above are neither traced nor read.
    depth: Cell<usize>,
    persistent: RefCell<Vec<Slot>>,
    free: RefCell<Vec<u32>>,
    /// Holds `undefined`, always: what is there for everybody need not be pushed, nor traced.
    undefined: Slot,
}

impl Default for RootTable {
    fn default() -> Self {
        Self {
            chunks: RefCell::default(),
            depth: Cell::default(),
            persistent: RefCell::default(),
            free: RefCell::default(),
            undefined: UnsafeCell::new(UndefinedValue()),
        }
    }
}

impl RootTable {
    /// Pushes a value on the stack.
    pub(crate) fn push(&self, value: Value) -> NonNull<Value> {
        let depth = self.depth.get();
        let mut chunks = self.chunks.borrow_mut();
        if depth == chunks.len() * CHUNK {
            chunks.push(Box::new([const { UnsafeCell::new(Value { asBits_: 0 }) }; CHUNK]));
        }
        let slot = &chunks[depth / CHUNK][depth % CHUNK];
        // SAFETY: the slot is above `depth`, so no trace and no `Local` in a live scope reads it
        // now; writing and tracing happen on one thread (the table is not `Sync`).
        unsafe { *slot.get() = value };
        self.depth.set(depth + 1);
        NonNull::from(slot).cast()
    }

    /// A slot that holds `undefined`.
    pub(crate) fn undefined(&self) -> NonNull<Value> {
        NonNull::from(&self.undefined).cast()
    }

    /// Slots of the stack in use: the mark to give to [`pop_to`](Self::pop_to).
    pub(crate) fn depth(&self) -> usize {
        self.depth.get()
    }

    /// Forgets the slots above `mark`, and gives back chunks that a burst needed.
    pub(crate) fn pop_to(&self, mark: usize) {
        debug_assert!(mark <= self.depth.get());
        self.depth.set(mark);
        if mark == 0 {
            let mut chunks = self.chunks.borrow_mut();
            if chunks.len() > 8 {
                chunks.truncate(1);
            }
        }
    }

    /// Keeps a value until [`release`](Self::release).
    pub(crate) fn keep(&self, value: Value) -> u32 {
        if let Some(index) = self.free.borrow_mut().pop() {
            self.replace(index, value);
            return index;
        }
        let mut persistent = self.persistent.borrow_mut();
        persistent.push(UnsafeCell::new(value));
        (persistent.len() - 1) as u32
    }

    /// The kept value.
    pub(crate) fn kept(&self, index: u32) -> Value {
        // SAFETY: the slot is only written by `keep`, `release` and the collector, all on this
        // thread, and none of them runs during this read.
        unsafe { *self.persistent.borrow()[index as usize].get() }
    }

    /// Keeps another value in the same place.
    pub(crate) fn replace(&self, index: u32, value: Value) {
        *self.persistent.borrow_mut()[index as usize].get_mut() = value;
    }

    /// Stops keeping the value.
    pub(crate) fn release(&self, index: u32) {
        self.replace(index, UndefinedValue());
        self.free.borrow_mut().push(index);
    }
}

// SAFETY: `trace` visits every slot that a `Local` in a live scope or a `Persistent` can read.
unsafe impl Traceable for RootTable {
    unsafe fn trace(&self, trc: *mut JSTracer) {
        let mut left = self.depth.get();
        for chunk in self.chunks.borrow().iter() {
            for slot in &chunk[..left.min(CHUNK)] {
                // SAFETY: the engine calls this with a live tracer while the isolate's thread is
                // inside the engine, so nobody else reads or writes the slot.
                unsafe { CallValueRootTracer(trc, slot.get(), c"local".as_ptr()) };
            }
            left = left.saturating_sub(CHUNK);
        }
        for slot in self.persistent.borrow().iter() {
            // SAFETY: as above.
            unsafe { CallValueRootTracer(trc, slot.get(), c"persistent".as_ptr()) };
        }
    }
}

impl Rootable for RootTable {}

/// A [`RootTable`] that the engine traces for as long as this value lives.
pub(crate) struct RegisteredRoots {
    rooted: NonNull<Rooted<RootTable>>,
}

impl RegisteredRoots {
    /// Registers an empty table.
    ///
    /// # Safety
    ///
    /// `cx` is the live context of this thread; no traceable stack root is registered on it; the
    /// value is dropped before the context is destroyed, when no other such root is left.
    pub(crate) unsafe fn register(cx: *mut JSContext) -> Self {
        let rooted = Box::into_raw(Box::new(Rooted::new_unrooted(RootTable::default())));
        // SAFETY: the box does not move until `drop`; the caller upholds the order of roots.
        unsafe {
            Rooted::add_to_root_stack(rooted, cx);
            Self { rooted: NonNull::new_unchecked(rooted) }
        }
    }

    pub(crate) fn table(&self) -> &RootTable {
        // SAFETY: the box lives as long as `self`; the engine only takes shared access to it.
        unsafe { &self.rooted.as_ref().data }
    }
}

impl Drop for RegisteredRoots {
    fn drop(&mut self) {
        // SAFETY: `register` made the box and put it on the root stack; its caller upholds that
        // it is on top again now.
        unsafe {
            (*self.rooted.as_ptr()).remove_from_root_stack();
            drop(Box::from_raw(self.rooted.as_ptr()));
        }
    }
}

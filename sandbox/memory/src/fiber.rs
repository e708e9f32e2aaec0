use std::cell::Cell;
use std::io;
use std::ptr::NonNull;

use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, CoroutineResult, Yielder};

/// Work on a stack of its own, which can stop in the middle, wait for what it needs, and go on.
///
/// For libraries that call back and want an answer at once, where the answer comes later. The stack
/// is a mapping, charged as every other.
pub struct Fiber<I: 'static, O: 'static, R: 'static> {
    id: u64,
    coroutine: Coroutine<I, O, R>,
}

/// What became of the work.
#[derive(Debug, PartialEq, Eq)]
pub enum Step<O, R> {
    /// It waits, and said this.
    Waits(O),
    /// It is over.
    Over(R),
}

/// How the work in a fiber stops. It can be kept anywhere, and used only within its fiber.
pub struct Pause<I, O> {
    id: u64,
    /// Invariant: it points into the frame that runs the fiber's work, which lasts as long as the
    /// work does.
    yielder: NonNull<Yielder<I, O>>,
}

impl<I, O> Clone for Pause<I, O> {
    fn clone(&self) -> Self {
        Self { id: self.id, yielder: self.yielder }
    }
}

thread_local! {
    /// The fiber on whose stack this thread is; 0 for its own.
    static CURRENT: Cell<u64> = const { Cell::new(0) };
    static LAST: Cell<u64> = const { Cell::new(0) };
}

impl<I, O, R> Fiber<I, O, R> {
    /// Work that begins at the first [`resume`](Self::resume), with a stack of this many bytes and a
    /// page behind it that ends the process when it is touched.
    ///
    /// # Errors
    ///
    /// No memory, or no mapping.
    pub fn new(
        stack_bytes: usize,
        work: impl FnOnce(&Pause<I, O>, I) -> R + 'static,
    ) -> io::Result<Self> {
        let stack = DefaultStack::new(stack_bytes)?;
        let id = LAST.get() + 1;
        LAST.set(id);
        let coroutine = Coroutine::with_stack(stack, move |yielder, first| {
            let pause = Pause { id, yielder: NonNull::from(yielder) };
            work(&pause, first)
        });
        Ok(Self { id, coroutine })
    }

    /// Whether the work is over, so that it must not be resumed.
    pub fn is_over(&self) -> bool {
        self.coroutine.done()
    }

    /// Lets the work begin, or go on with `value`, until it waits or is over.
    ///
    /// # Panics
    ///
    /// When it is over already, or as the work panics.
    pub fn resume(&mut self, value: I) -> Step<O, R> {
        /// Says where the thread is also when the work panics.
        struct Back(u64);
        impl Drop for Back {
            fn drop(&mut self) {
                CURRENT.set(self.0);
            }
        }
        let _back = Back(CURRENT.replace(self.id));
        match self.coroutine.resume(value) {
            CoroutineResult::Yield(said) => Step::Waits(said),
            CoroutineResult::Return(result) => Step::Over(result),
        }
    }
}

impl<I, O> Pause<I, O> {
    /// Stops until the fiber is resumed, which says with what.
    ///
    /// # Panics
    ///
    /// Outside of its fiber.
    pub fn wait(&self, value: O) -> I {
        assert_eq!(CURRENT.get(), self.id, "only the work in a fiber can stop it");
        // SAFETY: the work of this very fiber is running, on this thread and on this stack, as just
        // checked; so the frame that the pointer's invariant speaks of is there.
        unsafe { self.yielder.as_ref() }.suspend(value)
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::{Fiber, Pause, Step};

    #[test]
    fn work_stops_and_goes_on() {
        let mut fiber = Fiber::new(64 << 10, |pause: &Pause<u32, u32>, first| {
            let second = pause.wait(first + 1);
            pause.clone().wait(second + 1)
        })
        .expect("a stack");
        assert_eq!(fiber.resume(1), Step::Waits(2));
        assert_eq!(fiber.resume(5), Step::Waits(6));
        assert!(!fiber.is_over());
        assert_eq!(fiber.resume(9), Step::Over(9));
        assert!(fiber.is_over());
    }

    #[test]
    fn fibers_interleave_and_nest() {
        let count = |pause: &Pause<(), u32>, ()| (0..3).for_each(|i| pause.wait(i));
        let mut inner = Fiber::new(64 << 10, count).expect("a stack");
        let mut outer = Fiber::new(64 << 10, move |pause: &Pause<(), u32>, ()| {
            while let Step::Waits(i) = inner.resume(()) {
                pause.wait(10 + i);
            }
        })
        .expect("a stack");
        let mut other = Fiber::new(64 << 10, count).expect("a stack");
        let mut said = Vec::new();
        for _ in 0..3 {
            said.extend([outer.resume(()), other.resume(())]);
        }
        assert_eq!(said, [10, 0, 11, 1, 12, 2].map(Step::Waits));
        assert_eq!((outer.resume(()), other.resume(())), (Step::Over(()), Step::Over(())));
    }

    #[test]
    fn nobody_else_can_stop_it() {
        let mut fiber = Fiber::new(64 << 10, |pause: &Pause<(), Option<Pause<(), ()>>>, ()| {
            pause.wait(None);
        });
        let mut kept = Fiber::new(64 << 10, |pause: &Pause<(), ()>, ()| {
            pause.wait(());
            pause.clone()
        })
        .expect("a stack");
        kept.resume(());
        let Step::Over(pause) = kept.resume(()) else { panic!("it is over") };
        assert!(catch_unwind(AssertUnwindSafe(|| pause.wait(()))).is_err());
        assert!(matches!(fiber.as_mut().expect("a stack").resume(()), Step::Waits(None)));
    }

    #[test]
    fn a_panic_passes_through() {
        let mut fiber =
            Fiber::new(64 << 10, |_: &Pause<(), ()>, ()| panic!("as wanted")).expect("a stack");
        assert!(catch_unwind(AssertUnwindSafe(|| fiber.resume(()))).is_err());
        assert!(fiber.is_over());
    }

    #[test]
    fn what_waits_is_dropped_with_its_fiber() {
        let kept = std::rc::Rc::new(());
        let inside = kept.clone();
        let mut fiber = Fiber::new(64 << 10, move |pause: &Pause<(), ()>, ()| {
            let _inside = inside;
            pause.wait(());
        })
        .expect("a stack");
        fiber.resume(());
        drop(fiber);
        assert_eq!(std::rc::Rc::strong_count(&kept), 1);
    }
}

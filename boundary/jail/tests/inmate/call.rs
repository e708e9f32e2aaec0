use std::io;

/// Makes a system call. Pointers among `arguments` must be good for what the call does to them.
pub fn call<const N: usize>(number: libc::c_long, arguments: [usize; N]) -> io::Result<usize> {
    let mut all = [0; 6];
    all[..N].copy_from_slice(&arguments);
    let [a, b, c, d, e, f] = all;
    // SAFETY: upheld by the callers in this program, who pass numbers, null, or memory of their
    // own that is as large as the call expects.
    let result = unsafe { libc::syscall(number, a, b, c, d, e, f) };
    match result {
        -1 => Err(io::Error::last_os_error()),
        result => Ok(result as usize),
    }
}

/// The address of something, for [`call`].
pub fn at<T>(thing: &T) -> usize {
    std::ptr::from_ref(thing) as usize
}

/// The address of something that a call writes to.
pub fn at_mut<T>(thing: &mut T) -> usize {
    std::ptr::from_mut(thing) as usize
}

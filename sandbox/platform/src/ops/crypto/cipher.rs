//! AES piece by piece, as `node:crypto` offers it.

use insula_spidermonkey::{Args, Local, Scope, Throw};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::aes::{BLOCK, Gcm, Transform, cbc, ctr, ecb, unpadded};
use super::secret::secret;
use super::{Failure, answer, bytes, text};

/// Bytes between two looks at whether the isolate may go on.
const PIECE: usize = 1 << 20;

/// A cipher on its way.
struct CipherState {
    mode: Mode,
    encrypts: bool,
    /// The authentication tag, once it is known.
    tag: Option<[u8; BLOCK]>,
}

enum Mode {
    /// Each byte by itself.
    Stream(Box<dyn Transform>),
    /// Whole blocks, and what waits for the rest of its block.
    Blocks(Box<dyn Transform>, Zeroizing<Vec<u8>>),
    Gcm(Box<Gcm>),
    Done,
}

impl CipherState {
    fn new(mode: &str, encrypts: bool, key: &[u8], iv: &[u8]) -> Result<Self, Failure> {
        let waiting = Zeroizing::new(Vec::new());
        let mode = match mode {
            "ctr" => Mode::Stream(ctr(key, iv)?),
            "cbc" => Mode::Blocks(cbc(key, iv, encrypts)?, waiting),
            "ecb" => Mode::Blocks(ecb(key, encrypts)?, waiting),
            "gcm" => Mode::Gcm(Box::new(Gcm::new(key, iv, encrypts)?)),
            _ => return Err(Failure::NotSupported),
        };
        Ok(Self { mode, encrypts, tag: None })
    }

    fn update(&mut self, piece: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let mut output = Zeroizing::new(piece.to_vec());
        match &mut self.mode {
            Mode::Stream(transform) => transform.apply(&mut output),
            Mode::Gcm(gcm) => gcm.apply(&mut output),
            Mode::Blocks(transform, waiting) => {
                waiting.extend_from_slice(piece);
                // A deciphered last block may be padding: it waits for what comes.
                let kept = match waiting.len() % BLOCK {
                    0 if !self.encrypts && !waiting.is_empty() => BLOCK,
                    rest => rest,
                };
                let whole = waiting.len() - kept;
                let rest = Zeroizing::new(waiting.split_off(whole));
                output = std::mem::replace(waiting, rest);
                transform.apply(&mut output);
            }
            Mode::Done => return None,
        }
        Some(output)
    }

    fn finish(&mut self, pads: bool, tag: Option<&[u8]>) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let nothing = Zeroizing::new(Vec::new());
        match std::mem::replace(&mut self.mode, Mode::Done) {
            Mode::Stream(_) => Ok(nothing),
            Mode::Gcm(gcm) => {
                let computed = gcm.tag();
                if self.encrypts {
                    self.tag = Some(computed);
                    return Ok(nothing);
                }
                let tag = tag.filter(|tag| (4..=BLOCK).contains(&tag.len()));
                let is_right = tag.is_some_and(|tag| computed[..tag.len()].ct_eq(tag).into());
                if is_right { Ok(nothing) } else { Err(Failure::Operation) }
            }
            Mode::Blocks(transform, waiting) => last_block(transform, waiting, self.encrypts, pads),
            Mode::Done => Err(Failure::Operation),
        }
    }
}

fn last_block(
    mut transform: Box<dyn Transform>,
    mut waiting: Zeroizing<Vec<u8>>,
    encrypts: bool,
    pads: bool,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    if encrypts && pads {
        let padding = BLOCK - waiting.len() % BLOCK;
        waiting.extend(std::iter::repeat_n(padding as u8, padding));
    }
    if !waiting.len().is_multiple_of(BLOCK) {
        return Err(Failure::Operation);
    }
    transform.apply(&mut waiting);
    if !encrypts && pads {
        let block = waiting.as_slice().try_into().map_err(|_| Failure::Operation)?;
        let length = unpadded(block).ok_or(Failure::Operation)?;
        waiting.truncate(length);
    }
    Ok(waiting)
}

/// `cipherNew(mode, encrypts, key, iv)`: AES in the mode `cbc`, `ctr`, `ecb` or `gcm`, to be fed piece by piece.
pub(in crate::ops) fn cipher_new<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let mode = text(scope, args.get(0))?;
        let encrypts = args.get(1).as_bool() == Some(true);
        let key = secret(scope, args.get(2))?;
        let iv = bytes(scope, args.get(3))?;
        let state = CipherState::new(&mode, encrypts, &key, &iv)?;
        Ok(scope.resource(state)?)
    })
}

/// `cipherAad(state, data)`: additional data of GCM; false for another mode, and when it is too late.
pub(in crate::ops) fn cipher_aad<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    let data = bytes(scope, args.get(1))?;
    let taken =
        scope.with_resource(args.get(0), |state: &mut CipherState| match &mut state.mode {
            Mode::Gcm(gcm) => gcm.add(&data),
            _ => false,
        })?;
    Ok(scope.boolean(taken))
}

/// `cipherUpdate(state, data)`: what of the result is known with it.
pub(in crate::ops) fn cipher_update<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let length = scope.with_bytes(args.get(1), |bytes| bytes.len())?;
        // What waited may come out with it.
        let room = scope.array_buffer_filled(length + BLOCK, |_| ())?;
        let mut written = 0;
        for at in (0..length).step_by(PIECE) {
            let end = length.min(at + PIECE);
            let piece = scope.with_bytes(args.get(1), |bytes| {
                Zeroizing::new(bytes.get(at..end).unwrap_or_default().to_vec())
            })?;
            let output = scope
                .with_resource(args.get(0), |state: &mut CipherState| state.update(&piece))?
                .ok_or(Failure::Operation)?;
            scope.with_bytes_mut(room, |bytes| {
                bytes[written..written + output.len()].copy_from_slice(&output);
            })?;
            written += output.len();
            scope.check_interrupt()?;
        }
        Ok(scope.uint8_array_over(room, written)?)
    })
}

/// `cipherFinish(state, pads, tag)`: the rest of the result. Deciphering fails for a wrong padding or tag.
pub(in crate::ops) fn cipher_finish<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let pads = args.get(1).as_bool() != Some(false);
        let tag = if args.get(2).is_undefined() { None } else { Some(bytes(scope, args.get(2))?) };
        let rest = scope.with_resource(args.get(0), |state: &mut CipherState| {
            state.finish(pads, tag.as_deref().map(Vec::as_slice))
        })??;
        Ok(scope.uint8_array(&rest)?)
    })
}

/// `cipherTag(state)`: GCM's tag, when enciphering has finished.
pub(in crate::ops) fn cipher_tag<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    match scope.with_resource(args.get(0), |state: &mut CipherState| state.tag)? {
        Some(tag) => scope.uint8_array(&tag),
        None => Ok(scope.undefined()),
    }
}

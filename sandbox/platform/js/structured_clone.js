// @ts-check
/**
 * structuredClone of the HTML Standard (https://html.spec.whatwg.org/multipage/structured-data.html#dom-structuredclone),
 * over the engine's own serializer.
 *
 * Where we differ: the platform's objects are told apart only when they are the value itself. Inside of
 * other objects, the engine sees them as plain ones.
 */

import { ifLoaded } from './lazy.js';
import { ops } from './ops.js';
import { ObjectGetOwnPropertyDescriptor, ObjectGetPrototypeOf, RegExpPrototypeExec, TypeErrorPrototype } from './primordials.js';
import { conversionError, converters, createDOMException, createSequenceConverter, inspectionOf, requiredArguments } from './webidl.js';

const toTransfer = createSequenceConverter(converters.object);

export function structuredClone(value, options = undefined) {
  const prefix = "Failed to execute 'structuredClone'";
  requiredArguments(arguments.length, 1, prefix);
  const transfer = readTransfer(options, prefix);
  const clone = cloneSerializable(value);
  if (clone !== undefined) return clone;
  if (isPlatformObject(value)) throw createDOMException(`${prefix}: The object could not be cloned.`, 'DataCloneError');
  try {
    return ops.structuredClone(value, transfer);
  } catch (error) {
    throw isCloneError(error) ? createDOMException(`${prefix}: ${error.message}`, 'DataCloneError') : error;
  }
}

/** The platform's serializable objects; undefined for anything else. A class that is not loaded has no objects. */
function cloneSerializable(value) {
  const exceptions = ifLoaded('./dom_exception.js');
  if (exceptions?.isDOMException(value)) return createDOMException(exceptions.exceptionMessage(value), exceptions.exceptionName(value));
  const blobs = ifLoaded('./blob.js');
  if (!blobs?.isBlob(value)) return undefined;
  const bytes = blobs.blobBytes(value);
  const type = blobs.blobType(value);
  return blobs.isFile(value) ? blobs.createFile(bytes, blobs.fileName(value), type, blobs.fileLastModified(value)) : blobs.createBlob(bytes, type);
}

function readTransfer(options, prefix) {
  if (options === undefined || options === null) return undefined;
  if (typeof options !== 'object' && typeof options !== 'function') {
    throw conversionError("cannot be converted to a dictionary of type 'StructuredSerializeOptions'.", prefix, 'Argument 2');
  }
  const { transfer } = options;
  if (transfer === undefined) return undefined;
  const list = toTransfer(transfer, prefix, "'transfer' of 'StructuredSerializeOptions'");
  return list.length === 0 ? undefined : list;
}

function isPlatformObject(value) {
  while (typeof value === 'object' && value !== null && ops.classOf(value) !== 'Proxy') {
    value = ObjectGetPrototypeOf(value);
    if (inspectionOf(value) !== undefined) return true;
  }
  return false;
}

/** Tells the serializer's own TypeErrors from what a tenant's getter threw on the way. */
function isCloneError(error) {
  if (typeof error !== 'object' || error === null || ops.classOf(error) !== 'Error') return false;
  if (ObjectGetPrototypeOf(error) !== TypeErrorPrototype) return false;
  const message = ObjectGetOwnPropertyDescriptor(error, 'message')?.value;
  return typeof message === 'string' && RegExpPrototypeExec(/clone|structured|transferable|detached/, message) !== null;
}

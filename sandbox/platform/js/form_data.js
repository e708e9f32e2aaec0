// @ts-check
/** FormData of the XMLHttpRequest Standard (https://xhr.spec.whatwg.org/#interface-formdata). */
import { createFileFromBlob, isBlob, isFile } from './blob.js';
import { ops } from './ops.js';
import { ArrayPrototypePush, TypeError } from './primordials.js';
import { configureInterface, converters, privateToken, requiredArguments, setIterable } from './webidl.js';

export { parseMultipart, serializeMultipart } from './multipart.js';

/** Whether `value` is a FormData. @type {(value: any) => boolean} */
export let isFormData;
/** The live entry list: a flat array `[name, value, name, value, …]`; values are strings and Files. */
export let formDataEntries;

export class FormData {
  #entries = [];

  static {
    isFormData = (value) => typeof value === 'object' && value !== null && #entries in value;
    formDataEntries = (formData) => formData.#entries;
  }

  constructor(form = undefined, submitter = undefined) {
    if (form === privateToken) this.#entries = submitter;
    else if (form !== undefined) throw new TypeError("Failed to construct 'FormData': there are no HTML forms here to take entries from");
  }

  append(name, value, filename = undefined) {
    const entries = this.#entries;
    const entry = toEntry('append', arguments.length, name, value, filename);
    ArrayPrototypePush(entries, entry.name, entry.value);
  }

  delete(name) {
    const entries = this.#entries;
    removeName(entries, toName('delete', arguments.length, name), 0);
  }

  get(name) {
    const entries = this.#entries;
    const index = indexOfName(entries, toName('get', arguments.length, name));
    return index < 0 ? null : entries[index + 1];
  }

  getAll(name) {
    const entries = this.#entries;
    const key = toName('getAll', arguments.length, name);
    const values = [];
    for (let i = 0; i < entries.length; i += 2) if (entries[i] === key) ArrayPrototypePush(values, entries[i + 1]);
    return values;
  }

  has(name) {
    return indexOfName(this.#entries, toName('has', arguments.length, name)) >= 0;
  }

  set(name, value, filename = undefined) {
    const entries = this.#entries;
    const entry = toEntry('set', arguments.length, name, value, filename);
    const index = indexOfName(entries, entry.name);
    if (index < 0) {
      ArrayPrototypePush(entries, entry.name, entry.value);
      return;
    }
    entries[index + 1] = entry.value;
    removeName(entries, entry.name, index + 2);
  }
}

configureInterface(FormData);
setIterable(FormData, 'FormData', formDataEntries);

/** A FormData with these entries, a flat array `[name, value, …]` that it takes over. */
export function createFormData(entries) {
  return new FormData(privateToken, entries);
}

/** The FormData of an `application/x-www-form-urlencoded` text. */
export function parseUrlEncoded(text) {
  return createFormData(ops.formDecode(text));
}

/** "Create an entry", after the conversions of the two overloads of `append` and `set`. */
function toEntry(method, length, name, value, filename) {
  const prefix = `Failed to execute '${method}' on 'FormData'`;
  requiredArguments(length, 2, prefix);
  if (length > 2 && !isBlob(value)) throw new TypeError(`${prefix}: Argument 2 is not of type 'Blob'.`);
  const key = converters.USVString(name, prefix, 'Argument 1');
  if (!isBlob(value)) return { name: key, value: converters.USVString(value, prefix, 'Argument 2') };
  if (filename !== undefined) return { name: key, value: createFileFromBlob(value, converters.USVString(filename, prefix, 'Argument 3')) };
  return { name: key, value: isFile(value) ? value : createFileFromBlob(value, 'blob') };
}

function toName(method, length, name) {
  const prefix = `Failed to execute '${method}' on 'FormData'`;
  requiredArguments(length, 1, prefix);
  return converters.USVString(name, prefix, 'Argument 1');
}

/** Removes the entries of this name from index `start` on. */
function removeName(entries, name, start) {
  let kept = start;
  for (let i = start; i < entries.length; i += 2) {
    if (entries[i] === name) continue;
    entries[kept] = entries[i];
    entries[kept + 1] = entries[i + 1];
    kept += 2;
  }
  entries.length = kept;
}

function indexOfName(entries, name) {
  for (let i = 0; i < entries.length; i += 2) if (entries[i] === name) return i;
  return -1;
}

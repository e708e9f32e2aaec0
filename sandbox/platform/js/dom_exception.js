// @ts-check
/**
 * DOMException of Web IDL (https://webidl.spec.whatwg.org/#idl-DOMException).
 */

import { ArrayPrototypeIndexOf, Error, ErrorPrototype, ObjectSetPrototypeOf, ReflectConstruct } from './primordials.js';
import { copyStack, registerSerializable } from './serializable.js';
import { configureInterface, converters, defineConstants } from './webidl.js';

/** Whether `value` is a DOMException. */
export let isDOMException;

class ReturnGiven {
  constructor(object) {
    return object;
  }
}

/** Private fields put onto a real error object, so that it has a stack and `Error.isError` knows it. */
class State extends ReturnGiven {
  #message;
  #name;

  constructor(error, message, name) {
    super(error);
    this.#message = message;
    this.#name = name;
  }

  static message(exception) {
    return exception.#message;
  }

  static exceptionName(exception) {
    return exception.#name;
  }

  static {
    isDOMException = (value) => typeof value === 'object' && value !== null && #name in value;
  }
}

/** Its message and name, whatever a tenant did to the accessors. */
export const { message: exceptionMessage, exceptionName } = State;

export class DOMException {
  constructor(message = '', name = 'Error') {
    const prefix = "Failed to construct 'DOMException'";
    message = converters.DOMString(message, prefix, 'Argument 1');
    name = converters.DOMString(name, prefix, 'Argument 2');
    return /** @type {any} */ (new State(ReflectConstruct(Error, [], new.target), message, name));
  }

  get name() {
    return exceptionName(this);
  }

  get message() {
    return exceptionMessage(this);
  }

  get code() {
    return ArrayPrototypeIndexOf(namesByCode, exceptionName(this)) + 1;
  }
}

/** The names that have a legacy code; the code is the index plus one. Codes without a name are holes. */
const namesByCode = [
  'IndexSizeError', undefined, 'HierarchyRequestError', 'WrongDocumentError', 'InvalidCharacterError',
  undefined, 'NoModificationAllowedError', 'NotFoundError', 'NotSupportedError', 'InUseAttributeError',
  'InvalidStateError', 'SyntaxError', 'InvalidModificationError', 'NamespaceError', 'InvalidAccessError',
  undefined, 'TypeMismatchError', 'SecurityError', 'NetworkError', 'AbortError',
  'URLMismatchError', 'QuotaExceededError', 'TimeoutError', 'InvalidNodeTypeError', 'DataCloneError',
];

ObjectSetPrototypeOf(DOMException.prototype, ErrorPrototype);
configureInterface(DOMException, { length: 0 });
defineConstants(DOMException, {
  INDEX_SIZE_ERR: 1, DOMSTRING_SIZE_ERR: 2, HIERARCHY_REQUEST_ERR: 3, WRONG_DOCUMENT_ERR: 4, INVALID_CHARACTER_ERR: 5,
  NO_DATA_ALLOWED_ERR: 6, NO_MODIFICATION_ALLOWED_ERR: 7, NOT_FOUND_ERR: 8, NOT_SUPPORTED_ERR: 9, INUSE_ATTRIBUTE_ERR: 10,
  INVALID_STATE_ERR: 11, SYNTAX_ERR: 12, INVALID_MODIFICATION_ERR: 13, NAMESPACE_ERR: 14, INVALID_ACCESS_ERR: 15,
  VALIDATION_ERR: 16, TYPE_MISMATCH_ERR: 17, SECURITY_ERR: 18, NETWORK_ERR: 19, ABORT_ERR: 20,
  URL_MISMATCH_ERR: 21, QUOTA_EXCEEDED_ERR: 22, TIMEOUT_ERR: 23, INVALID_NODE_TYPE_ERR: 24, DATA_CLONE_ERR: 25,
});

registerSerializable(isDOMException, (exception) => {
  const copy = new DOMException(exceptionMessage(exception), exceptionName(exception));
  copyStack(exception, copy);
  return copy;
});

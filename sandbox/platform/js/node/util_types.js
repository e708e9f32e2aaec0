// @ts-check
/** `util.types` (https://nodejs.org/docs/latest-v20.x/api/util.html#utiltypes): answered by the engine, not by what objects say of themselves. */

import { ifLoaded } from '../lazy.js';
import { ops } from '../ops.js';
import { FunctionPrototypeToString, ObjectDefineProperty, ObjectKeys, RegExpPrototypeExec } from '../primordials.js';
import { ArrayBufferIsView, TypedArrayPrototypeGetSymbolToStringTag } from '../primordials/buffers.js';

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';
const classOf = (value) => (isObject(value) ? ops.classOf(value) : '');
const isClass = (name) => (value) => classOf(value) === name;
const isView = (name) => (value) => isObject(value) && TypedArrayPrototypeGetSymbolToStringTag(value) === name;
const asyncSource = /^async[\s(*]/;
const generatorSource = /^(?:async\s+)?(?:function\s*\*|\*)/;

export const isAnyArrayBuffer = (value) => classOf(value) === 'ArrayBuffer' || classOf(value) === 'SharedArrayBuffer';
export const isArgumentsObject = isClass('Arguments');
export const isArrayBuffer = isClass('ArrayBuffer');
export const isArrayBufferView = (value) => ArrayBufferIsView(value);
export const isAsyncFunction = (value) => typeof value === 'function' && RegExpPrototypeExec(asyncSource, FunctionPrototypeToString(value)) !== null;
export const isBigInt64Array = isView('BigInt64Array');
export const isBigIntObject = isClass('BigInt');
export const isBigUint64Array = isView('BigUint64Array');
export const isBooleanObject = isClass('Boolean');
export const isBoxedPrimitive = (value) => {
  const name = classOf(value);
  return name === 'BigInt' || name === 'Boolean' || name === 'Number' || name === 'String' || name === 'Symbol';
};
export const isCryptoKey = (value) => ifLoaded('./crypto/key.js')?.isCryptoKey(value) === true;
export const isDataView = isClass('DataView');
export const isDate = isClass('Date');
export const isExternal = (_value) => false;
export const isFloat32Array = isView('Float32Array');
export const isFloat64Array = isView('Float64Array');
export const isGeneratorFunction = (value) => typeof value === 'function' && RegExpPrototypeExec(generatorSource, FunctionPrototypeToString(value)) !== null;
export const isGeneratorObject = (value) => classOf(value) === 'Generator' || classOf(value) === 'AsyncGenerator';
export const isInt16Array = isView('Int16Array');
export const isInt32Array = isView('Int32Array');
export const isInt8Array = isView('Int8Array');
export const isKeyObject = (value) => ifLoaded('./node/crypto_keys.js')?.isKeyObject(value) ?? false;
export const isMap = isClass('Map');
export const isMapIterator = isClass('Map Iterator');
export const isModuleNamespaceObject = (value) => classOf(value) === 'Module' || classOf(value) === 'ModuleNamespace';
export const isNativeError = isClass('Error');
export const isNumberObject = isClass('Number');
export const isPromise = isClass('Promise');
export const isProxy = isClass('Proxy');
export const isRegExp = isClass('RegExp');
export const isSet = isClass('Set');
export const isSetIterator = isClass('Set Iterator');
export const isSharedArrayBuffer = isClass('SharedArrayBuffer');
export const isStringObject = isClass('String');
export const isSymbolObject = isClass('Symbol');
export const isTypedArray = (value) => isObject(value) && TypedArrayPrototypeGetSymbolToStringTag(value) !== undefined;
export const isUint16Array = isView('Uint16Array');
export const isUint32Array = isView('Uint32Array');
export const isUint8Array = isView('Uint8Array');
export const isUint8ClampedArray = isView('Uint8ClampedArray');
export const isWeakMap = isClass('WeakMap');
export const isWeakSet = isClass('WeakSet');

const module = {
  isExternal, isDate, isArgumentsObject, isBigIntObject, isBooleanObject, isNumberObject, isStringObject, isSymbolObject, isNativeError, isRegExp, isAsyncFunction,
  isGeneratorFunction, isGeneratorObject, isPromise, isMap, isSet, isMapIterator, isSetIterator, isWeakMap, isWeakSet, isArrayBuffer, isDataView, isSharedArrayBuffer,
  isProxy, isModuleNamespaceObject, isAnyArrayBuffer, isBoxedPrimitive, isArrayBufferView, isTypedArray, isUint8Array, isUint8ClampedArray, isUint16Array, isUint32Array,
  isInt8Array, isInt16Array, isInt32Array, isFloat32Array, isFloat64Array, isBigInt64Array, isBigUint64Array, isKeyObject, isCryptoKey,
};
// The functions tell their names, as they would as methods.
const names = ObjectKeys(module);
for (let i = 0; i < names.length; i++) ObjectDefineProperty(module[names[i]], 'name', { __proto__: null, value: names[i], configurable: true });

export default module;

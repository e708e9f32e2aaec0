// @ts-check
/**
 * Base64 utility methods of the HTML Standard (https://html.spec.whatwg.org/multipage/webappapis.html#atob).
 */

import { ops } from './ops.js';
import { converters, createDOMException, requiredArguments } from './webidl.js';

export function atob(data) {
  const prefix = "Failed to execute 'atob'";
  requiredArguments(arguments.length, 1, prefix);
  const binary = ops.atob(converters.DOMString(data, prefix, 'Argument 1'));
  if (binary === undefined) throw createDOMException(`${prefix}: The string to be decoded is not correctly encoded.`, 'InvalidCharacterError');
  return binary;
}

export function btoa(data) {
  const prefix = "Failed to execute 'btoa'";
  requiredArguments(arguments.length, 1, prefix);
  const base64 = ops.btoa(converters.DOMString(data, prefix, 'Argument 1'));
  if (base64 === undefined) {
    throw createDOMException(`${prefix}: The string to be encoded contains characters outside of the Latin1 range.`, 'InvalidCharacterError');
  }
  return base64;
}

// @ts-check
/** Primordials of errors that the platform hardly ever makes. */

import { ops } from '../ops.js';

const AggregateError = ops.intrinsic('AggregateError');
const EvalError = ops.intrinsic('EvalError');
const ReferenceError = ops.intrinsic('ReferenceError');
const SyntaxError = ops.intrinsic('SyntaxError');
const URIError = ops.intrinsic('URIError');
export { AggregateError, EvalError, ReferenceError, SyntaxError, URIError };

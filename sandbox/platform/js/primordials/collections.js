// @ts-check
/** Primordials of sets and of what holds weakly. */

import { ops } from '../ops.js';
import { ReflectApply, getter, uncurryThis } from '../primordials.js';

const Set = ops.intrinsic('Set');
const WeakMap = ops.intrinsic('WeakMap');
const WeakRef = ops.intrinsic('WeakRef');
const WeakSet = ops.intrinsic('WeakSet');
export { Set, WeakMap, WeakRef, WeakSet };

export const SetPrototypeAdd = uncurryThis(Set.prototype.add);
export const SetPrototypeDelete = uncurryThis(Set.prototype.delete);
const setForEach = Set.prototype.forEach;
export const SetPrototypeForEach = (set, callback) => ReflectApply(setForEach, set, [callback]);
export const SetPrototypeGetSize = getter(Set.prototype, 'size');
export const SetPrototypeHas = uncurryThis(Set.prototype.has);
export const WeakMapPrototypeGet = uncurryThis(WeakMap.prototype.get);
const weakMapSet = WeakMap.prototype.set;
export const WeakMapPrototypeSet = (map, key, value) => ReflectApply(weakMapSet, map, [key, value]);
export const WeakRefPrototypeDeref = uncurryThis(WeakRef.prototype.deref);
export const WeakSetPrototypeAdd = uncurryThis(WeakSet.prototype.add);
export const WeakSetPrototypeDelete = uncurryThis(WeakSet.prototype.delete);
export const WeakSetPrototypeHas = uncurryThis(WeakSet.prototype.has);

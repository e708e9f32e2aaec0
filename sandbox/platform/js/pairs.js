// @ts-check
/** Lists of names and values, as Headers and URLSearchParams have them. Loaded when one is first sorted. */

import { ArrayPrototypePush, ArrayPrototypeSort } from './primordials.js';

/** Sorts a flat array of names and values by name; pairs of one name keep their order. */
export function sortPairs(list) {
  const { length } = list;
  if (length > fewPairs) {
    sortManyPairs(list);
    return;
  }
  for (let i = 2; i < length; i += 2) {
    const name = list[i];
    const value = list[i + 1];
    let place = i;
    for (; place > 0 && list[place - 2] > name; place -= 2) {
      list[place] = list[place - 2];
      list[place + 1] = list[place - 1];
    }
    list[place] = name;
    list[place + 1] = value;
  }
}
/** Elements up to which the time for looking at each pair for each does not matter. */
const fewPairs = 32;

function sortManyPairs(list) {
  const pairs = [];
  for (let i = 0; i < list.length; i += 2) ArrayPrototypePush(pairs, { name: list[i], value: list[i + 1] });
  ArrayPrototypeSort(pairs, (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  for (let i = 0; i < pairs.length; i++) {
    list[2 * i] = pairs[i].name;
    list[2 * i + 1] = pairs[i].value;
  }
}

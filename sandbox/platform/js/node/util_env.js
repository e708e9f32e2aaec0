// @ts-check
/** The text of a `.env` file as variables (https://nodejs.org/docs/latest-v20.x/api/util.html#utilparseenvcontent). */

import { RegExpPrototypeExec, StringPrototypeIndexOf, StringPrototypeSlice, StringPrototypeTrim } from '../primordials.js';

const assignment = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*=[^\S\n]*/;

export function parseVariables(text) {
  const variables = {};
  while (text !== '') {
    const match = RegExpPrototypeExec(assignment, text);
    if (match === null) {
      text = afterLine(text);
      continue;
    }
    text = StringPrototypeSlice(text, match[0].length);
    const mark = text[0];
    const close = mark === '"' || mark === "'" || mark === '`' ? StringPrototypeIndexOf(text, mark, 1) : -1;
    if (close !== -1) {
      let value = StringPrototypeSlice(text, 1, close);
      if (mark === '"') value = withLineFeeds(value);
      variables[match[1]] = value;
      text = afterLine(StringPrototypeSlice(text, close + 1));
      continue;
    }
    const end = StringPrototypeIndexOf(text, '\n');
    let value = end === -1 ? text : StringPrototypeSlice(text, 0, end);
    const comment = StringPrototypeIndexOf(value, '#');
    if (comment !== -1) value = StringPrototypeSlice(value, 0, comment);
    variables[match[1]] = StringPrototypeTrim(value);
    text = end === -1 ? '' : StringPrototypeSlice(text, end + 1);
  }
  return variables;
}

function afterLine(text) {
  const end = StringPrototypeIndexOf(text, '\n');
  return end === -1 ? '' : StringPrototypeSlice(text, end + 1);
}

function withLineFeeds(value) {
  let text = '';
  for (;;) {
    const at = StringPrototypeIndexOf(value, '\\n');
    if (at === -1) return text + value;
    text += `${StringPrototypeSlice(value, 0, at)}\n`;
    value = StringPrototypeSlice(value, at + 2);
  }
}

// @ts-check
/** CloseEvent of the WebSockets Standard (https://websockets.spec.whatwg.org/#the-closeevent-interface). */

import { Event, eventInitMembers, takeEventInit } from '../event.js';
import { configureInterface, converters, createDictionaryConverter, requiredArguments } from '../webidl.js';

const toCloseEventInit = createDictionaryConverter('CloseEventInit', eventInitMembers(), [
  { key: 'wasClean', converter: converters.boolean, defaultValue: () => false },
  { key: 'code', converter: converters['unsigned short'], defaultValue: () => 0 },
  { key: 'reason', converter: converters.USVString, defaultValue: () => '' },
]);

export class CloseEvent extends Event {
  #init;

  constructor(type, eventInitDict = undefined) {
    const prefix = "Failed to construct 'CloseEvent'";
    requiredArguments(arguments.length, 1, prefix);
    type = converters.DOMString(type, prefix, 'Argument 1');
    const init = toCloseEventInit(eventInitDict, prefix, 'Argument 2');
    super(type);
    takeEventInit(this, init);
    this.#init = init;
  }

  get wasClean() {
    return this.#init.wasClean;
  }

  get code() {
    return this.#init.code;
  }

  get reason() {
    return this.#init.reason;
  }
}

configureInterface(CloseEvent, { length: 1, inspectable: ['wasClean', 'code', 'reason'] });

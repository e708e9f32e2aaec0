// @ts-check
/**
 * The navigator object of the HTML Standard (https://html.spec.whatwg.org/multipage/system-state.html#the-navigator-object),
 * as far as a server has something true to say.
 */

import { ObjectFreeze } from './primordials.js';
import { configureInterface, illegalConstructor, privateToken } from './webidl.js';

export class Navigator {
  #languages = undefined;

  constructor(token) {
    if (token !== privateToken) illegalConstructor();
  }

  get userAgent() {
    this.#languages;
    return 'Insula';
  }

  /** One isolate is one thread. */
  get hardwareConcurrency() {
    this.#languages;
    return 1;
  }

  get language() {
    this.#languages;
    return 'en';
  }

  get languages() {
    return (this.#languages ??= ObjectFreeze(['en']));
  }
}

configureInterface(Navigator, { length: 0, inspectable: ['userAgent', 'hardwareConcurrency', 'language', 'languages'] });

/** The `navigator` of the global scope. */
export const navigator = new Navigator(privateToken);

// @ts-check
/** `node:dns`, by name alone: names are resolved by the host. What is called throws an error that names it. */

import { codes, functions } from './dns_names.js';
import promises from './dns_promises.js';
import { stubs } from './unavailable.js';

const module = {
  ...stubs('dns', functions),
  ADDRCONFIG: 32,
  ALL: 16,
  V4MAPPED: 8,
  ...codes,
  promises,
};

export const {
  lookup, lookupService, Resolver, getDefaultResultOrder, setDefaultResultOrder, setServers, getServers, resolve, resolve4, resolve6, resolveAny, resolveCaa,
  resolveCname, resolveMx, resolveNaptr, resolveNs, resolvePtr, resolveSoa, resolveSrv, resolveTxt, reverse, ADDRCONFIG, ALL, V4MAPPED, NODATA, FORMERR, SERVFAIL,
  NOTFOUND, NOTIMP, REFUSED, BADQUERY, BADNAME, BADFAMILY, BADRESP, CONNREFUSED, TIMEOUT, EOF, FILE, NOMEM, DESTRUCTION, BADSTR, BADFLAGS, NONAME, BADHINTS,
  NOTINITIALIZED, LOADIPHLPAPI, ADDRGETNETWORKPARAMS, CANCELLED,
} = module;
export { promises };
export default module;

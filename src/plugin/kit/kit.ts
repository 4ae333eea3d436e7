// What plugins have in common, `fairlead/plugin/kit`: our own are built with it, and so may be anybody's.
//   fetch/   documents of an issuer: which addresses may be asked, bounded reading, faults in words for an operator
//   keys/    signature algorithms, public keys judged one by one, a key set that is kept fresh
//   page     the one page template; answers of endpoints
//   claims, strict-json, durations, waits, shown: small things that are easy to get wrong
// Unlike the contract, which `api` counts, the kit may change with each version of the gateway.
export { DocumentError } from './fetch/document-error.ts';
export { answeredDocument, documentAt, documentIn } from './fetch/documents.ts';
export type { DocumentSource } from './fetch/documents.ts';
export { cutFault, fetchFault, statusFault } from './fetch/fetch-fault.ts';
export { isLoopbackHost, urlFault } from './fetch/url-fault.ts';
export { checkIssuer } from './fetch/issuer-metadata.ts';
export { readBounded } from './fetch/read-bounded.ts';
export { ISSUER_WAITS } from './issuer-waits.ts';
export { ALGORITHMS, DEFAULT_ALGORITHMS } from './keys/algorithms.ts';
export type { Algorithm } from './keys/algorithms.ts';
export { KeySet } from './keys/key-set.ts';
export type { KeySetOptions, KeySource } from './keys/key-set.ts';
export { keysIn, MAX_KEYS } from './keys/keys-in.ts';
export { keyFault } from './keys/signing-key.ts';
export type { SigningKey } from './keys/signing-key.ts';
export { authenticatedAt, isName, readClaims, secondsOf } from './claims.ts';
export { DURATION_PATTERN, milliseconds } from './durations.ts';
export { deepFreeze } from '../../core/deep-freeze.ts';
export { isOwnPath, pathTo } from '../../core/own-path.ts';
export { Markup, markup } from '../../html/markup.ts';
export { PRIVATE_HEADERS, pageResponse, seeOther } from './page.ts';
export type { Page } from './page.ts';
export { stepUpField } from '../../core/step-up-field.ts';
export { shown } from './shown.ts';
export { isJsonObject, readJsonObject } from './strict-json.ts';
export type { JsonObject } from './strict-json.ts';
export { atMost, pause, timeLeft, within } from './waits.ts';

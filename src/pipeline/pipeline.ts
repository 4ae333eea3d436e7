// The way of a request between its two ends, listener and upstream.
//   handle.ts              begins, evaluates, follows the decision, ends; exchange.ts is what one request carries on the way
//   follow.ts              what a decision becomes: forward-allowed, answered, preflight, a page, or a refusal (fault-refusal)
//   client-response.ts     the application's response on its way to the client (own-fields, measured-sink)
//   respond-and-record.ts  the refusal of an exchange, and its record (notes)
//   decisions.ts           keeps what was decided under the id that the client is told (decision-parts)
//   live-identities.ts     ends streams whose login has ended (recently-ended.ts)
//   passthrough.ts         TLS connections that go on untouched (passthrough-connection.ts)
export { decisionParts, placedAnswers } from './decision-parts.ts';
export { Decisions } from './decisions.ts';
export { Follow } from './follow.ts';
export { ForwardAllowed } from './forward-allowed.ts';
export { Pipeline } from './handle.ts';
export { LiveIdentities } from './live-identities.ts';
export { Passthrough } from './passthrough.ts';
export { RespondAndRecord } from './respond-and-record.ts';

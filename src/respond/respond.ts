// Every answer of ours is made and sent here (send); the application's is made fit for the client.
//   response-headers, response-trailers   the application's fields as the client may see them
//   refusal-*, grpc-refusal, prefers-html a refusal as problem+json, a page, or gRPC
//   own-response, own-page, private-fields what the gateway's own pages say
//   cors, hsts, optional-login, field-rules, preset-fields   fields that the policy adds or takes out
//   followed-stream, frame-boundary, *-framing  where a stream may be ended between two messages
export { CORS_FIELDS, corsFields, preflightFields } from './cors.ts';
export { ruledFields, unruledFields } from './field-rules.ts';
export { FollowedStream } from './followed-stream.ts';
export { hstsFor } from './hsts.ts';
export { httpDate } from './http-date.ts';
export { optionalLoginFields } from './optional-login.ts';
export { ownPageFields } from './own-page.ts';
export { lookOf, pageAsset } from './page-look.ts';
export type { PageAsset } from './page-look.ts';
export { ownResponseFields } from './own-response.ts';
export { withPreset } from './preset-fields.ts';
export { prefersHtml } from './prefers-html.ts';
export { clientInformationalFields, clientResponseFields } from './response-headers.ts';
export { clientTrailers } from './response-trailers.ts';
export { decisionField } from './refusal-response.ts';
export { sendFarewell, sendOwnResponse, sendRefusal } from './send.ts';

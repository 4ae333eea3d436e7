// The shape of a policy (zod): each key with its type, its text for operators and its default.
//   policy.ts       the whole document, made of gateway, network, service, tenants, limits, route, require (claim-condition.ts), cors, sessions,
//                   admin, certificate, pages, timeout, tls, narrowing, answers, headers (field-text.ts), and inherited (what routes and services take over)
//   scalars.ts      durations, sizes, rates, names and references; units.ts reads and writes them
//   defaults.ts     every default, once
//   schema-walk.ts  what a key is: its neighbours, and whether it is a secret or a file
//   rule-fields.ts  the fields of a rule, and how what defaults, route and path say of each joins (joining.ts)
//   json-schema.ts, reference.ts   the editor schema and docs/policy-reference.md; default-text.ts and value-kind.ts word them
//   examples/       what the reference shows of a block: YAML, in the metadata of its place (reference-examples.ts)
export { DEFAULTS } from './defaults.ts';
export type { JsonSchema } from './json-schema-data.ts';
export {
  CORE_OPTIONS,
  coreSchemaJson,
  optionsSchemaJson,
  policySchemaJson,
} from './json-schema.ts';
export type { PluginCatalogue } from './json-schema.ts';
export { referencePage } from './reference.ts';
export { policySchema } from './policy.ts';
export type { PolicyDocument } from './policy.ts';
export type { AddressesInput } from './addresses.ts';
export type { CorsInput } from './cors.ts';
export type { AddressRuleInput } from './address-rule.ts';
export type { LimitsInput, TierLimitsInput } from './limits.ts';
export type { StoreInput } from './sessions.ts';
export type { ConditionInput } from './claim-condition.ts';
export type { RequireInput } from './require.ts';
export type { ProofInput, TestInput } from './tests.ts';
export { MAX_ANSWER_BYTES } from './answers.ts';
export type { RedirectInput, RespondInput, RewriteInput } from './answers.ts';
export type { ServiceInput } from './service.ts';
export type { AuthInput, RouteInput } from './route.ts';
export { RULE_FIELDS } from './rule-fields.ts';
export type { RuleField } from './rule-fields.ts';
export { holdingAt, isSecretMark, knownKeys, marksBelow } from './schema-walk.ts';
export type { Holding, Mark } from './schema-walk.ts';
export {
  byteRateText,
  durationText,
  parseDuration,
  parseListenAddress,
  parseSize,
  sizeText,
} from './units.ts';

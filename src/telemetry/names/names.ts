/**
 * The register: every name by which an operator meets the gateway, with its text. Metrics, events of plugins,
 * fields of access lines and reason codes are in this folder; refusals, faults and drops, which decide the
 * status and the level as well, are in `core` and only passed on here. Names and texts, nothing that runs.
 */
export { FAULTS } from '../../core/errors.ts';
export { REFUSALS } from '../../core/refusal.ts';
export { DROPS } from '../../core/drop.ts';
export { ACCESS_FIELDS } from './access-fields.ts';
export type { AccessFieldName } from './access-fields.ts';
export { CODE_TEXTS, codeText } from './code-texts.ts';
export type { CodeText } from './code-texts.ts';
export { METRICS } from './metrics.ts';
export type { Metric } from './metrics.ts';
export { PLUGIN_EVENTS } from './plugin-events.ts';
export { PLUGIN_REASONS } from './plugin-reasons.ts';
export { REASONS, namedReason } from './reasons.ts';
export type { ReasonCode } from './reasons.ts';

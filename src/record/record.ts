// One record for each exchange and connection, and what is made of it; nothing here can fail a request.
//   recorder, exchange-record, connection-record  what is recorded, once, on every way out
//   access-log, json-line, iso-time, log, log-destination, pretty-lines  lines for operators and where they go
//   gateway-metrics, metrics, metric-*            numbers for Prometheus
//   drop-log, plugin-events                       what was dropped unanswered, what plugins report
//   decisions/                                    the last decisions, by the id that a client was told
export { AccessLog } from './access-log.ts';
export type { ConnectionRecord } from './connection-record.ts';
export { cutText } from './decisions/decision-record.ts';
export type { DecidedProvider, DecisionRecord } from './decisions/decision-record.ts';
export { DecisionRing } from './decisions/decision-ring.ts';
export type { KeptDecisions } from './decisions/decision-ring.ts';
export { DropLog, tellDrops } from './drop-log.ts';
export { exchangeRecord } from './exchange-record.ts';
export { GatewayMetrics } from './gateway-metrics.ts';
export { bufferedDestination, directDestination } from './log-destination.ts';
export { createLog } from './log.ts';
export type { Log, LogLevel } from './log.ts';
export { METRICS_CONTENT_TYPE } from './prometheus-text.ts';
export { Recorder } from './recorder.ts';

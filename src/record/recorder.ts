import type { AccessLog } from './access-log.ts';
import type { ExchangeRecord } from './exchange-record.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';

/** The last stage: one call per exchange, on every way out. Never refuses and never throws. */
export class Recorder {
  readonly #metrics: GatewayMetrics;
  readonly #accessLog: AccessLog | undefined;

  /** `accessLog` undefined: metrics only. */
  constructor(metrics: GatewayMetrics, accessLog: AccessLog | undefined) {
    this.#metrics = metrics;
    this.#accessLog = accessLog;
  }

  record(record: ExchangeRecord): void {
    this.#metrics.count(record);
    try {
      this.#accessLog?.write(record);
    } catch {
      // A full disk or a closed pipe is no reason to fail a request that is already answered.
      this.#metrics.droppedLines.add(1);
    }
  }
}

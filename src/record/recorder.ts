import type { AccessLog } from './access-log.ts';
import type { ConnectionRecord } from './connection-record.ts';
import type { ExchangeRecord } from './exchange-record.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';

/** The last stage: one call per exchange or passthrough connection, on every way out. Never refuses and never throws. */
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
    this.#write((log) => log.write(record));
  }

  connection(record: ConnectionRecord): void {
    this.#metrics.countConnection(record);
    this.#write((log) => log.writeConnection(record));
  }

  #write(write: (log: AccessLog) => void): void {
    try {
      if (this.#accessLog !== undefined) write(this.#accessLog);
    } catch {
      // A full disk or a closed pipe is no reason to fail a request that is already answered.
      this.#metrics.droppedLines.add(1);
    }
  }
}

import { openSync } from 'node:fs';
import { Gateway } from '../src/app/gateway.ts';
import { loadPolicySet } from '../src/app/load/load-policy-set.ts';
import { systemClock } from '../src/app/system-clock.ts';
import { formatIssues } from '../src/policy/issues/issue-format.ts';
import { AccessLog, bufferedDestination } from '../src/record/record.ts';
import type { Log } from '../src/record/record.ts';

export interface DemoGatewayOptions {
  /** Of the policy set. */
  readonly directory: string;
  /** Gets the access lines. */
  readonly accessFile: string;
  readonly log: Log;
  readonly version: string;
}

/** The gateway as `fairlead run` starts it, in this process; disposal drains it. */
export class DemoGateway implements AsyncDisposable {
  readonly #gateway: Gateway;
  readonly #flush: () => void;

  private constructor(gateway: Gateway, flush: () => void) {
    this.#gateway = gateway;
    this.#flush = flush;
  }

  static async start(options: DemoGatewayOptions): Promise<DemoGateway> {
    const { directory, log, version } = options;
    const set = await loadPolicySet(directory, {
      generation: 1,
      cwd: process.cwd(),
      env: process.env,
    });
    if (set.kind === 'errors') throw new Error(formatIssues(set.issues, { format: 'text' }));
    let flush = (): void => {};
    const gateway = await Gateway.start({
      set,
      log,
      clock: systemClock,
      version,
      accessLog: (metrics) => {
        const onDrop = () => metrics.droppedLines.add(1);
        const destination = bufferedDestination(openSync(options.accessFile, 'w', 0o600), onDrop);
        flush = () => destination.flushSync();
        return new AccessLog(destination);
      },
    });
    return new DemoGateway(gateway, flush);
  }

  get port(): number {
    return this.#gateway.https!.port;
  }

  get adminPort(): number {
    return this.#gateway.adminPort;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#gateway.drain();
    this.#flush();
  }
}

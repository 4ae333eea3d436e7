import { rm } from 'node:fs/promises';
import type { Dispatcher } from 'undici';
import { BUILT_IN_PLUGINS } from '../../../src/app/load/built-in-plugins.ts';
import { Gateway } from '../../../src/app/gateway.ts';
import { loadPolicySet } from '../../../src/app/load/load-policy-set.ts';
import type { LoadedSet } from '../../../src/app/load/load-policy-set.ts';
import { systemClock } from '../../../src/app/system-clock.ts';
import type { AuthenticatorPlugin } from '../../../src/plugin/host/load/catalogue.ts';
import { formatIssues } from '../../../src/policy/issues/issue-format.ts';
import { AccessLog } from '../../../src/record/access-log.ts';
import { createLog } from '../../../src/record/log.ts';
import { HttpsClient } from '../clients/https-client.ts';
import type { RequestOptions } from '../clients/https-client.ts';
import { writeFiles, writePolicySet } from '../policy/policy-set.ts';
import type { PolicySetOptions } from '../policy/policy-set.ts';
import { waitUntil } from '../tools/wait-until.ts';

export interface TestGatewayOptions extends PolicySetOptions {
  /** Default: wait until the gateway is ready. */
  readonly waitUntilReady?: boolean;
  /** Plugins beside the built-in ones. */
  readonly plugins?: readonly AuthenticatorPlugin[];
}

export type AccessLine = Readonly<Record<string, unknown>>;

/** A real gateway on port 0 with its own policy folder; everything ends with the scope. */
export class TestGateway implements AsyncDisposable {
  readonly gateway: Gateway;
  readonly caPem: string;
  readonly directory: string;
  readonly records: AccessLine[];
  /** Of the log, warnings and errors. */
  readonly lines: string[];
  readonly #client: HttpsClient;
  readonly #builtIns: readonly AuthenticatorPlugin[];

  private constructor(parts: {
    gateway: Gateway;
    caPem: string;
    directory: string;
    records: AccessLine[];
    lines: string[];
    builtIns: readonly AuthenticatorPlugin[];
  }) {
    this.#builtIns = parts.builtIns;
    this.gateway = parts.gateway;
    this.caPem = parts.caPem;
    this.directory = parts.directory;
    this.records = parts.records;
    this.lines = parts.lines;
    this.#client = new HttpsClient(parts.caPem);
  }

  static async start(options: TestGatewayOptions): Promise<TestGateway> {
    const { directory, caPem } = await writePolicySet(options);
    const builtIns = [...BUILT_IN_PLUGINS, ...(options.plugins ?? [])];
    const set = await loadSet(directory, 1, builtIns);
    const records: AccessLine[] = [];
    const lines: string[] = [];
    const gateway = await Gateway.start({
      set,
      clock: systemClock,
      log: createLog({
        level: 'warn',
        format: 'json',
        destination: { write: (line) => void lines.push(line) },
      }),
      accessLog: () =>
        new AccessLog({ write: (line) => records.push(JSON.parse(line) as AccessLine) }),
      version: '0.0.0-test',
    });
    const running = new TestGateway({ gateway, caPem, directory, records, lines, builtIns });
    if (options.waitUntilReady ?? true) {
      await waitUntil('gateway is ready', () => gateway.isReady, 10_000);
    }
    return running;
  }

  get port(): number {
    return this.gateway.https!.port;
  }

  /** One request over HTTP/1.1; `host` is app.example.test unless given. */
  request(path: string, options: RequestOptions = {}): Promise<Dispatcher.ResponseData> {
    return this.#client.request(this.port, path, options);
  }

  /** Writes files of the set and reloads it. */
  async reload(files: Readonly<Record<string, string>>): Promise<void> {
    await writeFiles(this.directory, files);
    const generation = this.gateway.snapshot.generation + 1;
    await this.gateway.reload(await loadSet(this.directory, generation, this.#builtIns));
  }

  /** The n-th access line, once it is written. */
  async record(n = 1): Promise<AccessLine> {
    await waitUntil(`access line ${n}`, () => this.records.length >= n);
    return this.records[n - 1]!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]();
    await this.gateway.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}

async function loadSet(
  directory: string,
  generation: number,
  builtIns: readonly AuthenticatorPlugin[],
): Promise<Extract<LoadedSet, { kind: 'ok' }>> {
  const set = await loadPolicySet(directory, { generation, cwd: directory, env: {}, builtIns });
  if (set.kind === 'errors') throw new Error(formatIssues(set.issues, { format: 'text' }));
  return set;
}

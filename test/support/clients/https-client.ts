import { Agent, request } from 'undici';
import type { Dispatcher } from 'undici';

export type RequestOptions = Omit<
  Dispatcher.RequestOptions,
  'path' | 'method' | 'origin' | 'body' | 'headers'
> & {
  readonly method?: string;
  readonly headers?: Dispatcher.RequestOptions['headers'];
  readonly body?: Dispatcher.RequestOptions['body'];
  /** Default: app.example.test. */
  readonly host?: string;
};

/** HTTP/1.1 over TLS to gateways on the loopback, whatever their host is called. */
export class HttpsClient implements AsyncDisposable {
  readonly #agent: Agent;

  constructor(caPem: string) {
    this.#agent = new Agent({
      allowH2: false,
      connect: { ca: caPem, lookup: toLoopback as never },
    });
  }

  request(
    port: number,
    path: string,
    { host = 'app.example.test', method = 'GET', ...rest }: RequestOptions = {},
  ): Promise<Dispatcher.ResponseData> {
    return request(`https://${host}:${port}${path}`, {
      ...(rest as object),
      method: method as 'GET',
      dispatcher: this.#agent,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }
}

/** A `lookup` for which every name is this machine. */
export function toLoopback(
  _host: string,
  options: { all?: boolean },
  callback: (error: null, address: unknown, family?: number) => void,
): void {
  if (options.all === true) callback(null, [{ address: '127.0.0.1', family: 4 }]);
  else callback(null, '127.0.0.1', 4);
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { Application } from '../applications/application.ts';
import { PersonBrowser } from '../clients/chromium.ts';
import type { TestGateway } from '../gateway/gateway.ts';
import { GATEWAY_ORIGIN, startLoginGateway } from './login-gateway.ts';
import { RealProvider } from './real-provider.ts';
import type { RealProviderOptions } from './real-provider.ts';

export interface SceneOptions {
  readonly provider?: RealProviderOptions;
  /** Members of `gateway` in the policy, as YAML lines. */
  readonly gateway?: string;
  /** Members of the provider in the policy, as YAML lines. */
  readonly login?: string;
  readonly hasPartners?: boolean;
  readonly blockCookiesOf?: string;
  /** The gateway starts while nobody answers at the provider's address. */
  readonly isProviderAway?: boolean;
}

/** Application, provider, gateway and a person's browser; all of them real. */
export class LoginScene implements AsyncDisposable {
  readonly provider: RealProvider;
  readonly gateway: TestGateway;
  readonly browser: PersonBrowser;
  readonly #parts: AsyncDisposableStack;

  private constructor(
    parts: Pick<LoginScene, 'provider' | 'gateway' | 'browser'>,
    stack: AsyncDisposableStack,
  ) {
    this.provider = parts.provider;
    this.gateway = parts.gateway;
    this.browser = parts.browser;
    this.#parts = stack;
  }

  static async start(options: SceneOptions = {}): Promise<LoginScene> {
    await using stack = new AsyncDisposableStack();
    const application = stack.use(await Application.start(showVisitor));
    const provider = stack.use(
      await RealProvider.start({ origin: GATEWAY_ORIGIN, ...options.provider }),
    );
    if (options.isProviderAway === true) await provider[Symbol.asyncDispose]();
    const gateway = stack.use(
      await startLoginGateway(application, provider, {
        gateway: options.gateway ?? '',
        provider: options.login ?? '',
        hasPartners: options.hasPartners ?? false,
      }),
    );
    const { blockCookiesOf } = options;
    const browser = stack.use(
      await PersonBrowser.start({
        port: gateway.port,
        ...(blockCookiesOf !== undefined && { blockCookiesOf }),
      }),
    );
    return new LoginScene({ provider, gateway, browser }, stack.move());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.disposeAsync();
  }
}

/** The application's page: what it was told of the visitor. Says nothing of caches, as most do. */
function showVisitor(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(`<!doctype html><html lang="en"><title>Application</title>
<h1>Hello ${String(request.headers['x-user'])}</h1><p>${request.url}</p></html>`);
}

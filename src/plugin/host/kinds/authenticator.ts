import type { Authenticator, AuthResult, Challenge, Endpoint } from '../../contract.ts';
import type { EndpointRequest, Reason, RequestView } from '../../contract.ts';
import type { Guarded, PluginError, SignalSource } from '../call/guarded.ts';
import { challengeFault, resultFault } from './check-result.ts';
import { answerFault, readAnswer } from './endpoint-answer.ts';
import type { ReadAnswer } from './endpoint-answer.ts';
import type { Answering, Kind } from './kind.ts';
import type { Provider } from './provider.ts';

/** Says who sends a request, and may have pages of its own: the kind behind `providers:`. */
export const AUTHENTICATOR: Kind<Authenticator, Provider> = {
  check(made) {
    if (typeof made?.authenticate !== 'function') {
      throw new TypeError('create() gave no authenticator');
    }
    if (!('revalidate' in made)) return;
    // It counts on its streams being asked again, and nothing here would ask.
    const code = 'revalidate_not_in_this_version';
    throw Object.assign(new TypeError('revalidate is not in this version'), { code });
  },
  calls: (provider) => new AuthenticatorCalls(provider),
};

class AuthenticatorCalls implements Provider {
  readonly #provider: Answering<Authenticator>;

  constructor(provider: Answering<Authenticator>) {
    this.#provider = provider;
  }

  get name(): string {
    return this.#provider.name;
  }

  authenticate(view: RequestView, signal: SignalSource): Guarded<AuthResult> {
    return this.#provider.current.ask(signal, {
      call: (authenticator, call) => authenticator.authenticate(view, call),
      fault: resultFault,
    });
  }

  challenge(view: RequestView, why: Reason, signal: SignalSource): Guarded<Challenge | undefined> {
    const { current } = this.#provider;
    if (current.made === undefined) return current.absence;
    if (current.made.challenge === undefined) return undefined;
    return current.ask<Challenge | undefined>(signal, {
      call: (authenticator, call) => authenticator.challenge!(view, why, call),
      fault: challengeFault,
    });
  }

  endpoints(): readonly Endpoint[] | PluginError {
    const { made, absence } = this.#provider.current;
    return made === undefined ? absence : (made.endpoints ?? []);
  }

  serve(endpoint: Endpoint, request: EndpointRequest, signal: SignalSource): Guarded<ReadAnswer> {
    return this.#provider.current.askApart(signal, {
      call: async (_, call) => readAnswer(await endpoint.handle(request, call)),
      fault: answerFault,
    });
  }
}

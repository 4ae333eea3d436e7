/** The part of oidc-provider that the demo's issuer and the tests use; the package brings no types of its own. */
declare module 'oidc-provider' {
  import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

  export const interactionPolicy: {
    readonly base: () => { get(prompt: string): { readonly checks: { add(check: object): void } } };
    /** A check that is true asks for the prompt. */
    readonly Check: new (
      reason: string,
      description: string,
      check: (context: never) => boolean,
    ) => object;
  };

  export class Provider {
    constructor(issuer: string, configuration: Readonly<Record<string, unknown>>);
    callback(): RequestListener;
    /** Rejects when the request belongs to no login that is under way. */
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<unknown>;
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: object,
      options: object,
    ): Promise<void>;
    readonly Grant: new (grant: { accountId: string; clientId: string }) => {
      addOIDCScope(scope: string): void;
      save(): Promise<string>;
    };
  }
}

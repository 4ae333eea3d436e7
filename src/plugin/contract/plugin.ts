import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';
import type { Context } from './context.ts';
import type { Call, EndpointRequest, RequestView } from './request.ts';
import type { Cookie } from '../../core/own-cookies.ts';
import type { AuthResult, Challenge, Reason } from './result.ts';

/** The version of this contract. A plugin's package.json has it too: `"fairleadPlugin": { "api": 1 }`. */
export const PLUGIN_API = 1 as const;

/**
 * Standard Schema with its JSON Schema half (npm @standard-schema/spec 1.1): zod, valibot or arktype, as the author
 * likes. The core reports what it finds at file, line and column; the JSON Schema joins the policy's, so that editors
 * complete the options.
 */
export type OptionsSchema<O> = StandardSchemaV1<unknown, O> & StandardJSONSchemaV1<unknown, O>;

/** What `create` may give whatever the kind is. A throw or a rejection of any member is a failure of the plugin. */
export interface PluginLife<O = unknown> {
  /** New options for this instance, within 10 s; `restart`: create a new one. Never called concurrently. */
  reload?(options: O): Promise<void | 'restart'>;
  /** Asked after `create` and every 10 s. Not ok: `/readyz` says degraded, with `detail`. */
  health?(call: Call): Promise<{ ok: boolean; detail?: string }>;
  /** Called once: after the last call of an instance that was replaced, or when the gateway stops. Has 10 s. */
  close?(): Promise<void>;
}

/** What `create` gives for the kind `authenticator`. */
export interface Authenticator<O = unknown> extends PluginLife<O> {
  /** Asked for each request of a rule that names the provider. A value is faster than a promise. */
  authenticate(req: RequestView, call: Call): AuthResult | Promise<AuthResult>;
  /** Asked only when every provider of the rule passed. Absent: this provider never challenges. */
  challenge?(req: RequestView, why: Reason, call: Call): Challenge | Promise<Challenge>;
  /**
   * Callback, logout, back-channel logout: mounted by the core below `/.fairlead/<provider>/`, on the hosts whose
   * routes ask the provider. A GET `login` begins a login on purpose: the core links there with `return_to`, and with
   * `acr_values` and `max_age` (seconds) where the route requires them.
   */
  endpoints?: readonly Endpoint[];
}

/** A page or a redirect of the plugin's own, with a body of at most 1 MiB. */
export interface Endpoint {
  readonly method: 'GET' | 'POST';
  /** Below `/.fairlead/<provider>/`, without a slash in front: `callback`. */
  readonly path: string;
  /** `same-origin`: Sec-Fetch-Site or Origin must say so, else 403. */
  readonly csrf: 'none' | 'same-origin';
  /** Octets of the request's body; beyond it the answer is 413. Default 65,536. */
  readonly maxBodyBytes?: number;
  /** Operators must register its address elsewhere, as this: `redirect URI`. For `fairlead explain`. */
  readonly registerAs?: string;
  /** Has 10 s. */
  handle(req: EndpointRequest, call: Call): Promise<EndpointAnswer>;
}

/** Cookies travel beside the response, since their attributes are the core's; its own Set-Cookie fields are dropped. */
export type EndpointAnswer =
  | Response
  | {
      readonly response: Response;
      readonly setCookies: readonly Cookie[];
      /** The answer says no, and why: for the access line, the decision record and `Fairlead-Decision`, which has the code. */
      readonly reason?: Reason;
    };

/** What `create` gives, by kind. One kind in this version. */
export interface PluginKinds<O> {
  authenticator: Authenticator<O>;
}

/** The default export of a plugin's package. */
export interface Plugin<K extends keyof PluginKinds<O>, O> {
  readonly api: typeof PLUGIN_API;
  readonly kind: K;
  /** Of a package: the package's name. */
  readonly name: string;
  /**
   * What it has to do with the Authorization field. `reads`: the field is its credential, and goes on to the service
   * with a request that its provider accepts. `writes`: the service may take the field for the gateway's own word, so a
   * client's goes on from no path of a route that asks its provider, but as `reads` says. Absent: neither.
   */
  readonly authorization?: 'reads' | 'writes';
  /** Without `plugin`, `timeout` and `isolation`, which the core reads and takes out. */
  readonly options: OptionsSchema<O>;
  /** What the schema cannot say. Pure and offline, since `fairlead check` calls it. `path` points into the options. */
  check?(
    options: O,
  ): readonly { path: readonly (string | number)[]; message: string; hint?: string }[];
  /**
   * At a reload: whether an instance with the options `before` may answer while one with `next` does not work yet, an
   * hour at most. False where it would let in whom `next` does not. Pure. Absent: when their `issuer` is the same.
   */
  mayStandIn?(before: O, next: O): boolean;
  /** Has 10 s. A rejection leaves only the provider's routes at 503, and is tried again after 1 s to 30 s. */
  create(options: O, ctx: Context): Promise<PluginKinds<O>[K]>;
}

/** The plugin itself, with its types inferred. */
export function definePlugin<O, K extends keyof PluginKinds<O>>(p: Plugin<K, O>): Plugin<K, O> {
  return p;
}

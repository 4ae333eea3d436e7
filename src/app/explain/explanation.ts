import type { DecidedProvider, DecisionRecord } from '../../record/record.ts';

/**
 * What the policy does with one described request: the parts of a decision record, and what only a command can
 * say. `fairlead explain --url … --format json` prints it, so its names stay (docs/explain.md).
 */
export interface Explanation extends Pick<
  DecisionRecord,
  'outcome' | 'gate' | 'status' | 'code' | 'reason' | 'identity'
> {
  readonly request: {
    readonly method: string;
    readonly host: string;
    /** Without the query. */
    readonly path: string;
    readonly version: string;
    readonly client: string;
    /** The trusted proxy whose word the client's address is. */
    readonly proxy?: string | undefined;
  };
  /** Of a refusal: what the client is told. */
  readonly sentence?: string | undefined;
  /** What is near to a host that no route has, or why no request is read there. */
  readonly hint?: string | undefined;
  /** Of a redirect of the policy. */
  readonly location?: string | undefined;
  readonly route?: ExplainedRoute | undefined;
  readonly providers: readonly ExplainedProvider[];
  readonly tenant?: ExplainedTenant | undefined;
  readonly limits: readonly ExplainedLimit[];
  /** What the service gets; undefined: nothing is forwarded. */
  readonly application?: ApplicationView | undefined;
  /** What the policy does to the fields of the response; undefined: nothing. */
  readonly response?: ResponseView | undefined;
  readonly register: readonly Registration[];
  /** What holds on the route without being written; only where it was asked for. */
  readonly defaults?: readonly UnwrittenValue[] | undefined;
}

export interface Placed {
  /** `file:line:column`; undefined: not written. */
  readonly at?: string | undefined;
}

/** `at`: `tenants.id`, or the override of this tenant. */
export type ExplainedTenant = NonNullable<DecisionRecord['tenant']> &
  Placed & { readonly tierAt?: string | undefined };

export interface ExplainedRoute extends Omit<NonNullable<DecisionRecord['route']>, 'rules'> {
  /** Of the request, normalised. */
  readonly takes: string;
  readonly rules: readonly WrittenValue[];
}

/** One value that holds, and what decided it. */
export interface WrittenValue {
  readonly field: string;
  readonly text: string;
  readonly at: string;
  /** `gateway.defaults`, `service`, `route`, `path`, or `profile NAME`. */
  readonly level: string;
}

/** One value that holds because nothing was written. */
export interface UnwrittenValue {
  readonly field: string;
  readonly text: string;
  /** The page that describes the key. */
  readonly documented: string;
}

/** `not asked`: another provider had decided before. */
export interface ExplainedProvider extends Omit<DecidedProvider, 'said'> {
  readonly said: DecidedProvider['said'] | 'not asked';
  readonly subject?: string | undefined;
  readonly issuer?: string | undefined;
}

/** Nobody was asked what is left: a gateway that just started has this many. */
export interface ExplainedLimit extends Placed {
  readonly name: string;
  /** `5/s`, `4 at the same time`, or `4 connections`. */
  readonly amount: string;
  readonly startsWith: number;
  readonly mode: 'enforce' | 'shadow';
}

export interface ApplicationView {
  readonly service: string;
  /** `routing key web:8080`. */
  readonly way: string;
  readonly method: string;
  /** With the query. */
  readonly target: string;
  /** In their order; a credential is `[redacted]`. `at`: where the policy writes it. */
  readonly headers: readonly FieldView[];
  /** Fields of the client that `headers.request.remove` takes out, whether this request has them or not. */
  readonly without?: readonly FieldName[] | undefined;
}

export interface FieldName extends Placed {
  /** Lower case. */
  readonly name: string;
}

export interface FieldView extends FieldName {
  readonly value: string;
}

export interface ResponseView {
  /** Set or added by the policy. */
  readonly headers: readonly FieldView[];
  /** Taken out of what the application answers. */
  readonly without: readonly FieldName[];
  /** Of `headers.preset`: put in where the response has none of that name. */
  readonly unlessSet: readonly FieldView[];
}

/** Addresses that must be known to somebody outside of the policy: the provider, for a login. */
export interface Registration extends Placed {
  readonly provider: string;
  /** `redirect URI`. */
  readonly as: string;
  readonly addresses: readonly string[];
}

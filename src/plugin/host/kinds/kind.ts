import type { PluginLife } from '../../contract.ts';
import type { GuardedAction } from '../call/call-guard.ts';
import type { Guarded, PluginError, SignalSource } from '../call/guarded.ts';

/**
 * A kind of plugin, as the host knows it: which object `create()` has to give, and which calls the gateway makes of it.
 * A new kind is a file that gives one of these, a row in `kinds.ts`, and its interface in the contract.
 */
export interface Kind<Made extends PluginLife, Calls> {
  /** Throws when what `create()` gave is no instance of this kind, or needs what this version does not do. */
  check(made: Made): void;
  /** The calls of the kind. Made once for each provider; they ask whichever instance answers at the moment. */
  calls(provider: Answering<Made>): Calls;
}

/** A provider, whatever stands behind it: one instance, or two of which the one before still answers. */
export interface Answering<Made> {
  readonly name: string;
  /** The instance that answers now. */
  readonly current: Callable<Made>;
}

/** One instance, as the calls of its kind see it. */
export interface Callable<Made> {
  /** What `create()` gave; undefined before that, and after the instance was closed. */
  readonly made: Made | undefined;
  /** Why `made` is not there. */
  readonly absence: PluginError;
  /** A call for a request: guarded, timed, counted by the circuit of the provider. */
  ask<T>(signal: SignalSource, action: GuardedAction<Made, T>): Guarded<T>;
  /**
   * A call that anybody on the internet can cause, such as a callback: its failures count on a circuit of their own,
   * so that bad requests there do not open the provider's.
   */
  askApart<T>(signal: SignalSource, action: GuardedAction<Made, T>): Guarded<T>;
}

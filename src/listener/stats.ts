import { DROPS, type DropReason } from '../core/drop.ts';

/** Cells the metrics read. The listener adds to them; nobody else writes. */
export class ListenerStats {
  openConnections = 0;
  /** What was closed without an answer, by reason. */
  readonly drops = Object.fromEntries(Object.keys(DROPS).map((reason) => [reason, 0])) as Record<
    DropReason,
    number
  >;
}

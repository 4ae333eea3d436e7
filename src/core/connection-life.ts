/** How long a client's connection lasts, for what is held until it closes. */
export interface ConnectionLife {
  readonly isOver: boolean;
  /** Called once, when it closes; never when it is closed already. */
  onEnd(listener: () => void): void;
}

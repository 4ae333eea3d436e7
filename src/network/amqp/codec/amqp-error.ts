/**
 * Conditions of AMQP 1.0 part 2, 2.8.15 to 2.8.18 that we may put into a frame. Only these leave us;
 * what a peer sends is kept as it came.
 */
export const CONDITIONS = [
  'amqp:internal-error',
  'amqp:not-found',
  'amqp:unauthorized-access',
  'amqp:decode-error',
  'amqp:resource-limit-exceeded',
  'amqp:not-allowed',
  'amqp:invalid-field',
  'amqp:not-implemented',
  'amqp:precondition-failed',
  'amqp:illegal-state',
  'amqp:connection:forced',
  'amqp:connection:framing-error',
  'amqp:session:window-violation',
  'amqp:session:unattached-handle',
  'amqp:session:handle-in-use',
  'amqp:link:detach-forced',
  'amqp:link:transfer-limit-exceeded',
] as const;

export type Condition = (typeof CONDITIONS)[number];

/** The peer broke the protocol. The text says what was found and what was wanted. */
export class AmqpError extends Error {
  readonly condition: Condition;

  constructor(condition: Condition, description: string) {
    super(description);
    this.name = 'AmqpError';
    this.condition = condition;
  }
}

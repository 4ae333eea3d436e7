import type { Attach, Target } from '../src/network/amqp/codec/codec.ts';

/** What a router puts into the terminus it does not decide. */
const PLAIN = { durable: 0, expiryPolicy: 'session-end', timeout: 0, dynamic: false } as const;

/** The answer to a receiving link with a dynamic source: its address is in the source. */
export function answerToReceiver(attach: Attach, address: string): Attach {
  return {
    ...common(attach),
    role: false,
    source: { ...PLAIN, address, dynamic: true },
    target: PLAIN,
  };
}

/** The answer to a sending link: the target comes back as it was asked for. */
export function answerToSender(attach: Attach): Attach {
  return { ...common(attach), role: !attach.role, source: PLAIN, target: mirrored(attach.target) };
}

function common(attach: Attach): Omit<Attach, 'role'> {
  return {
    kind: 'attach',
    name: attach.name,
    handle: attach.handle,
    sndSettleMode: attach.sndSettleMode ?? 2,
    rcvSettleMode: attach.rcvSettleMode ?? 0,
    initialDeliveryCount: 0,
    maxMessageSize: 0,
  };
}

function mirrored(target: Target | undefined): Target {
  const { address, capabilities } = target ?? {};
  return { ...PLAIN, address, capabilities };
}

import type { GatewayError } from '../../../../../src/core/errors.ts';
import { ChannelStream } from '../../../../../src/network/channel-stream.ts';
import type { Lane } from '../../../../../src/network/amqp/lane/lane.ts';
import type { LaneOptions } from '../../../../../src/network/amqp/lane/lane-options.ts';
import { type ScriptedRouter, until } from '../scripted-router.ts';

/** The stream over a lane, and all that came of it. */
export interface ObservedLane {
  readonly lane: ChannelStream;
  readonly channel: Lane;
  isOpen: boolean;
  openError: GatewayError | undefined;
  error: Error | undefined;
  isEnded: boolean;
  isClosed: boolean;
  text: string;
}

export function openLane(
  router: ScriptedRouter,
  allowHalfOpen = false,
  reads = true,
  more: Partial<LaneOptions> = {},
): ObservedLane {
  const channel = router.connection.openLane({
    routingKey: 'web:8080',
    allowHalfOpen,
    ...more,
    onOpen: (error) => {
      observed.isOpen = error === undefined;
      observed.openError = error;
    },
  })!;
  const lane = new ChannelStream(channel);
  const observed: ObservedLane = {
    lane,
    channel,
    isOpen: false,
    openError: undefined,
    error: undefined,
    isEnded: false,
    isClosed: false,
    text: '',
  };
  lane.on('error', (error) => (observed.error = error));
  lane.on('end', () => (observed.isEnded = true));
  lane.on('close', () => (observed.isClosed = true));
  if (reads) lane.on('data', (chunk: Buffer) => (observed.text += chunk.toString('latin1')));
  return observed;
}

/** A lane whose response opening has arrived. */
export async function openedLane(
  router: ScriptedRouter,
  allowHalfOpen = false,
  reads = true,
): Promise<ObservedLane> {
  const channel = router.all('begin').length;
  const observed = openLane(router, allowHalfOpen, reads);
  await router.attach(channel);
  router.credit(channel);
  await router.received('transfer', 1, channel);
  router.answer(channel);
  await until(() => observed.isOpen, 'lane open');
  return observed;
}
